"""Durations, calendars and working days.

Imported by `spiff`, `lint` and the top of `engine`; imports `feel`.
"""
