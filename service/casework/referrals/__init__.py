"""Referrals between offices: compose, send, answer, and their page.

Imported by `commands` and above; imports `casefile` and below. `publishing` does not know it.
"""
