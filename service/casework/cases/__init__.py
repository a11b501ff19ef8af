"""One case: load it, move it one turn, and what a viewer may see of it.

Imported by `casefile` and above; imports `people` and below.
"""
