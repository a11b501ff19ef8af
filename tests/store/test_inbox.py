"""The inbox: its order, its lists, and what waits elsewhere."""

from __future__ import annotations

from datetime import datetime

from service.store.casefile import grants
from service.store.database import Database
from service.store.keyset import PageRequest
from service.store.read_models import inbox as inbox_rows
from service.store.read_models.list_reader import InboxReader
from service.store.transaction import Tx
from service.store.work import tasks
from tests.store.sample_rows import SampleRows


def reader(now: datetime, role: str = "Helper") -> InboxReader:
    """A person of the office `north`."""
    return InboxReader("p-north", "north", frozenset({role}), now)


def inbox(
    tx: Tx, now: datetime, *, role: str = "Helper", box: str = "office"
) -> tuple[tasks.TaskListRow, ...]:
    """The first page of one of her boxes."""
    return inbox_rows.page(
        tx, reader(now, role), inbox_rows.InboxFilter(box=box), PageRequest(), limit=50
    ).rows


def elsewhere(tx: Tx, now: datetime) -> tuple[list[str], int]:
    """Tasks that wait for other offices, and of how many cases the inbox says they are."""
    page = inbox_rows.elsewhere_tasks(tx, reader(now), PageRequest(), limit=50)
    return [row.task.key for row in page.rows], inbox_rows.counts(tx, reader(now), {})["waiting"]


def test_the_inbox_is_ordered_by_due_date_weight_and_age(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        wanted = [
            samples.task("c000", "4"),
            samples.task("c000", "3", priority=90),
            samples.task("c000", "5", office="south"),
            samples.task("c000", "2", due=samples.later(days=2)),
            samples.task("c000", "1", due=samples.later(days=1)),
            samples.task("c000", "0", due=samples.later(days=1), priority=90),
        ]
        tasks.sync(tx, "c000", wanted, {})
        rows = inbox(tx, samples.noon)
        assert [row.task.id for row in rows] == ["0", "1", "2", "3", "4"]
        assert (rows[0].ref, rows[0].process) == ("ref-c000", "return_case")
        assert inbox(tx, samples.noon, role="Reader") == ()


def test_lists_hold_mine_and_unclaimed_and_hidden_tasks_return(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        mine, free, hidden = (
            samples.task("c000", id_, due=samples.later(days=due))
            for id_, due in (("1", -1), ("2", -1), ("3", 5))
        )
        tasks.sync(tx, "c000", [mine, free, hidden], {})
        assert tasks.claim(tx, mine.key, "p-north", samples.noon)
        assert tasks.hide(tx, hidden.key, samples.later(days=2))

        def box(name: str, now: datetime = samples.noon) -> list[str]:
            return [row.task.id for row in inbox(tx, now, box=name)]

        assert (box("mine"), box("unclaimed"), box("office")) == (["1"], ["2"], ["1", "2"])
        assert box("resting") == ["3"]
        assert box("office", samples.later(days=2)) == ["1", "2", "3"]
        assert box("resting", samples.later(days=2)) == []
        boxes = {name: inbox_rows.InboxFilter(box=name) for name in ("mine", "office", "unclaimed")}
        counted = inbox_rows.counts(
            tx, reader(samples.noon), {**boxes, "late": inbox_rows.InboxFilter(before=samples.noon)}
        )
        assert counted == {"mine": 1, "office": 2, "unclaimed": 1, "late": 2, "waiting": 0}


def test_what_waits_elsewhere_is_of_cases_that_the_office_sees(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        for case_id in ("c000", "c001"):
            tasks.sync(
                tx,
                case_id,
                [samples.task(case_id, "1", office="south"), samples.task(case_id, "2")],
                {},
            )
        samples.put_in_lists(tx, "c000", "c001")
        assert elsewhere(tx, samples.noon) == ([], 0)
        grants.add(
            tx, grants.GrantRow("g", "c000", "north", "Helper", "G1", "C0", "own", "", samples.noon)
        )
        samples.put_in_lists(tx, "c000")
        assert elsewhere(tx, samples.noon) == (["k-c000-1"], 1)
        grants.add(
            tx,
            grants.GrantRow("j", "c001", "north", "Other", "G1", "C0", "own", "", samples.noon),
        )
        samples.put_in_lists(tx, "c001")
        assert elsewhere(tx, samples.noon) == (["k-c000-1"], 1), "of another role"
        grants.add(
            tx,
            grants.GrantRow("h", "c000", "north", "Helper", "G2", "C0", "own", "", samples.noon),
            grants.GrantRow("i", "c001", "north", "Helper", "G1", "C0", "own", "", samples.noon),
        )
        samples.put_in_lists(tx, "c000", "c001")
        assert elsewhere(tx, samples.noon) == (["k-c000-1", "k-c001-1"], 2)
