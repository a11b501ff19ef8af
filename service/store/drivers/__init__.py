"""Drivers: how one transaction runs on SQLite and on PostgreSQL."""
