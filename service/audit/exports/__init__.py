"""Exports of events of process class over many cases: XES, CSV, JSON Lines."""
