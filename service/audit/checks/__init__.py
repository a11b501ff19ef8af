"""Checks of stored rows: those that decide against the ledger, those of a case against its replay,
and those of the installation against each other. `audit.verify` runs them.
"""
