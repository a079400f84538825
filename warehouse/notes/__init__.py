"""What people write, in a small relational database: one module per kind of thing written."""
