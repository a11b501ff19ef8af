"""The tables of the floor, and a connection to them: the driver alone."""

from __future__ import annotations

import sqlite3
from typing import Any

import psycopg

TABLES = (
    "floor_case (id TEXT PRIMARY KEY, state TEXT)",
    "floor_waiting (task TEXT PRIMARY KEY, case_id TEXT, element TEXT, since TEXT)",
    "floor_event (id TEXT PRIMARY KEY, case_id TEXT, at TEXT, task TEXT, answers TEXT)",
)
INDEX = "CREATE INDEX IF NOT EXISTS floor_waiting_case ON floor_waiting (case_id)"
PRAGMAS = ("journal_mode=wal", "synchronous=2", "secure_delete=1", "foreign_keys=1")
"""As the product's SQLite has them."""


def connect(url: str) -> Any:
    """A connection that ends no transaction by itself."""
    if not url.startswith("sqlite"):
        return psycopg.connect(url, autocommit=True)
    conn = sqlite3.connect(url.removeprefix("sqlite:///"), isolation_level=None, timeout=30)
    for pragma in PRAGMAS:
        conn.execute(f"PRAGMA {pragma}")
    return conn


def make(url: str) -> None:
    """Make the tables, unless they are there."""
    conn = connect(url)
    for table in TABLES:
        conn.execute(f"CREATE TABLE IF NOT EXISTS {table}")
    conn.execute(INDEX)
    conn.close()
