"""Releases as the program uses them: files, digest, the prepared form, durations of steps.

Imported by `context` and above; imports `programme` and the store.
"""
