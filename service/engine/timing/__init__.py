"""Durations, calendars and working days."""
