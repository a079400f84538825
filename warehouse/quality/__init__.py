"""What is checked of a run and of a version, and the report that tells it."""
