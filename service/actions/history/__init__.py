"""A case's history: replay, verify, narrative, promises, and what an auditor sees of it.

Imported by `operations`, `pages` and the doors; imports `commands` and below.
"""
