"""The lists of an office are read from indexes, in their order and no further than a page, on both
databases; however much there is in the tables.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from service.store.database import Database
from service.store.keyset import PageRequest, write
from service.store.read_models import case_list, inbox, office_stats, oversight
from service.store.read_models.case_list import CaseListFilter
from service.store.read_models.inbox import InboxFilter
from service.store.read_models.list_reader import InboxReader
from service.store.transaction import Tx
from tests.store.explaining import explaining
from tests.store.sample_rows import NOON

ASKED = ("asked", NOON)
READER = InboxReader("p", "north", frozenset({"Helper"}), NOON)
WHOLE = re.compile(
    r"SCAN (task|job|case_access|case_officer|cases|fact|line|consent|referral|case_grant)\b"
    r"|Seq Scan on (task|case_access|cases|fact|line|consent|referral|case_grant)\b"
)
"""A table that grows is read as a whole."""
SORTED = re.compile(r"TEMP B-TREE FOR ORDER BY|(?<!Incremental )\bSort  ")
"""What was found is put in order before the first row is given."""


def inbox_page(wanted: InboxFilter, step: PageRequest) -> Callable[[Tx], object]:
    return lambda tx: inbox.page(tx, READER, wanted, step, limit=50)


def case_page(wanted: CaseListFilter, step: PageRequest) -> Callable[[Tx], object]:
    return lambda tx: case_list.page(tx, READER, step, wanted, limit=50, keep=list)


NEXT = {
    "here": (1, NOON, "c"),
    "due": (0, NOON, "c"),
    "case": ("ref", "c"),
    "since": (NOON, "c"),
    "stage": ("1", "ref", "c"),
}
IN_ORDER: dict[str, Callable[[Tx], object]] = {
    **{f"inbox by {s}": inbox_page(InboxFilter(sort=s), PageRequest()) for s in inbox.ORDERS},
    "inbox, unclaimed": inbox_page(InboxFilter("unclaimed"), PageRequest()),
    "inbox, mine": inbox_page(InboxFilter("mine"), PageRequest()),
    "inbox of a sender": inbox_page(InboxFilter(sender="south"), PageRequest()),
    "inbox, late": inbox_page(InboxFilter(before=NOON), PageRequest()),
    **{
        f"cases by {sort}": case_page(CaseListFilter(state="open", sort=sort), PageRequest())
        for sort in case_list.SORTS
    },
    **{
        f"cases by {sort}, next page": case_page(
            CaseListFilter(state="open", sort=sort), PageRequest(after=write(place))
        )
        for sort, place in NEXT.items()
    },
}
COUNTED: dict[str, Callable[[Tx], object]] = {
    **{
        f"cases by {sort}, ended ones too": case_page(CaseListFilter(sort=sort), PageRequest())
        for sort in case_list.SORTS
    },
    "inbox, counts": lambda tx: inbox.counts(tx, READER, {"office": InboxFilter()}),
    "inbox, newer": lambda tx: inbox.newer(tx, READER, NOON),
    "inbox, overview": lambda tx: inbox.overview(
        tx, READER, {"mine": InboxFilter("mine")}, NOON, ASKED
    ),
    "what waits elsewhere": lambda tx: inbox.elsewhere_tasks(tx, READER, PageRequest(), limit=50),
    "cases, count": lambda tx: case_list.count(tx, READER, CaseListFilter()),
    "office, stages": lambda tx: office_stats.stages(tx, READER),
    "office, people": lambda tx: office_stats.people(tx, READER, persons=["p"]),
    "office, waits": lambda tx: office_stats.waits(tx, READER),
    "office, stopped": lambda tx: office_stats.incidents(tx, READER),
    "cases that are stopped": case_page(
        CaseListFilter(state="incident", sort="here"), PageRequest()
    ),
    "office, due": lambda tx: office_stats.due_in(tx, READER, element="Task_A", bounds=[NOON]),
    "office, consents": lambda tx: office_stats.consents_ending(
        tx, READER, today=NOON.date(), until=NOON.date() + timedelta(days=30), limit=20
    ),
    "office, answers": lambda tx: office_stats.answered(tx, since=NOON),
    "processes": lambda tx: oversight.open_on(tx, "return_case"),
    "steps that a draft leaves out": lambda tx: oversight.standing(tx, "return_case", ["Task_A"]),
}
OWN_INDEX = {
    "office, stopped": "ix_case_access_stopped",
    "office, waits": "ix_case_access_away",
    "cases that are stopped": "ix_case_access_stopped",
}
"""What few rows of an office have is read from an index that holds no others."""


@pytest.mark.parametrize("name", [*IN_ORDER, *COUNTED])
def test_a_list_reads_an_index_and_no_table(database: Database, name: str) -> None:
    plan = plan_of(database, {**IN_ORDER, **COUNTED}[name])
    assert plan
    assert [step for step in plan if WHOLE.search(step)] == []
    assert name in COUNTED or [step for step in plan if SORTED.search(step)] == []


@pytest.mark.parametrize("name", OWN_INDEX)
def test_what_few_have_is_read_from_their_own_index(database: Database, name: str) -> None:
    steps = [step for step in plan_of(database, COUNTED[name]) if "case_access" in step]
    assert steps
    assert [step for step in steps if OWN_INDEX[name] not in step and "ix_" in step] == []
    assert any(OWN_INDEX[name] in step for step in steps)


def plan_of(database: Database, list_: Callable[[Tx], object]) -> list[str]:
    """How a database walks through its tables for a list, step by step."""
    plan: list[str] = []
    with explaining(database) as explain:

        def note(asked: str, values: Any, _many: bool) -> None:  # noqa: FBT001 - as the database tells it
            plan.extend(explain(asked, values))

        with database.listening(note), database.transaction(write=False) as tx:
            list_(tx)
    return plan
