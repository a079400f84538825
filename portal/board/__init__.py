"""The board of a class or a team of classes, and what a class's page shows beside it."""
