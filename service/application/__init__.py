"""The container that every entry point gets, the submission of commands, and the unit of work that
runs them in a transaction.

The entry points (`web`, `cli`, `worker`, `demo`) come through here. Opens and ends transactions; no
SQL.
"""
