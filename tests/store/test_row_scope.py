"""The first wall: what ties a statement to named rows passes, what leaves a table of cases in the
open is refused, in whatever shape it comes.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import (
    and_,
    bindparam,
    delete,
    exists,
    func,
    insert,
    literal,
    literal_column,
    not_,
    or_,
    select,
    text,
    union_all,
    update,
)
from sqlalchemy.sql import ClauseElement

from service import store
from service.store import row_scope
from service.store.casefile.grants import live_grant
from service.store.database import Database
from service.store.prepared import PreparedStatement
from service.store.row_scope import ScopeMissing, as_system
from service.store.tables import (
    case_grant,
    cases,
    document_chunk,
    fact,
    line,
    office,
    setting,
    task,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
OTHER = cases.alias("other")
SEEN = select(case_grant.c.case_id).where(
    case_grant.c.office_id == "social", live_grant(case_grant, NOON)
)
ALL = select(cases.c.id)
IN_CTE = select(task.c.key).where(task.c.case_id == "c").cte("mine")
OUT_CTE = select(task.c.key).where(task.c.element == "a").cte("all_of_them")
OF_TASK = and_(fact.c.case_id == task.c.case_id, fact.c.at == task.c.opened_at)

NARROWED = {
    "one case": select(cases).where(cases.c.id == "c"),
    "a case by its name": select(cases).where(cases.c.ref == "lugn-bjork"),
    "by name or number": select(cases).where(or_(cases.c.ref == "x", cases.c.number == "x")),
    "several that were named": select(cases).where(cases.c.id.in_(["c", "d"])),
    "by a value that comes later": select(fact).where(
        fact.c.case_id == bindparam("id"), fact.c.rev > 3
    ),
    "an alias": select(OTHER).where(OTHER.c.id == "c"),
    "what waits for an office": select(task).where(task.c.office_id == "social"),
    "what a grant opens": select(cases).where(cases.c.id.in_(SEEN)),
    "either of an office or opened": select(task).where(
        or_(task.c.office_id == "social", task.c.case_id.in_(SEEN))
    ),
    "a join with a named one": select(fact.c.rev)
    .join_from(task, fact, OF_TASK)
    .where(task.c.key == "k"),
    "an outer join from a named one": select(cases.c.id)
    .select_from(cases.outerjoin(fact, fact.c.case_id == cases.c.id))
    .where(cases.c.id == "c"),
    "a table of a table": select(document_chunk).where(document_chunk.c.document_id == "d"),
    "exists, beside a named one": select(task.c.key).where(
        task.c.key == "k", exists().where(OF_TASK)
    ),
    "a number of a named one": select(func.count()).select_from(
        select(task.c.key).where(task.c.case_id == "c").subquery()
    ),
    "a CTE": select(IN_CTE.c.key),
    "parts of a union": union_all(
        select(task.c.key).where(task.c.case_id == "c"),
        select(fact.c.element).where(fact.c.case_id == "c"),
    ),
    "a scalar": select(
        office.c.id, select(func.count()).where(task.c.office_id == "social").scalar_subquery()
    ),
    "an insert": insert(fact),
    "insert from select": insert(setting).from_select(
        ["name"], select(task.c.element).where(task.c.case_id == "c")
    ),
    "an update": update(cases)
    .where(cases.c.id == bindparam("b_id"), cases.c.rev == bindparam("b_rev"))
    .values(rev=1),
    "a delete": delete(task).where(task.c.case_id == "c", task.c.id == "t"),
    "no table of cases": select(line).where(line.c.stream == "case/c"),
    "no table": select(func.pg_notify("a", "b")),
    "for a reason": as_system("verify", ALL),
}
OPEN = {
    "all": ALL,
    "in part for a reason": select(as_system("load", ALL).subquery()),
    "by what many have": select(cases).where(cases.c.status == "open"),
    "by what comes after": select(cases).where(cases.c.id > "c"),
    "one or all": select(cases).where(or_(cases.c.id == "c", cases.c.status == "open")),
    "all but one": select(cases).where(not_(cases.c.id == "c")),
    "not one": select(cases).where(cases.c.id != "c"),
    "not those": select(cases).where(cases.c.id.not_in(["c"])),
    "an alias": select(OTHER),
    "the alias beside a named one": select(OTHER.c.id).where(cases.c.id == "c"),
    "a case that is itself": select(cases).where(cases.c.id == cases.c.id),
    "a number only": select(func.count()).select_from(cases),
    "by the number of a fact": select(fact).where(fact.c.rev == 1),
    "a join of two open ones": select(fact.c.rev).join_from(task, fact, OF_TASK),
    "an outer join to a named one": select(fact.c.rev)
    .select_from(fact.outerjoin(cases, cases.c.id == fact.c.case_id))
    .where(cases.c.id == "c"),
    "named in the outer join alone": select(task.c.key).select_from(
        task.outerjoin(cases, and_(cases.c.id == task.c.case_id, task.c.case_id == "c"))
    ),
    "with a table of the installation": select(office.c.id, task.c.key).where(
        office.c.id == "social", task.c.element == "a"
    ),
    "exists of its own": select(office.c.id).where(exists().where(task.c.element == office.c.id)),
    "in what is open itself": select(task).where(task.c.case_id.in_(ALL)),
    "in the grants of all": select(cases).where(
        cases.c.id.in_(select(case_grant.c.case_id).where(case_grant.c.starts < NOON))
    ),
    "in ids of offices": select(cases).where(cases.c.id.in_(select(office.c.id))),
    "a sub-select": select(ALL.subquery().c.id),
    "a CTE": select(OUT_CTE.c.key),
    "a part of a union": union_all(
        select(task.c.key).where(task.c.case_id == "c"), select(task.c.key)
    ),
    "a scalar": select(office.c.id, select(func.count()).select_from(task).scalar_subquery()),
    "insert from select": insert(setting).from_select(["name"], select(task.c.element)),
    "an update of all": update(cases).values(marking=""),
    "an update by state": update(cases).where(cases.c.status == "open").values(marking=""),
    "an update with an open one": update(setting)
    .where(setting.c.name == "x")
    .values(value=select(func.max(cases.c.number)).scalar_subquery()),
    "a delete of all": delete(task),
    "a delete by an open one": delete(setting).where(setting.c.name.in_(select(task.c.element))),
    "a text": text("SELECT 1"),
    "a text instead of a condition": select(cases.c.id).where(text("id = 'c'")),
    "a text beside a condition": select(cases.c.id).where(
        cases.c.id == "c", text("EXISTS (SELECT 1 FROM fact)")
    ),
    "a text as a column": select(
        cases.c.id, literal_column("(SELECT max(number) FROM cases)")
    ).where(cases.c.id == "c"),
    "an invented column": select(literal(1)).select_from(task),
}


@pytest.mark.parametrize("statement", NARROWED.values(), ids=list(NARROWED))
def test_a_narrowed_statement_passes(statement: ClauseElement) -> None:
    row_scope.check_scope(statement)


@pytest.mark.parametrize("statement", OPEN.values(), ids=list(OPEN))
def test_an_open_statement_is_refused(statement: ClauseElement) -> None:
    with pytest.raises(ScopeMissing):
        row_scope.check_scope(statement)


def test_the_wall_stands_before_every_statement_of_a_transaction(database: Database) -> None:
    with database.transaction(write=False) as tx:
        assert tx.all(str, NARROWED["what a grant opens"]) == []  # type: ignore[arg-type]  # it is a select, whatever the table of them says
        for statement in (ALL, text("SELECT id FROM cases"), PreparedStatement(ALL)):
            with pytest.raises(ScopeMissing):
                tx.all(str, statement)
        with pytest.raises(ScopeMissing):
            tx.conn.exec_driver_sql("SELECT id FROM cases")
        assert tx.all(str, as_system("verify", ALL)) == []


def test_a_refused_statement_names_the_open_tables_and_no_value() -> None:
    with pytest.raises(ScopeMissing, match=r"^cases, fact$"):
        row_scope.check_scope(
            select(cases.c.id).where(
                exists().where(fact.c.kind == "secret"), cases.c.status == "secret"
            )
        )


def test_only_named_reasons_look_at_everything() -> None:
    with pytest.raises(KeyError):
        as_system("because", ALL)


def test_every_reason_is_given_somewhere_and_only_in_the_store() -> None:
    root = Path(store.__file__).parents[1]
    given = {
        path: re.findall(r'as_system\(\s*"(\w+)"', path.read_text(encoding="utf-8"))
        for path in root.rglob("*.py")
    }
    assert {reason for reasons in given.values() for reason in reasons} == set(row_scope.REASONS)
    assert [
        path.name
        for path, reasons in given.items()
        if reasons and "store" not in path.relative_to(root).parts
    ] == []


@pytest.fixture
def passed(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """Texts that were let through, from now on."""
    texts = set[str]()
    monkeypatch.setattr(row_scope, "_PASSED", texts)
    return texts


def test_a_text_is_checked_once(database: Database, passed: set[str]) -> None:
    with database.transaction(write=False) as tx:
        for value in ("c", "d", "e"):
            tx.all(str, select(cases.c.ref).where(cases.c.id == value))
    assert len(passed) == 1


def test_a_text_that_was_let_through_opens_no_door_to_another(
    database: Database, passed: set[str]
) -> None:
    with database.transaction(write=False) as tx:
        tx.all(list, select(cases.c.ref).where(cases.c.id == "c"))
        tx.all(str, row_scope.as_system("verify", select(cases.c.ref)))
    for statement in (select(cases.c.ref), select(cases.c.id).where(cases.c.status == "r")):
        with pytest.raises(row_scope.ScopeMissing), database.transaction(write=False) as tx:
            tx.all(list, statement)
    assert len(passed) == 1


def test_texts_are_forgotten_before_they_fill_the_memory(
    database: Database, passed: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_scope, "KEPT", 3)
    with database.transaction(write=False) as tx:
        for n in range(1, 9):
            narrowed = (cases.c.id == "c", *(cases.c.ref == "r" for _ in range(n)))
            tx.all(list, select(cases.c.ref).where(*narrowed))
    assert 0 < len(passed) <= 3
