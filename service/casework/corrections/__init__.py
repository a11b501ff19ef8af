"""Corrections: an answer that was sent is put right, by a new fact; the old one stays."""
