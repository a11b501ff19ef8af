"""Which role of which office sees a case, as lists read it: never more than its grants and tasks
say, whatever happened before.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import combinations
from random import Random

import pytest

from service.store.casefile import cases, grants
from service.store.casefile.grants import GrantRow
from service.store.database import Database
from service.store.keyset import PageRequest
from service.store.lists import case_access, case_counts
from service.store.lists.access_rows import ELSEWHERE, ENDED, HERE, AccessRow, TaskForLists, rows_of
from service.store.read_models import case_list, office_stats
from service.store.read_models.list_reader import InboxReader
from service.store.tables.column_types import DISTANT
from service.store.transaction import Tx
from service.store.work import tasks
from service.store.writing import write_last
from tests.store.sample_rows import NOON, SampleRows

HOURS = range(0, 40, 5)
OFFICES, ROLES = ("north", "south"), ("Helper", "Other", "Reader")
ROLE_SETS = [frozenset(some) for n in (1, 2, 3) for some in combinations(ROLES, n)]
CASES = ("c000", "c001", "c002")


def hour(n: int) -> datetime:
    return NOON + timedelta(hours=n)


def grant(n: int, *, until: int | None = None, role: str = "Helper", id_: str = "g") -> GrantRow:
    """A grant of north from one hour until another."""
    end = None if until is None else hour(until)
    return GrantRow(f"{id_}{n}", "c000", "north", role, "G1", "C0", "x", "", hour(n), end)


def waits(office: str = "north", role: str = "Helper", key: str = "k", at: int = 0) -> TaskForLists:
    return TaskForLists(key, role, office, "Task_A", None, hour(at))


def only(rows: list[AccessRow], office: str = "north") -> AccessRow:
    (row,) = [row for row in rows if row.office_id == office]
    return row


def test_a_task_alone_makes_a_row_that_no_grant_makes(samples: SampleRows) -> None:
    row = only(rows_of(samples.case("c000"), [], [waits()], NOON))
    assert (row.rank, row.granted, row.opens, row.until) == (HERE, False, DISTANT, DISTANT)


def test_a_grant_that_goes_on_with_another_is_one_row(samples: SampleRows) -> None:
    granted = [grant(0, until=5), grant(5, until=9), grant(20)]
    for now in (0, 4, 5, 8):
        row = only(rows_of(samples.case("c000"), granted, [], hour(now)))
        assert (row.opens, row.until, row.rank) == (hour(0), hour(9), ELSEWHERE)
    for now in (9, 15, 30):
        row = only(rows_of(samples.case("c000"), granted, [], hour(now)))
        assert (row.opens, row.until) == (hour(20), DISTANT), "nothing is open in between"


def test_what_ran_out_or_was_ended_makes_no_row(samples: SampleRows) -> None:
    granted = [grant(0, until=5), replace(grant(1), ended_at=hour(2))]
    assert rows_of(samples.case("c000"), granted, [], hour(5)) == []


def test_another_office_is_waited_for_since_its_oldest_task(samples: SampleRows) -> None:
    waiting = [waits("south", key="b", at=3), waits("south", key="a", at=1), waits(key="c")]
    rows = rows_of(samples.case("c000"), [grant(0)], waiting, NOON)
    assert (only(rows).away_office, only(rows).away_since) == ("south", hour(1))
    assert (only(rows, "south").away_office, only(rows, "south").away_since) == ("north", hour(0))


def test_an_ended_case_stands_last_and_is_not_counted(samples: SampleRows) -> None:
    ended = replace(samples.case("c000"), status="ended")
    row = only(rows_of(ended, [grant(0)], [], NOON))
    assert (row.rank, row.ended, case_counts.counts_of([row])) == (ENDED, 1, {})


def test_a_case_counts_once_for_the_roles_that_see_it(samples: SampleRows) -> None:
    granted = [grant(0), grant(1, role="Other")]
    rows = rows_of(samples.case("c000"), granted, [waits(role="Reader")], hour(1))
    assert case_counts.counts_of(rows) == {("north", "Helper Other", "1"): 1}


def random_acts(lot: Random) -> Iterator[Callable[[Tx, SampleRows], str]]:
    """Grants that open, run out and end, tasks that come and go; each gives its case."""
    for n in range(60):
        case, office, role = lot.choice(CASES), lot.choice(OFFICES), lot.choice(ROLES)
        start, length = lot.choice(HOURS), lot.choice((0, 5, 10, None))

        def act(
            tx: Tx,
            samples: SampleRows,
            n: int = n,
            case: str = case,
            office: str = office,
            role: str = role,
            start: int = start,
            length: int | None = length,
        ) -> str:
            if n % 3:
                until = None if length is None else hour(start + length)
                made = replace(grant(n, role=role, id_=f"{case}-"), case_id=case, office_id=office)
                grants.add(tx, replace(made, starts=hour(start), until=until))
            else:
                row = replace(samples.task(case, str(n), office=office), role=role)
                waiting = tasks.of_case(tx, case)
                kept = {task.id: task for task in waiting}
                tasks.sync(tx, case, [row, *waiting[:2]], kept)
            return case

        yield act


def opened(tx: Tx, office: str, roles: frozenset[str], now: datetime) -> set[str]:
    """The cases that a grant opens, or in which a task waits, by what is stored of each."""
    found = set()
    for id_ in CASES:
        live = (g for g in grants.of_case(tx, id_, office=office) if g.live(now))
        own = (task for task in tasks.of_case(tx, id_) if task.office_id == office)
        if not roles.isdisjoint({*(g.role for g in live), *(task.role for task in own)}):
            found.add(id_)
    return found


@pytest.mark.parametrize("seed", range(2))
def test_no_list_shows_more_than_grants_and_tasks(
    database: Database, samples: SampleRows, seed: int
) -> None:
    """Rows that were written at one moment are read at another: what ran out meanwhile is gone, and
    once the worker has brought the case in line the list is exactly what is open.
    """
    lot = Random(seed)  # noqa: S311 - a history, not a secret
    with database.transaction() as tx:
        samples.found(tx, cases_=len(CASES))
        for n, act in enumerate(random_acts(lot)):
            written = cases.get(tx, act(tx, samples))
            assert written is not None
            case_access.refresh(tx, written, hour(n // 2))
        for n in (30, 37, 44, 58):
            for office in OFFICES:
                for roles in ROLE_SETS:
                    assert listed(tx, office, roles, hour(n)) <= opened(tx, office, roles, hour(n))
            for id_ in case_access.over(tx, hour(n), limit=9):
                over = cases.get(tx, id_)
                assert over is not None
                case_access.refresh(tx, over, hour(n))
            for office in OFFICES:
                for roles in ROLE_SETS:
                    sort = lot.choice(case_list.SORTS)
                    found = listed(tx, office, roles, hour(n), sort)
                    assert found == opened(tx, office, roles, hour(n))
        write_last(tx)
        assert case_counts.wrong_counts(tx) == [
            (f"release_case_count of {samples.release}", len(CASES), 0)
        ], "these cases began without a turn, which alone counts releases"
        tx.changes.bound.clear()  # no entry binds these rows


def listed(
    tx: Tx, office: str, roles: frozenset[str], now: datetime, sort: str = "here"
) -> set[str]:
    """The cases of a reader's list, each of them once."""
    reader = InboxReader("p", office, roles, now)
    wanted = case_list.CaseListFilter(sort=sort)
    page = case_list.page(tx, reader, PageRequest(), wanted, limit=9, keep=list)
    found = [row.case.id for row in page.rows]
    assert case_list.count(tx, reader, wanted) == len(found) == len(set(found))
    return set(found)


def test_counts_by_stage_are_of_the_roles_of_the_reader(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        grants.add(tx, grant(0), grant(1, role="Other"))
        grants.add(tx, replace(grant(2), id="h", case_id="c001"))
        samples.put_in_lists(tx, *CASES[:2])

        def stages(*roles: str) -> dict[str, int]:
            reader = InboxReader("p", "north", frozenset(roles), NOON)
            return office_stats.stages(tx, reader)

        assert stages("Helper") == stages("Helper", "Other") == {"1": 2}
        assert (stages("Other"), stages("Reader")) == ({"1": 1}, {})
        tx.changes.bound.clear()  # no entry binds these rows
