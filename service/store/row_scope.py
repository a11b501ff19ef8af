"""The row scope: no statement reaches rows of cases that it was not narrowed to.

Tables of a case are scoped. A statement that touches one may do so in two ways; any other is
refused before it goes to the database:

*tied*    conditions that must all hold name the rows of each scoped table: one case or key
          (`case_id = ?`, `key IN (?)`), what one office or person has, the cases that its grants
          open (`case_id IN (SELECT ... case_grant ...)`), or a join with a table that is tied.
          `open_tables` reads this off the statement; it is not promised by whoever wrote it. Which
          case and which office that may be is asked of `access` before.
*system*  it went through `as_system` with one of `REASONS`: a named place that looks at
          everything.

Texts and driver-level SQL are refused, except pragmas, the beginning of a transaction, and
migrations. Source: decisions/0008.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from sqlalchemy import Column, CompoundSelect, Delete, Insert, Select, Table, Update, event
from sqlalchemy.sql import operators
from sqlalchemy.sql.elements import (
    BinaryExpression,
    BindParameter,
    BooleanClauseList,
    ColumnClause,
    Grouping,
    TextClause,
)
from sqlalchemy.sql.selectable import CTE, Alias, FromGrouping, Join, ScalarSelect, Subquery
from sqlalchemy.sql.visitors import iterate

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine


Node: TypeAlias = Any
"""A part of a statement. SQLAlchemy's classes of them share none that knows what is asked here."""
Tables: TypeAlias = "frozenset[Node] | set[Node]"
Condition: TypeAlias = "tuple[Node, Tables | None]"
"""A condition that must hold, and the tables that it holds for; None for all."""

Marked = TypeVar("Marked", bound=Any)
"""Whatever can be executed; its kinds share no class that knows `execution_options`."""
Execution: TypeAlias = Any
"""SQLAlchemy's own record of one execution."""
OWNED = {
    "task": ("office_id", "claimed_by"),
    "case_access": ("office_id",),
    "case_bar": ("office_id", "person_id", "role"),
    "case_grant": ("office_id",),
    "case_officer": ("office_id", "person_id"),
    "party": ("office_id",),
    "referral": ("from_office", "to_office"),
    "unsent": ("person_id",),
    "incident": ("job_key",),
}
"""Tables whose rows belong to an office, a person or a job, and the columns that say to which."""

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
    "bars": "of which cases who signs in may know nothing; ids alone",
    "words": "two words that a person says find her case, whichever it is; no answer is in the row",
    "glass": "in danger to life a pseudonym or number finds its case; no answer is in the row",
    "approve": "a second person decides what a first one asked for; no answer of a case is in it",
    "requests": "who answers to persons lists what her office was asked, by ids and moments",
    "documents": "who answers for an office finds what it chose for a request, by ids alone",
    "retention": "the retention plan looks at every case, by ids and moments alone",
    "backup": "a backup copies every row as it is, sealed, and a restore puts it back",
    "sums": "the row of a case bears sums of its rows that change, whoever may change them",
    "schema": "tables are made, looked at and changed by migrations",
}
"""Places that look at everything, and why they may."""
PLAIN_WORDS = ("PRAGMA ", "BEGIN", "SHOW ")
"""How driver-level statements may begin."""

KEPT = 4096
"""The code has some hundred texts of statements; at so many they are forgotten and checked anew."""
_PASSED: set[str] = set()
"""Texts of statements that were let through, with places for their values: what has the same text
is narrowed alike.
"""


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

    @event.listens_for(engine, "before_cursor_execute")
    def check(
        conn: Connection,
        _cursor: object,
        text: str,
        _values: object,
        context: Execution,
        _many: object,
    ) -> None:
        if context.compiled is None:
            marked = OPTION in conn.get_execution_options()
            if not marked and not text.startswith(PLAIN_WORDS):
                raise ScopeMissing("driver-level SQL")
        elif OPTION not in context.execution_options and text not in _PASSED:
            check_scope(context.invoked_statement)
            _pass(text)


def _pass(text: str) -> None:
    """Let statements through that have the same text."""
    if len(_PASSED) >= KEPT:
        _PASSED.clear()
    _PASSED.add(text)


def check_scope(statement: Node) -> None:
    """Refuse a statement that is not narrowed.

    Raises:
        ScopeMissing: with the tables that lie open, or the kind of statement that is none.
    """
    if is_marked(statement):
        return
    if found := sorted({*open_tables(statement), *texts(statement)}):
        raise ScopeMissing(", ".join(found))


def texts(statement: Node) -> Iterator[str]:
    """Pieces of SQL that nobody can look into."""
    yield from (
        "a text"
        for part in iterate(statement)
        if isinstance(part, TextClause)
        or (isinstance(part, ColumnClause) and part.is_literal and part.name != "*")
    )


def open_tables(statement: Node, around: Tables = frozenset()) -> Iterator[str]:
    """Names of the scoped tables that a statement leaves open.

    Args:
        around: tables that the statements around it tied.
    """
    match statement:
        case Select():
            tables, conditions = _from(statement.get_final_froms())
            conditions += _conditions(statement.whereclause)
            yield from _narrowed(statement, tables, conditions, around)
        case Update() | Delete():
            conditions = _conditions(statement.whereclause)
            yield from _narrowed(statement, [statement.table], conditions, around)
        case CompoundSelect():
            for part in statement.selects:
                yield from open_tables(part, around)
        case Insert():
            yield from _inside(statement, around)
        case Subquery() | CTE() | ScalarSelect() | Grouping() | Alias():
            yield from open_tables(statement.element, around)
        case _:
            yield type(statement).__name__


def _narrowed(
    statement: Node, tables: list[Node], conditions: list[Condition], around: Tables
) -> Iterator[str]:
    """What a statement with its tables and conditions leaves open, and what is inside it."""
    tied = _tied([*tables, *_scoped_columns(statement)], conditions, around)
    yield from (_table(table).name for table in tables if _is_scoped(table) and table not in tied)
    yield from _inside(statement, tied)


def _inside(statement: Node, around: Tables) -> Iterator[str]:
    """What the statements inside a statement leave open: sub-selects, wherever they are."""
    for part in _nearest(statement.get_children(), top=statement):
        yield from open_tables(part, around)


def _nearest(parts: Iterable[Node], *, top: Node) -> Iterator[Node]:
    """The nearest statements below some parts."""
    for part in parts:
        if isinstance(part, Select | CompoundSelect | Insert | Update | Delete) and part is not top:
            yield part
        elif not isinstance(part, Table | Column):
            yield from _nearest(part.get_children(), top=top)


def _from(froms: Iterable[Node]) -> tuple[list[Node], list[Condition]]:
    """The tables of a FROM, and the conditions of its joins.

    That of an outer join holds for its right side alone.
    """
    tables: list[Node] = []
    conditions: list[Condition] = []
    for source in froms:
        joined = source.element if isinstance(source, FromGrouping) else source
        if isinstance(joined, Join):
            (left, of_left), (right, of_right) = _from([joined.left]), _from([joined.right])
            tables += [*left, *right]
            only = frozenset(right) if joined.isouter else None
            on = [(condition, only) for condition, _ in _conditions(joined.onclause)]
            conditions += [*of_left, *of_right, *on]
        else:
            tables.append(joined)
    return tables, conditions


def _conditions(clause: Node) -> list[Condition]:
    """Conditions that must all hold."""
    while isinstance(clause, Grouping):
        clause = clause.element
    if isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        return [condition for part in clause.clauses for condition in _conditions(part)]
    return [] if clause is None else [(clause, None)]


def _tied(tables: list[Node], conditions: list[Condition], around: Tables) -> Tables:
    """Tables whose rows are named by the conditions, or by their join with one whose rows are."""
    tied = {*around}
    grown = True
    while grown:
        grown = False
        for condition, only in conditions:
            for table in _names(condition, tied):
                if table in tables and table not in tied and (only is None or table in only):
                    tied.add(table)
                    grown = True
    return tied


def _names(condition: Node, tied: Tables) -> Iterator[Node]:
    """Tables that a condition ties."""
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.or_:
        either = [
            {table for part, _ in _conditions(way) for table in _names(part, tied)}
            for way in condition.clauses
        ]
        yield from set.intersection(*either)
    if isinstance(condition, BinaryExpression):
        equal = condition.operator is operators.eq
        if equal or condition.operator is operators.in_op:
            if _ties(condition.left, condition.right, tied):
                yield condition.left.table
            if equal and _ties(condition.right, condition.left, tied):
                yield condition.right.table


def _ties(column: Node, value: Node, tied: Tables) -> bool:
    """Whether a column is a key, compared with a value that names rows."""
    return isinstance(column, Column) and _is_key(column) and _is_named(value, tied)


def _is_named(value: Node, tied: Tables) -> bool:
    """Whether a value is handed in, of a tied table, or from a statement that is narrowed."""
    while isinstance(value, Grouping):
        value = value.element
    if isinstance(value, BindParameter):
        return True
    if isinstance(value, Column):
        return value.table in tied
    return (
        isinstance(value, Select | CompoundSelect | ScalarSelect)
        and not list(open_tables(value, tied))
        and any(_is_scoped(table) for table in _every_table(value))
    )


def _is_key(column: Node) -> bool:
    """Whether a column names one row, the rows of one case, or those of one office."""
    table = _table(column.table)
    if not isinstance(table, Table) or column.name not in table.c:
        return False
    own = table.c[column.name]
    first = next(iter(table.primary_key.columns), None)
    of_case = any(_is_scoped(key.column.table) for key in own.foreign_keys)
    return own is first or bool(own.unique) or of_case or own.name in OWNED.get(table.name, ())


def _table(source: Node) -> Node:
    """The table behind an alias."""
    return source.element if isinstance(source, Alias) else source


def _is_scoped(source: Node) -> bool:
    table = _table(source)
    return isinstance(table, Table) and table.info.get("scope") == "case"


def _every_table(statement: Node) -> set[Node]:
    return {part.table for part in iterate(statement) if isinstance(part, Column)}


def _scoped_columns(statement: Node) -> set[Node]:
    """Tables that are named in conditions alone, as in `DELETE ... USING`."""
    return {table for table in _every_table(statement) if _is_scoped(table)}
