"""Rows of the installation: offices, people, sessions, releases, keys, settings, ledger."""
