"""How a district stands, and who is told: freshness, runs, problems, messages."""
