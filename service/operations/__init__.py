"""Operation of an installation: incidents, reminders, mail delivery, clock guard, housekeeping.

Imported by `pages`, `application` web, command line and worker; imports `history` and below.
"""
