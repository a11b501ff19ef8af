"""Queries for the lists of pages: inbox, case list, oversight, office statistics."""
