"""Drafts and releases for process owners: edit, compare, publish, outline.

Imported by `pages`; imports `casefile` and below. `referrals` does not know it.
"""
