"""The SQL files, one per table, and the small modules that load, check and order them."""
