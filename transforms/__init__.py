"""The SQL files, one per table, and the small module that loads, checks and orders them. Knows no engine."""
