"""Revisions of the tables, each up and down on both databases."""
