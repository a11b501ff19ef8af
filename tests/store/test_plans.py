"""Lists and queues walk an index made for them; none of them reads a whole table."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.store import answers, cases, desk, facts, incidents, jobs, letters, lines, once, referrals, sessions, tasks, unsent
from service.store.database import Database, Tx
from service.store.pages import Step, write
from tests.store.world import NOON

INBOX: dict[str, Any] = {"office": "north", "roles": {"Helper"}, "person": "p", "now": NOON}
PLACE = (NOON, -50, "k")
READER = desk.Reader("p", "north", frozenset({"Helper"}), NOON)
LISTS: dict[str, Callable[[Tx], object]] = {
    "inbox": lambda tx: tasks.inbox(tx, **INBOX),
    "next page of the inbox": lambda tx: tasks.inbox(tx, **INBOX, after=PLACE),
    "a page of the inbox": lambda tx: desk.page(tx, READER, desk.Wanted(), Step(after=write(PLACE)), limit=50),
    "the page before": lambda tx: desk.page(tx, READER, desk.Wanted(), Step(before=write(PLACE)), limit=50),
    "my tasks": lambda tx: tasks.inbox(tx, **INBOX, box="mine"),
    "counts of the boxes": lambda tx: tasks.counts(tx, **INBOX),
    "tasks elsewhere": lambda tx: tasks.elsewhere(tx, office="north", now=NOON, after=PLACE),
    "cases": lambda tx: cases.visible(tx, office="north", now=NOON, after="c", stage="1"),
    "a case for a turn": lambda tx: cases.load(tx, "c"),
    "a task with its case": lambda tx: cases.load_for_task(tx, "k"),
    "facts": lambda tx: facts.of_case(tx, "c"),
    "answers": lambda tx: answers.of_case(tx, "c", classes={"C1"}),
    "due jobs": lambda tx: jobs.lease(tx, now=NOON, who="w", seconds=1),
    "next job": jobs.next_moment,
    "due letters": lambda tx: letters.lease(tx, now=NOON, who="w", seconds=1),
    "end of a stream": lambda tx: lines.end(tx, "system"),
    "page of a stream": lambda tx: lines.latest(tx, "system", before=9),
    "a session": lambda tx: sessions.get(tx, b"token"),
    "open incidents": incidents.still_open,
    "referrals that wait": lambda tx: referrals.to_office(tx, "north", roles={"Helper"}),
    "referrals that came back": lambda tx: referrals.back_to(tx, "north"),
    "old answers to requests": lambda tx: once.sweep(tx, NOON),
    "old unsent answers": lambda tx: unsent.sweep(tx, NOON),
}


@pytest.mark.parametrize("name", LISTS)
def test_a_list_walks_its_index(empty_sqlite: Path, tmp_path: Path, name: str) -> None:
    shutil.copyfile(empty_sqlite, tmp_path / "empty.db")
    database = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    plan: list[str] = []

    asked = sqlite3.connect(tmp_path / "empty.db")

    def explain(statement: str, values: Any, _many: bool) -> None:  # noqa: FBT001 - as the database tells it
        if not statement.startswith("BEGIN"):
            plan.extend(row[3] for row in asked.execute("EXPLAIN QUERY PLAN " + statement, values))

    with database.telling(explain), database.transaction() as tx:
        LISTS[name](tx)
    asked.close()
    database.close()
    own = {"mine", "office", "unclaimed", "late", "due", "CONSTANT"}
    assert [step for step in plan if step.startswith("SCAN") and step.split()[1] not in own] == []
    assert [step for step in plan if "TEMP B-TREE FOR ORDER BY" in step] == []
