"""Dagster's assets, checks and schedules, and the command line. The only folder that imports dagster."""
