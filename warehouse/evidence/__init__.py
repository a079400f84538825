"""What rules are worth on a district's own past; reads a published warehouse, nothing else."""
