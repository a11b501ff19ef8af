"""The first wall: no statement reaches rows of cases that it was not narrowed to.

What gets past is refused before it goes to the database.

Tables of a case are scoped. A statement may touch one in two ways:

*bound*
conditions that must all hold tie the table to rows that the code named: one case or key (`case_id =
    ?`, `key IN (?)`), what one office or person has,
          the cases that its grants open (`case_id IN (SELECT ... case_grant ...)`), or a join with
          a table that is tied. This is read off the statement, not promised by whoever wrote it.
          Which case and which office that may be is asked of `access` before.
*system*  it went through `as_system` with one of the reasons below: a named place that looks at
everything.

Texts and driver-level SQL are refused, except pragmas, the beginning of a transaction, and
migrations. Source: trust.md 6.7.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

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
    from sqlalchemy.sql import ClauseElement

Marked = TypeVar(
    "Marked", bound=Any
)  # whatever can be executed; its kinds share no class that knows `execution_options`
Tables = frozenset[Any] | set[Any]

OPTION = "tresteg_scope"
REASONS: Mapping[str, str] = {
    "queue": "the worker looks for what is due, whichever case it belongs to",
    "remind": "reminders look at all that waits too long",
    "verify": "verification and dry runs fold every case, under its pseudonym",
    "audit": "who looks after all cases finds them by pseudonym or number",
    "process": "who owns a process counts the cases that run on a release",
    "operate": "who runs the installation sees what stopped, by ids alone",
    "names": "a new case gets a pseudonym and a number that no other has",
    "load": "how much waits where and how fast offices answer, in numbers",
    "usual": "how long a step usually takes, in days, from cases that have ended",
    "letterbox": "the demo's letterbox: letters as they leave, whose words name nobody",
    "start": "the start looks whether this machine's clock is behind the newest fact",
    "schema": "tables are made, looked at and changed by migrations",
}
"""Places that look at everything, and why they may."""
PLAIN_WORDS = ("PRAGMA ", "BEGIN", "SHOW ")
"""How driver-level statements may begin."""
OWNED = {
    "task": ("office_id", "claimed_by"),
    "case_grant": ("office_id",),
    "party": ("office_id",),
    "referral": ("from_office", "to_office"),
    "unsent": ("person_id",),
    "incident": ("job_key",),
}
"""Tables whose rows belong to an office, a person or a job, and the columns that say to which."""


class ScopeMissing(Exception):
    """A statement on tables of cases that nobody narrowed: a fault of this program, not of who
    asks.

    Nothing was read.
    """


def as_system(reason: str, statement: Marked) -> Marked:
    """Let a statement look at everything, for one of `REASONS`.

    Raises:
        KeyError: no such reason.
    """
    marked: Marked = statement.execution_options(**{OPTION: REASONS[reason]})
    return marked


def attach(engine: Engine) -> None:
    """Put the wall before everything that goes through an engine.

    A prepared statement goes past it, and is looked at when it is worked out.
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
            look(statement)

    @event.listens_for(engine, "before_cursor_execute")
    def driver(
        conn: Connection, _cursor: object, text: str, _values: object, context: Any, _many: object
    ) -> None:  # SQLAlchemy's own
        if (
            context.compiled is None
            and OPTION not in conn.get_execution_options()
            and not text.startswith(PLAIN_WORDS)
        ):
            raise ScopeMissing("driver-level SQL")


KEPT = 4096
_PASSED: set[Any] = set()
"""Shapes of statements that were let through: what SQLAlchemy itself keeps compiled text under, so
values have no part in it.

The code has some hundred; at `KEPT` they are forgotten and looked at anew.
"""


def look(statement: Any) -> None:  # whatever can be executed
    """Refuse a statement that is not narrowed.

    Raises:
        NotNarrowed: with the tables that lie open, or the kind of statement that is none.
    """
    if OPTION in statement.get_execution_options():
        return
    cached = (
        statement._generate_cache_key()
    )  # SQLAlchemy has no public name for the shape of a statement
    shape = None if cached is None else cached.key
    if shape is not None and shape in _PASSED:
        return
    if found := sorted({*_open(statement, frozenset()), *_texts(statement)}):
        raise ScopeMissing(", ".join(found))
    if shape is not None:
        if len(_PASSED) >= KEPT:
            _PASSED.clear()
        _PASSED.add(shape)


def _texts(statement: Any) -> Iterator[str]:  # whatever can be executed
    """Pieces of SQL that nobody can look into."""
    yield from (
        "a text"
        for part in iterate(statement)
        if isinstance(part, TextClause)
        or (isinstance(part, ColumnClause) and part.is_literal and part.name != "*")
    )


def _open(statement: Any, around: Tables) -> Iterator[str]:  # whatever can be executed
    """Names of the scoped tables that a statement leaves open; `around` are those that the
    statements around it tied.
    """
    match statement:
        case Select():
            tables, musts = _from(statement.get_final_froms())
            yield from _narrowed(
                statement, tables, [*musts, *_musts(statement.whereclause)], around
            )
        case Update() | Delete():
            yield from _narrowed(
                statement,
                [statement.table],
                [(must, None) for must, _ in _musts(statement.whereclause)],
                around,
            )
        case CompoundSelect():
            for part in statement.selects:
                yield from _open(part, around)
        case Insert():
            yield from _inside(statement, around)
        case Subquery() | CTE() | ScalarSelect() | Grouping() | Alias():
            yield from _open(statement.element, around)
        case _:
            yield type(statement).__name__


def _narrowed(
    statement: Any, tables: list[Any], musts: list[tuple[Any, Any]], around: Tables
) -> Iterator[str]:  # as above
    tied = _tied([*tables, *_scoped_columns(statement)], musts, around)
    yield from (_table(one).name for one in tables if _is_scoped(one) and one not in tied)
    yield from _inside(statement, tied)


def _inside(statement: Any, around: Tables) -> Iterator[str]:  # as above
    """What the statements inside a statement leave open: sub-selects of any kind, wherever they
    stand.
    """
    for part in _nearest(statement.get_children(), top=statement):
        yield from _open(part, around)


def _nearest(parts: Iterable[Any], *, top: Any) -> Iterator[Any]:  # as above
    for part in parts:
        if isinstance(part, Select | CompoundSelect | Insert | Update | Delete) and part is not top:
            yield part
        elif not isinstance(part, Table | Column):
            yield from _nearest(part.get_children(), top=top)


def _from(froms: Iterable[Any]) -> tuple[list[Any], list[tuple[Any, Any]]]:
    """The tables of a FROM, and the conditions of its joins; that of an outer join holds for its
    right side alone.
    """
    tables: list[Any] = []
    musts: list[tuple[Any, Any]] = []
    for one in froms:
        if isinstance(one, FromGrouping):
            one = one.element  # what the brackets hold
        if isinstance(one, Join):
            (left, of_left), (right, of_right) = _from([one.left]), _from([one.right])
            tables += [*left, *right]
            only = frozenset(right) if one.isouter else None
            musts += [*of_left, *of_right, *((must, only) for must, _ in _musts(one.onclause))]
        else:
            tables.append(one)
    return tables, musts


def _musts(condition: Any) -> list[tuple[Any, Any]]:  # as above
    """Conditions that must all hold."""
    while isinstance(condition, Grouping):
        condition = condition.element
    if isinstance(condition, BooleanClauseList) and condition.operator is operators.and_:
        return [must for part in condition.clauses for must in _musts(part)]
    return [] if condition is None else [(condition, None)]


def _tied(tables: list[Any], musts: list[tuple[Any, Any]], around: Tables) -> Tables:
    """Tables whose rows are named by the conditions, or by their join with one whose rows are."""
    tied = {*around}
    grown = True
    while grown:
        grown = False
        for must, only in musts:
            for table in _names(must, tied):
                if table in tables and table not in tied and (only is None or table in only):
                    tied.add(table)
                    grown = True
    return tied


def _names(must: Any, tied: Tables) -> Iterator[Any]:  # as above
    """Tables that a condition ties."""
    if isinstance(must, BooleanClauseList) and must.operator is operators.or_:
        either = [
            {table for part, _ in _musts(way) for table in _names(part, tied)}
            for way in must.clauses
        ]
        yield from set.intersection(*either)
    if not isinstance(must, BinaryExpression) or must.operator not in (
        operators.eq,
        operators.in_op,
    ):
        return
    for side, other in ((must.left, must.right), (must.right, must.left)):
        if (
            isinstance(side, Column)
            and _is_key(side)
            and (side is must.left or must.operator is operators.eq)
            and _is_named(other, tied)
        ):
            yield side.table


def _is_named(value: Any, tied: Tables) -> bool:  # as above
    """Whether a value is handed in, comes from a table that is tied, or from a statement that is
    narrowed itself.
    """
    while isinstance(value, Grouping):
        value = value.element
    if isinstance(value, BindParameter):
        return True
    if isinstance(value, Column):
        return value.table in tied
    return (
        isinstance(value, Select | CompoundSelect | ScalarSelect)
        and not list(_open(value, tied))
        and any(_is_scoped(one) for one in _every_table(value))
    )


def _is_key(column: Any) -> bool:  # as above
    """Whether a column names one row, the rows of one case, or those of one office."""
    table = _table(column.table)
    if not isinstance(table, Table) or column.name not in table.c:
        return False
    own = table.c[column.name]
    first = next(iter(table.primary_key.columns), None)
    of_case = any(_is_scoped(key.column.table) for key in own.foreign_keys)
    return own is first or bool(own.unique) or of_case or own.name in OWNED.get(table.name, ())


def _table(one: Any) -> Any:  # as above
    """The table behind an alias."""
    return one.element if isinstance(one, Alias) else one


def _is_scoped(one: Any) -> bool:  # as above
    table = _table(one)
    return isinstance(table, Table) and table.info.get("scope") == "case"


def _every_table(statement: Any) -> set[Any]:  # as above
    return {part.table for part in iterate(statement) if isinstance(part, Column)}


def _scoped_columns(statement: Any) -> set[Any]:  # as above
    """Tables that are named in conditions alone, as in `DELETE ... USING`."""
    return {one for one in _every_table(statement) if _is_scoped(one)}
