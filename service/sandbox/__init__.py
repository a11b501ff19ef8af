"""Child processes, and what runs in them: handlers, attachment checks, linting of foreign files.

Imported by `web`, `cli`, `worker` and `app`; imports `actions` and below. Starts processes; no SQL,
no keys.
"""
