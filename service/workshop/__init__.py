"""Drafts and releases for process owners: edit, compare, publish, outline, templates."""
