"""Drafts and releases for process owners: edit, compare, publish, outline, templates.

Imported by web, command line, `sandbox` and `demo`; imports `casefile` and below. `referrals` does
not know it.
"""
