"""Asks a database how it would walk through its tables."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from service.store.database import Database

UNLIKELY = ("seqscan", "sort")
"""What PostgreSQL does only where there is no other way: every table of a test is one page."""


@contextmanager
def explaining(database: Database) -> Iterator[Callable[[str, Any], list[str]]]:
    """Gives the plan of a statement, step by step, as a database plans that has much in it."""
    if not database.postgres:
        asked = sqlite3.connect(str(database.engine.url.database))
        yield (
            lambda statement, values: (
                []
                if statement.startswith("BEGIN")
                else [row[3] for row in asked.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
            )
        )
        asked.close()
        return
    address = database.engine.url.set(drivername="postgresql")
    with psycopg.connect(address.render_as_string(hide_password=False)) as server:
        for name in UNLIKELY:
            server.execute(f"SET enable_{name} = off".encode())

        def plan(statement: str, values: Any) -> list[str]:
            if not statement.startswith("SELECT") or "set_config(" in statement:
                return []
            asked = psycopg.RawCursor(server) if "$1" in statement else server.cursor()
            return [row[0] for row in asked.execute(f"EXPLAIN {statement}".encode(), values)]

        yield plan
