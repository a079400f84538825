"""Every measure a second time, in plain Python, from the words of docs/measures.md.

Belongs here: the formulas, written for reading and not for speed. They share no code with
transforms/, warehouse/ or connectors/, so that an error there is not repeated here.
"""
