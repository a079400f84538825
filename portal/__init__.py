"""The teachers' and coordinators' pages."""
