"""Audit: verify, replay, proofs, searches, exports and reports of cases and the ledger."""
