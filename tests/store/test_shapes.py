"""Statements of lists are built once for each shape of what is asked, and asked with its values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import Select, or_, select

from service.store.at_hand import Read
from service.store.database import Database
from service.store.keyset import PageRequest
from service.store.read_models import case_list, inbox
from service.store.read_models.list_reader import InboxReader
from service.store.row_scope import ScopeMissing
from service.store.statement_shapes import by_shape
from service.store.tables import office, task
from tests.store.sample_rows import NOON, SampleRows


@dataclass(frozen=True, slots=True)
class Wanted:
    FIXED = frozenset({"sort"})
    names: frozenset[str]
    kind: str | None = ""
    sort: str = "name"


@pytest.fixture
def built() -> list[str]:
    return []


@pytest.fixture
def offices(built: list[str]) -> Callable[..., Read]:
    @by_shape
    def read(wanted: Wanted, limit: int, after: datetime | None = None) -> Select[Any]:
        built.append(wanted.sort)
        assert after is None
        found = select(office.c.id).where(or_(*(office.c.id == name for name in wanted.names)))
        found = found.where(office.c.kind == wanted.kind) if wanted.kind is not None else found
        return found.order_by(office.c[wanted.sort]).limit(limit)

    return read


def test_values_are_asked_for_with_the_same_statement(
    database: Database, samples: SampleRows, built: list[str], offices: Callable[..., Read]
) -> None:
    with database.transaction() as tx:
        samples.found(tx)
        tx.changes.bound.clear()  # no entry binds these rows
        asked = [
            tx.all(str, *offices(Wanted(frozenset(names)), limit))
            for names, limit in (({"north", "south"}, 9), ({"south", "none"}, 9), ({"a", "b"}, 1))
        ]
    assert [sorted(found) for found in asked] == [["north", "south"], ["south"], []]
    assert built == ["name"]


def test_another_shape_is_another_statement(built: list[str], offices: Callable[..., Read]) -> None:
    for wanted in (
        Wanted(frozenset({"north"})),
        Wanted(frozenset({"north", "south"})),
        Wanted(frozenset({"north"}), kind="ngo"),
        Wanted(frozenset({"north"}), sort="kind"),
        Wanted(frozenset({"south"}), kind="iom"),
    ):
        offices(wanted, 5)
    assert built == ["name", "name", "name", "kind"]


def test_a_statement_that_nobody_narrows_is_refused(database: Database) -> None:
    @by_shape
    def everything(limit: int) -> Select[Any]:
        return select(task.c.key).limit(limit)

    with pytest.raises(ScopeMissing), database.transaction(write=False) as tx:
        tx.all(str, *everything(5))


def test_lists_of_other_readers_share_their_statements() -> None:
    def of(*roles: str, now: datetime = NOON) -> InboxReader:
        return InboxReader("p", "north", frozenset(roles), now)

    step, wanted = PageRequest(), case_list.CaseListFilter(state="open")
    later = NOON.replace(year=2027)
    pages = [
        (
            case_list.read_of_page(reader, step, wanted, limit=limit)[0],
            inbox.read_of_page(reader, inbox.InboxFilter(), step, limit=limit)[0],
            inbox.read_of_overview(reader, NOON, ("k", NOON), inbox.InboxFilter(stage=stage))[0],
        )
        for reader, limit, stage in ((of("Helper"), 9, "1"), (of("Other", now=later), 5, "2"))
    ]
    assert pages[0] == pages[1]
    two = case_list.read_of_page(of("Helper", "Other"), step, wanted, limit=9)[0]
    assert two is not pages[0][0]
