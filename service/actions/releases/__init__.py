"""Releases as the program uses them: files, digest, the prepared form, how long steps take.

Imported by `context` and above; imports `programme` and the store.
"""
