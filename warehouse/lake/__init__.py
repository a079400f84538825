"""The lake: its tables, how DuckDB sees them, and parts of older layouts."""
