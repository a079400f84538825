"""Weekly exports for analysts: tables of the live warehouse as files that reconcile to the row."""
