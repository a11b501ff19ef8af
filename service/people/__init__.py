"""People and offices: the directory, sign-in, sessions, preferences, rate limits.

Imported by `cases` and above; imports `context`, `ledger_entries`, `ids` and below.
"""
