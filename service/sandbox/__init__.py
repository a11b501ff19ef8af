"""Child processes, and what runs in them: handlers, channels, attachment checks, papers, scenarios,
linting of foreign files.

Starts processes; no SQL, no keys.
"""
