"""Forgetting a student: out of everything that the district's home holds, and not to come back.

`marks` (keyed hashes of ids and names), `finding` (which records of a file are a forgotten
student's), `cutting` (the file without them), `scrubbing` (the two, for every kind of file),
`whom` (what names one student), `places` (landing, lake, notes, versions), `search` (whether
anything is left), `command` (all of it, to be ended after a kill).
"""
