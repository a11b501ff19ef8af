"""The container that every entry point gets, the submission of commands, and the unit of work that
runs them in a transaction.

Imported by `web`, `cli`, `worker` and `demo`; imports `actions` and below. Opens and ends
transactions; no SQL.
"""
