"""Child processes, and what runs in them: handlers, attachment checks, linting of foreign files.

Starts processes; no SQL, no keys.
"""
