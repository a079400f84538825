"""Layouts that are new or have changed: drafted, guessed, accepted."""
