"""An auditor's searches over all cases, and the log of who looked.

Imported by `web`; imports `history` and below.
"""
