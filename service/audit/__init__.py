"""A case's history: replay, verify, narrative, promises, and what an auditor sees of it.

Imported by `operations`, `pages`, web and command line; imports `commands` and below.
"""
