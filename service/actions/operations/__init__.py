"""What keeps an installation going: incidents, reminders, mail delivery, clock guard, housekeeping.

Imported by `pages`, `application` and the doors; imports `history` and below.
"""
