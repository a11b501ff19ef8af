"""Child processes, and what runs in them: handlers, checks of attachments, linting of foreign
files.

Imported by `web`, `cli`, `worker` and `app`; imports `actions` and below. Starts processes; no SQL,
no keys.
"""
