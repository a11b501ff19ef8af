"""Pages that go on from a row: whoever walks them sees every row once, forwards and back, while
others come and go.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.store import keyset as pages_module
from service.store.casefile import cases, grants
from service.store.database import Database
from service.store.keyset import ListOrder, ListPage, PageRequest, page_of_rows, read, write
from service.store.read_models import audit_search, case_list, inbox
from service.store.read_models.audit_conditions import AuditQuery
from service.store.read_models.case_list import CaseListFilter
from service.store.read_models.list_reader import InboxReader
from service.store.work import tasks
from tests.store.sample_rows import NOON, SampleRows

READER = InboxReader("p-north", "north", frozenset({"Helper"}), NOON)
LIMIT, MANY = 7, 40
Turn = Callable[[Any, PageRequest], ListPage[Any]]


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements that are sent meanwhile."""
    sent: list[str] = []

    def note(statement: str, _values: object, _many: bool) -> None:  # noqa: FBT001 - as the database tells it
        if not statement.startswith(("BEGIN", "SET", "PRAGMA")):
            sent.append(statement)

    with database.listening(note):
        yield sent


@pytest.fixture
def stocked(database: Database, samples: SampleRows) -> Database:
    """Forty cases with a task each, many of them alike in all but their ids."""
    dice = random.Random(7)  # noqa: S311 - the same stock each time
    with database.transaction() as tx:
        samples.found(tx)
        for n in range(MANY):
            put(tx, samples, f"c{n:03}", dice.randrange(4))
    return database


def put(tx: Any, samples: SampleRows, id_: str, like: int) -> None:
    """A case that the office may see, and its task."""
    begun = samples.later(minutes=like)
    cases.add(
        tx,
        replace(
            samples.case(id_),
            ref=f"ref-{like}-{id_}",
            stage=str(1 + like % 3),
            opened_at=begun,
            moved_at=begun,
        ),
    )
    due = samples.later(days=like) if like else None
    tasks.sync(
        tx,
        id_,
        [
            replace(
                samples.task(id_, "1", due=due, priority=50 + like % 2),
                stage=str(1 + like % 3),
                opened_at=begun,
                ref=f"ref-{like}-{id_}",
            )
        ],
        {},
    )
    grants.add(
        tx,
        grants.GrantRow(f"g-{id_}", id_, "south", "Helper", "G1", "C0", "x", "", NOON, None, None),
    )
    samples.put_in_lists(tx, id_)


INBOX: dict[str, Turn] = {
    f"inbox by {sort}": lambda tx, step, sort=sort: inbox.page(
        tx, READER, inbox.InboxFilter(sort=sort), step, limit=LIMIT
    )  # type: ignore[misc]  # mypy takes no default in a lambda
    for sort in inbox.ORDERS
}
CASES: dict[str, Turn] = {
    f"cases by {sort}": lambda tx, step, sort=sort: case_list.page(
        tx, READER, step, CaseListFilter(sort=sort), limit=LIMIT, keep=list
    )  # type: ignore[misc]  # same
    for sort in case_list.SORTS
}
SOUTH = replace(READER, office="south", person="p-south")
LISTS: dict[str, Turn] = {
    **INBOX,
    **CASES,
    "inbox of one stage": lambda tx, step: inbox.page(
        tx, READER, inbox.InboxFilter(stage="2"), step, limit=2
    ),
    "cases that are active": lambda tx, step: case_list.page(
        tx, READER, step, CaseListFilter(state="active"), limit=LIMIT, keep=list
    ),
    "cases of which the reader sees every third": lambda tx, step: case_list.page(
        tx,
        READER,
        step,
        CaseListFilter(sort="since"),
        limit=LIMIT,
        keep=lambda found: [one for one in found if int(one.case.id[1:]) % 3 == 0],
    ),
    "what waits elsewhere": lambda tx, step: inbox.elsewhere_tasks(tx, SOUTH, step, limit=LIMIT),
    "all cases": lambda tx, step: audit_search.begun_cases(tx, AuditQuery(), step, LIMIT),
}


def ids(page: ListPage[Any]) -> list[str]:
    """What a page shows."""
    return [
        row.task.key if hasattr(row, "task") else row.case.id if hasattr(row, "case") else row.id
        for row in page.rows
    ]


def walked(
    database: Database, turn: Turn, meanwhile: Callable[[int], None] = lambda _: None
) -> list[list[str]]:
    """Every page from the first to the last."""
    found: list[list[str]] = []
    step = PageRequest()
    while True:
        with database.transaction(write=False) as tx:
            page = turn(tx, step)
        found.append(ids(page))
        assert bool(page.previous) is (len(found) > 1)
        if not page.next:
            return found
        step = PageRequest(after=page.next)
        meanwhile(len(found))


@pytest.mark.parametrize("name", LISTS)
def test_walking_shows_every_row_once_forwards_and_back(stocked: Database, name: str) -> None:
    pages = walked(stocked, LISTS[name])
    seen = [one for page in pages for one in page]
    assert len(pages) >= 2
    assert len(seen) == len(set(seen))
    if "third" in name:
        assert len(seen) == (MANY + 2) // 3
    elif "stage" not in name:
        assert len(seen) == MANY
    with stocked.transaction(write=False) as tx:
        last = LISTS[name](tx, PageRequest(after=_cursor_before_last(tx, LISTS[name])))
        assert ids(last) == pages[-1]
        back, step = [ids(last)], PageRequest(before=last.previous)
        while True:
            page = LISTS[name](tx, step)
            back.append(ids(page))
            assert page.next
            if not page.previous:
                break
            step = PageRequest(before=page.previous)
    assert back[-1] == pages[0]
    assert {one for page in back for one in page} == set(seen)


def _cursor_before_last(tx: Any, turn: Turn) -> str:
    cursor, page = "", turn(tx, PageRequest())
    while page.next:
        cursor, page = page.next, turn(tx, PageRequest(after=page.next))
    return cursor


@pytest.mark.parametrize("name", [*INBOX, *CASES, "what waits elsewhere", "all cases"])
def test_rows_that_come_and_go_shift_nothing(
    stocked: Database, samples: SampleRows, name: str
) -> None:
    def meanwhile(page: int) -> None:
        with stocked.transaction() as tx:
            for like in range(4):
                put(tx, samples, f"n{page}-{like}", like)

    pages = walked(stocked, LISTS[name], meanwhile)
    seen = [one for page in pages for one in page]
    assert len(seen) == len(set(seen))
    assert len([one for one in seen if not one.removeprefix("k-").startswith("n")]) == MANY


@pytest.mark.parametrize("name", LISTS)
def test_a_page_costs_the_same_wherever_it_lies(stocked: Database, name: str) -> None:
    with counted(stocked) as sent:
        pages = walked(stocked, LISTS[name])
    if "third" not in name:
        assert len(sent) == len(pages), "one statement a page"


def test_no_list_is_told_how_many_rows_to_skip() -> None:
    assert [
        file.name
        for file in Path(pages_module.__file__).parent.rglob("*.py")
        if ".offset(" in file.read_text("utf-8")
    ] == []


@pytest.mark.parametrize("sort", case_list.SORTS)
def test_cases_without_a_task_and_ended_cases_are_listed_too(
    stocked: Database, samples: SampleRows, sort: str
) -> None:
    with stocked.transaction() as tx:
        for name, status in (("quiet", "open"), ("over", "ended")):
            cases.add(tx, replace(samples.case(name), status=status))
            grants.add(
                tx,
                grants.GrantRow(
                    f"g-{name}", name, "north", "Helper", "G1", "C0", "x", "", NOON, None, None
                ),
            )
        samples.put_in_lists(tx, "quiet", "over")
    pages = walked(stocked, LISTS[f"cases by {sort}"])
    seen = [one for page in pages for one in page]
    assert len(seen) == len(set(seen)) == MANY + 2
    if sort in ("due", "here"):
        assert seen[-2:] == ["quiet", "over"]
    with stocked.transaction(write=False) as tx:
        done = case_list.page(
            tx,
            READER,
            PageRequest(),
            CaseListFilter(state="done", sort=sort),
            limit=LIMIT,
            keep=list,
        )
        waiting = case_list.page(
            tx,
            READER,
            PageRequest(),
            CaseListFilter(state="waiting", sort=sort),
            limit=LIMIT,
            keep=list,
        )
        assert (ids(done), ids(waiting)) == (["over"], ["quiet"])
        assert case_list.count(tx, READER, CaseListFilter(state="active")) == MANY


def test_a_row_that_has_gone_still_tells_where_to_go_on(stocked: Database) -> None:
    pages = walked(stocked, LISTS["inbox by due"])
    with stocked.transaction() as tx:
        first = LISTS["inbox by due"](tx, PageRequest())
        gone = first.rows[-1].task
        tasks.sync(tx, gone.case_id, [], {gone.id: None})
        assert ids(LISTS["inbox by due"](tx, PageRequest(after=first.next))) == pages[1]


NONE = (
    "",
    "x",
    "é",
    "W10",
    "W1s",
    "bm8",
    "WyJhIiwgMSwgImIiXQ",
    "WzEsMiwzXQ",
    "W1s5OTk5OTk5OTk5OTk5OTk5OTk5OTldLDEsImsiXQ",
    "a" * 501,
)


@pytest.mark.parametrize("cursor", NONE)
def test_a_cursor_that_is_none_counts_as_the_first_page(stocked: Database, cursor: str) -> None:
    turn = LISTS["inbox by due"]
    with stocked.transaction(write=False) as tx:
        first = turn(tx, PageRequest())
        assert turn(tx, PageRequest(after=cursor)) == first
        assert turn(tx, PageRequest(before=cursor)) == first
        assert (
            turn(tx, PageRequest(after=write(inbox.ORDERS["new"].place(first.rows[0])))) == first
        ), "of another order"


def test_a_cursor_holds_a_place_and_nothing_else() -> None:
    order: ListOrder[Any] = inbox.ORDERS["due"]
    place = (NOON, -50, "01J9ZK7Q4M9X2TDW8B5RCE3FNH")
    assert read(write(place), order) == place
    assert write(place).replace("-", "").replace("_", "").isalnum()


def test_a_list_that_was_read_already_has_pages_too() -> None:
    rows = [str(n) for n in range(1, 8)]

    def turned(**step: str) -> tuple[list[str], str, str]:
        holding = step.pop("holding", "")
        found = page_of_rows(rows, str, PageRequest(**step), 3, holding)
        return [*found.rows], found.previous, found.next

    assert turned() == (["1", "2", "3"], "", "3")
    assert turned(after="3") == (["4", "5", "6"], "4", "6")
    assert turned(after="6") == (["7"], "7", "")
    assert turned(before="7") == (["4", "5", "6"], "4", "6")
    assert turned(before="2") == (["1", "2", "3"], "", "3"), "before the beginning, a whole page"
    assert turned(holding="5") == (["4", "5", "6"], "4", "6")
    assert turned(after="none") == turned(holding="none") == turned()
    assert page_of_rows([], str, PageRequest(after="1"), 3) == ListPage((), "", "")
