"""Isolation of a child process: namespaces, Landlock, limits, and the trial that finds out which of
them work on this machine.

In a child it imports the standard library alone.
"""
