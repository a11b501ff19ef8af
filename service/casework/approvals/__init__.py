"""Approvals: what one person asks for and a second one decides, the same way for everything.

Imported by `casefile` and above; imports `cases` and below.
"""
