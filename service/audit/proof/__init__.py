"""Proof bundles: the history of a case as somebody without this program can verify it."""
