"""Corrections: an answer that was sent is put right, by a new fact that stands beside the old one.

Imported by `history` and above; imports `tasks` and below.
"""
