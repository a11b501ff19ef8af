"""The container that every door is handed, and the unit of work that runs a command in a
transaction.

Imported by `web`, `cli`, `worker` and `demo`; imports `actions` and below. Opens and ends
transactions; no SQL.
"""
