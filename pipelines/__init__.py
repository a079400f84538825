"""Dagster's assets, checks and schedules, and the command line. Only here is dagster imported."""
