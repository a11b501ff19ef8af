"""Commands and queries: everything that the web, the command line and the worker can do.

Each takes the transaction first, never ends it, and is handed the time.
"""
