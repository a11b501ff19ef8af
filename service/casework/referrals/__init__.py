"""Referrals between offices: compose, send, answer, and their page."""
