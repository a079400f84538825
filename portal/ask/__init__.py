"""Ask: SQL of an adult over the rows of their own students, in a process of its own."""
