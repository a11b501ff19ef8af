"""Verbs: everything that a door can do.

Each takes the transaction first, never ends it, and is handed the time.
"""
