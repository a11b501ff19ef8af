"""Handlers: what the service tasks of the diagrams do.

One module a theme; topic `letters.notify_iom` is `notify_iom` in letters.py.
"""
