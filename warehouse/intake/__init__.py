"""From what the sources hold to settled parts of the lake."""
