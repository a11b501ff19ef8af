"""Rows of case lists, and other rows of a case that a turn reads and writes besides its history."""
