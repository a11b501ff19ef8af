"""Lists and queues enter by an index made for them; none of them reads a whole table."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.casework.cases.case_visibility import reads_of_visibility
from service.store.casefile import (
    approvals,
    case_officers,
    cases,
    facts,
    named_persons,
    referrals,
)
from service.store.database import Database
from service.store.installation import absences, idempotency, ledger_entries, sessions
from service.store.keyset import PageRequest, write
from service.store.lists import visibility_rows
from service.store.read_models import case_search, inbox, turn_rows
from service.store.read_models.list_reader import InboxReader
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, unsent_answers
from service.store.work.tasks import TaskListRow
from tests.store.sample_rows import NOON, SampleRows

PLACE = (NOON, -50, "k")
ASKED = ("asked", NOON)
READER = InboxReader("p", "north", frozenset({"Helper"}), NOON)
LISTED = TaskListRow(SampleRows().task("c", "t"), b"", "r", "n", "p", "d", "")
WANTED = {
    "mine": inbox.InboxFilter(box="mine"),
    "office": inbox.InboxFilter(),
    "unclaimed": inbox.InboxFilter(box="unclaimed"),
    "late": inbox.InboxFilter(before=NOON),
    "one stage": inbox.InboxFilter(stage="2"),
    "one sender": inbox.InboxFilter(sender="south"),
    "this week": inbox.InboxFilter(after=NOON, before=NOON),
    **{f"by {sort}": inbox.InboxFilter(sort=sort) for sort in inbox.ORDERS},
}


def first_page(wanted: inbox.InboxFilter) -> Callable[[Tx], object]:
    return lambda tx: inbox.page(tx, READER, wanted, PageRequest(), limit=50)


LISTS: dict[str, Callable[[Tx], object]] = {
    **{f"inbox, {name}": first_page(wanted) for name, wanted in WANTED.items()},
    "inbox, next page": lambda tx: inbox.page(
        tx, READER, inbox.InboxFilter(), PageRequest(after=write(PLACE)), limit=50
    ),
    "inbox, page before": lambda tx: inbox.page(
        tx, READER, inbox.InboxFilter(), PageRequest(before=write(PLACE)), limit=50
    ),
    "inbox, counts of the boxes": lambda tx: inbox.counts(tx, READER, WANTED),
    "inbox, newer tasks": lambda tx: inbox.newer(tx, READER, NOON),
    "inbox, overview": lambda tx: inbox.overview(tx, READER, {}, NOON, ASKED),
    "inbox, beside its rows": lambda tx: inbox.marks(tx, READER, [LISTED]),
    "what was read": lambda tx: inbox.read_by(tx, READER, ["c"]),
    "inbox, what waits elsewhere": lambda tx: inbox.elsewhere_tasks(
        tx, READER, PageRequest(), limit=50
    ),
    "cases": lambda tx: cases.visible(
        tx, office="north", roles={"Helper"}, now=NOON, after="c", stage="1"
    ),
    "a case for a turn": lambda tx: cases.load(tx, "c"),
    "a task with its case": lambda tx: cases.of_task(tx, cases.read_of_task(tx, "k")),
    "an answer that was given before": lambda tx: idempotency.read(
        tx, idempotency.Request("k", "p", "/", "")
    ),
    "what completing a task reads first": lambda tx: turn_rows.of_task(
        tx, "k", tx.read(*turn_rows.reads_of_task(tx, "k"))
    ),
    "what a job reads first": lambda tx: turn_rows.read_of_job(tx, "c", "c:1"),
    "who may see what of a case": lambda tx: tx.read(*reads_of_visibility("c")),
    "facts": lambda tx: facts.of_case(tx, "c"),
    "answers": lambda tx: facts.answers(tx, "c", classes={"C1"}),
    "due jobs": lambda tx: jobs.lease(tx, now=NOON, who="w", seconds=1),
    "next job": jobs.next_moment,
    "due letters": lambda tx: letters.lease(tx, now=NOON, who="w", seconds=1),
    "end of a stream": lambda tx: ledger_entries.end(tx, "system"),
    "page of a stream": lambda tx: ledger_entries.latest(tx, "system", before=9),
    "a session": lambda tx: sessions.get(tx, b"token"),
    "open incidents": incidents.still_open,
    "referrals that wait": lambda tx: referrals.to_office(tx, "north", roles={"Helper"}),
    "referrals that came back": lambda tx: referrals.back_to(tx, "north", roles={"Helper"}),
    "approvals that wait": lambda tx: approvals.waiting(tx, {"print_case"}, NOON),
    "approvals that somebody asked for": lambda tx: approvals.asked_by(tx, "p"),
    "approvals that ran out": lambda tx: approvals.over(tx, NOON),
    "search, a part of a pseudonym": lambda tx: case_search.search(
        tx, READER, ["sval"], limit=51, newest=0
    ),
    "search, by answers too": lambda tx: case_search.search(
        tx, READER, ["sval"], limit=51, newest=500
    ),
    "who may see what of several cases": lambda tx: visibility_rows.of_cases(
        tx, ["c"], office="north", roles={"Helper"}, now=NOON
    ),
    "search, the newest cases": lambda tx: case_search.newest(tx, READER, limit=500),
    "officers of a case": lambda tx: case_officers.of_case(tx, "c"),
    "absences of an office": lambda tx: absences.of_office(tx, "north"),
    "named persons": lambda tx: named_persons.of_case(tx, "c"),
    "old answers to requests": lambda tx: idempotency.sweep(tx, NOON),
    "old unsent answers": lambda tx: unsent_answers.sweep(tx, NOON),
}
ORDERED_IN_MEMORY = {
    "search, a part of a pseudonym",
    "search, by answers too",
    "absences of an office",
    "approvals that wait",
    "approvals that somebody asked for",
    "approvals that ran out",
    "named persons",
}
"""An index finds the rows, but does not give them in order: those of one office, or of a page."""


SMALL = {"SCAN office USING COVERING INDEX sqlite_autoindex_office_1"}
"""Tables that stay small: of each of their rows one index is asked."""


@pytest.mark.parametrize("name", LISTS)
def test_a_list_walks_its_index(empty_sqlite: Path, tmp_path: Path, name: str) -> None:
    shutil.copyfile(empty_sqlite, tmp_path / "empty.db")
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    plan: list[str] = []

    asked = sqlite3.connect(tmp_path / "empty.db")

    def explain(statement: str, values: Any, _many: bool) -> None:  # noqa: FBT001 - as the database tells it
        if not statement.startswith("BEGIN"):
            plan.extend(row[3] for row in asked.execute("EXPLAIN QUERY PLAN " + statement, values))

    with database.listening(explain), database.transaction() as tx:
        LISTS[name](tx)
    asked.close()
    database.close()
    made = [
        step.partition(" ")[2] for step in plan if step.startswith(("CO-ROUTINE ", "MATERIALIZE "))
    ]
    handed_in = "SCAN json_each VIRTUAL TABLE INDEX 1:"
    own = {"SCAN CONSTANT ROW", handed_in, *SMALL, *(f"SCAN {name}" for name in made)}
    assert [step for step in plan if step.startswith("SCAN") and step not in own] == []
    assert any("TEMP B-TREE FOR ORDER BY" in step for step in plan) == (name in ORDERED_IN_MEMORY)
