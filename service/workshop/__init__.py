"""Drafts and releases for process owners: edit, try, compare, review, publish, move open cases."""
