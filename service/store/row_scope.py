"""The row scope: no statement reaches rows of cases that it was not narrowed to.

A statement that is not narrowed is refused before it goes to the database. It may touch the tables
of cases in two ways:

*bound*   its conditions tie each of them to rows that the code named (`open_tables`). Which case
          and which office that may be is asked of `access` before.
*system*  it went through `as_system` with one of the reasons below: a named place that looks at
          everything.

Texts and driver-level SQL are refused, except pragmas, the beginning of a transaction, and
migrations.
Source: decisions/0008.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import event

from service.store.open_tables import Node, open_tables, texts

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine
    from sqlalchemy.sql import ClauseElement

Marked = TypeVar("Marked", bound=Any)
"""Whatever can be executed; its kinds share no class that knows `execution_options`."""
Execution: TypeAlias = Any
"""SQLAlchemy's own record of one execution."""

OPTION = "tresteg_scope"
REASONS: Mapping[str, str] = {
    "queue": "the worker looks for what is due, whichever case it belongs to",
    "remind": "reminders look at all that waits too long",
    "verify": "verification and dry runs fold every case, under its pseudonym",
    "audit": "who looks after all cases finds them by pseudonym or number",
    "process": "who owns a process counts and moves the cases that run on a release",
    "operate": "who runs the installation sees what stopped, by ids alone",
    "load": "how much waits where and how fast offices answer, in numbers",
    "figures": "an office's figures enter by what ends or stopped, and keep what is of its cases",
    "usual": "how long a step usually takes, in days, from cases that have ended",
    "letterbox": "the demo's letterbox: letters as they leave, whose words name nobody",
    "report": "the programme report counts cases, and keeps sums alone",
    "start": "the start looks whether this machine's clock or program is behind the newest facts",
    "pseudonym": "a new case gets a pseudonym that no other has; no row of the others is given",
    "approve": "a second person decides what a first one asked for; no answer of a case is in it",
    "backup": "a backup copies every row as it is, sealed, and a restore puts it back",
    "schema": "tables are made, looked at and changed by migrations",
}
"""Places that look at everything, and why they may."""
PLAIN_WORDS = ("PRAGMA ", "BEGIN", "SHOW ")
"""How driver-level statements may begin."""


class ScopeMissing(Exception):
    """A statement on tables of cases that nobody narrowed. Nothing was read.

    A fault of this program, not of who asks.
    """


def as_system(reason: str, statement: Marked) -> Marked:
    """Let a statement look at everything, for one of `REASONS`.

    Raises:
        KeyError: no such reason.
    """
    marked: Marked = statement.execution_options(**{OPTION: REASONS[reason]})
    return marked


def is_marked(statement: object) -> bool:
    """Whether a statement looks at everything, for one of `REASONS`."""
    options: Mapping[str, object] = getattr(statement, "get_execution_options", dict)()
    return OPTION in options


def attach(engine: Engine) -> None:
    """Check everything that goes through an engine.

    A prepared statement goes past this, and is checked when it is prepared.
    """

    @event.listens_for(engine, "before_execute")
    def ordinary(
        _conn: object,
        statement: ClauseElement,
        _many: object,
        _one: object,
        options: Mapping[str, object],
    ) -> None:
        if OPTION not in options:  # as they were merged from the connection and the statement
            check_scope(statement)

    @event.listens_for(engine, "before_cursor_execute")
    def driver(
        conn: Connection,
        _cursor: object,
        text: str,
        _values: object,
        context: Execution,
        _many: object,
    ) -> None:
        marked = OPTION in conn.get_execution_options()
        if context.compiled is None and not marked and not text.startswith(PLAIN_WORDS):
            raise ScopeMissing("driver-level SQL")


KEPT = 4096
"""The code has some hundred shapes of statements; at so many they are forgotten and checked anew.
"""
_PASSED: set[Any] = set()
"""Shapes of statements that were let through.

They are what SQLAlchemy itself keeps compiled text under, so values have no part in them.
"""


def check_scope(statement: Node) -> None:
    """Refuse a statement that is not narrowed.

    Raises:
        ScopeMissing: with the tables that lie open, or the kind of statement that is none.
    """
    if is_marked(statement):
        return
    cached = statement._generate_cache_key()  # noqa: SLF001 - SQLAlchemy has no public name for the shape of a statement
    shape = None if cached is None else cached.key
    if shape is not None and shape in _PASSED:
        return
    if found := sorted({*open_tables(statement), *texts(statement)}):
        raise ScopeMissing(", ".join(found))
    if shape is not None:
        if len(_PASSED) >= KEPT:
            _PASSED.clear()
        _PASSED.add(shape)
