"""Batches: work over many cases goes on after a crash, ends when asked, and holds up nobody."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from service.errors import CaseMoved, RowRefused
from service.records.context import BatchEnds, BatchWork, Services
from service.records.ledger_kinds import KINDS
from service.security import ledger_lines
from service.store.installation import ledger_entries
from service.store.row_scope import as_system
from service.store.transaction import Tx
from service.store.work import batches
from service.store.work.batches import Batch, CaseOutcome
from service.worker.loop import Worker
from tests.support.world import World
from tests.worker.world import CALLS, WAITS, Opened

Handle = Callable[[str], CaseOutcome]


class Killed(BaseException):
    """The process ends in the middle of a case."""


class Work:
    """A kind of batch that does what a test says, and notes where it was."""

    def __init__(
        self, handle: Handle | None = None, *, writes: bool = False, begins: str = ""
    ) -> None:
        self.seen: list[str] = []
        self.ended: list[str] = []
        self.handle = handle or (lambda _: CaseOutcome("same"))
        self.writes, self.begins = writes, begins

    def work(self) -> BatchWork:
        return BatchWork(self._one, self._finish, act="", writes=self.writes, begins=self.begins)

    def _one(self, tx: Tx, _: Services, row: Batch, case_id: str, now: datetime) -> CaseOutcome:
        assert tx.write is self.writes
        assert row.kind == "probe"
        assert now.tzinfo is not None
        self.seen.append(case_id)
        return self.handle(case_id)

    def _finish(self, tx: Tx, _: Services, row: Batch, now: datetime) -> None:
        assert tx.write
        assert row.ended_at == now
        self.ended.append(row.state)


def begun(desk: World, work: Work, number: int = 3) -> list[str]:
    """A batch over some new cases."""
    services = replace(desk.program.services, batches={"probe": work.work()})
    desk.program = replace(desk.program, services=services)
    found = [desk.start().case_id for _ in range(number)]
    row = Batch("b1", "probe", "draft", {"rev": 3}, batches.RUNNING, number, "p", desk.clock.now())
    with desk.database.transaction() as tx:
        batches.add(tx, row, found)
    return found


def stored(desk: World) -> Batch:
    with desk.database.transaction(write=False) as tx:
        row = batches.get(tx, "b1")
    assert row is not None
    return row


def verdicts(desk: World) -> list[str]:
    with desk.database.transaction(write=False) as tx:
        return [case.verdict for case in batches.of_batch(tx, "b1")]


def settle(worker: Worker) -> None:
    while worker.step():
        pass


@pytest.mark.parametrize("writes", [False, True])
def test_every_case_is_done_once_in_order(opened: Opened, *, writes: bool) -> None:
    desk, work = opened(WAITS), Work(writes=writes)
    found = begun(desk, work)
    settle(desk.worker())
    row = stored(desk)
    assert work.seen == found
    assert work.ended == ["done"]
    assert (row.state, row.done, row.total, row.leased_by) == ("done", 3, 3, "")
    assert verdicts(desk) == ["same"] * 3


@pytest.mark.parametrize("writes", [False, True])
def test_a_killed_worker_costs_the_case_in_hand(opened: Opened, *, writes: bool) -> None:
    def dies(case_id: str) -> CaseOutcome:
        if case_id == found[1] and len(work.seen) == 2:
            raise Killed
        return CaseOutcome("same")

    desk, work = opened(WAITS), Work(dies, writes=writes)
    found = begun(desk, work)
    with pytest.raises(Killed):
        settle(desk.worker())
    assert (stored(desk).done, stored(desk).leased_by) == (1, "w1")
    settle(desk.worker("w2"))
    assert stored(desk).done == 1, "the lease of the dead is not over"
    desk.later(seconds=61)
    settle(desk.worker("w2"))
    assert work.seen == [found[0], found[1], found[1], found[2]]
    assert (stored(desk).state, stored(desk).done) == ("done", 3)


def test_two_workers_never_do_the_same_portion(opened: Opened) -> None:
    def meanwhile(_: str) -> CaseOutcome:
        assert second.step() == 0
        return CaseOutcome("same")

    desk, work = opened(WAITS), Work(meanwhile)
    found = begun(desk, work)
    first, second = desk.worker(), desk.worker("w2")
    settle(first)
    assert work.seen == found


def test_a_stop_is_seen_before_the_next_case(opened: Opened) -> None:
    def stops(_: str) -> CaseOutcome:
        with desk.database.transaction() as tx:
            assert batches.end(tx, "b1", batches.STOPPED, at=desk.clock.now())
        return CaseOutcome("same")

    desk, work = opened(WAITS), Work(stops)
    begun(desk, work)
    settle(desk.worker())
    assert len(work.seen) == 1
    assert (stored(desk).state, stored(desk).done) == ("stopped", 0)
    assert verdicts(desk) == ["", "", ""]


@pytest.mark.parametrize("fault", [ValueError("a value of the case"), CaseMoved()])
def test_the_fault_of_a_case_is_its_verdict(
    opened: Opened, fault: Exception, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(case_id: str) -> CaseOutcome:
        if case_id == found[0]:
            raise fault
        return CaseOutcome("same")

    desk, work = opened(WAITS), Work(fails)
    found = begun(desk, work)
    settle(desk.worker())
    assert verdicts(desk) == ["failed", "same", "same"]
    with desk.database.transaction(write=False) as tx:
        detail = batches.of_batch(tx, "b1", verdicts=["failed"])[0].detail
    assert detail == {"fault": type(fault).__name__}
    assert "a value of the case" not in capsys.readouterr().out


def test_what_a_case_wrote_is_undone_with_its_fault(opened: Opened) -> None:
    desk = opened(WAITS)

    def handle(tx: Tx, *_: Any) -> CaseOutcome:
        batches.set_detail(tx, "b1", {"half": "written"})
        raise ValueError

    begun(desk, Work())
    work = BatchWork(handle, lambda *_: None, act="", writes=True)
    desk.program = replace(
        desk.program, services=replace(desk.program.services, batches={"probe": work})
    )
    settle(desk.worker())
    assert verdicts(desk) == ["failed"] * 3
    assert stored(desk).detail == {"rev": 3}


def test_work_that_has_no_use_any_more_ends(opened: Opened) -> None:
    def ends(_: str) -> CaseOutcome:
        raise BatchEnds("draft_changed")

    desk, work = opened(WAITS), Work(ends)
    begun(desk, work)
    settle(desk.worker())
    assert work.ended == ["stopped"]
    assert stored(desk).detail == {"rev": 3, "reason": "draft_changed"}


def test_timers_and_calls_come_between_the_cases(opened: Opened) -> None:
    def looks(_: str) -> CaseOutcome:
        open_calls.append(sum(len(desk.jobs(case)) for case in found))
        return CaseOutcome("same")

    open_calls: list[int] = []
    desk, work = opened(CALLS), Work(looks)
    found = begun(desk, work, 25)
    desk.worker().step()
    assert open_calls == [15], "ten calls, then one case"


def test_what_was_found_is_deleted_with_its_batch(opened: Opened) -> None:
    desk, work = opened(WAITS), Work()
    found = begun(desk, work)
    settle(desk.worker())
    with desk.database.transaction() as tx:
        assert batches.counts(tx, "b1") == {"same": 3}
        assert [case.case_id for case in batches.of_batch(tx, "b1", after=1, limit=1)] == found[1:2]
        batches.delete_batch(tx, "b1")
        assert batches.of_batch(tx, "b1") == []
        assert batches.get(tx, "b1") is None


def test_old_batches_are_swept(opened: Opened) -> None:
    desk, work = opened(WAITS), Work()
    begun(desk, work)
    settle(desk.worker())
    desk.later(days=89)
    settle(desk.worker())
    assert stored(desk).state == "done"
    desk.later(days=2)
    settle(desk.worker())
    with desk.database.transaction(write=False) as tx:
        assert batches.get(tx, "b1") is None


@pytest.mark.parametrize("kind", ["migration_started", "verify_begun"])
@pytest.mark.parametrize("lacks", ["", "entry", "kind", "moment", "person", "about", "mac"])
def test_a_batch_that_no_entry_began_is_left_alone(opened: Opened, kind: str, lacks: str) -> None:
    """Its own MAC fits: somebody could have put back one of before."""
    desk, work = opened(WAITS), Work(begins=kind)
    cases, now = begun(desk, work), desk.clock.now()
    name, about = ("plan", "draft") if kind == "migration_started" else ("batch", "b1")
    entry = ledger_lines.write(
        "system",
        ledger_end(desk),
        kind="migration_undone" if lacks == "kind" else kind,
        at=now - timedelta(seconds=1) if lacks == "moment" else now,
        actor="another" if lacks == "person" else "p",
        body={name: "another" if lacks == "about" else about},
    )
    if lacks != "entry":
        with desk.database.transaction() as tx:
            tx.later(ledger_entries.ADD_STREAM, {"name": "system"})
            ledger_entries.add(tx, entry)
    if lacks == "mac":
        with desk.database.transaction() as tx:
            _forget_mac(tx)
    if lacks:
        with pytest.raises(RowRefused):
            settle(desk.worker())
        assert (work.seen, stored(desk).leased_by) == ([], "")
    else:
        settle(desk.worker())
        assert (work.seen, work.ended) == (cases, [batches.DONE])


def ledger_end(desk: World) -> tuple[int, str]:
    with desk.database.transaction(write=False) as tx:
        return ledger_entries.end(tx, "system")


def _forget_mac(tx: Tx) -> None:
    """Take the MAC from the entry, as somebody could who has the database."""
    drop = "DROP TRIGGER line_no_update" + (" ON line" if tx.postgres else "")
    tx.run(as_system("schema", text(drop)))
    forget = "UPDATE line SET mac = NULL WHERE actor = 'p'"
    tx.run(as_system("schema", text(forget)))


def test_a_kind_that_changes_cases_writes_an_entry_when_it_begins(opened: Opened) -> None:
    kinds = opened(WAITS).program.services.batches
    without = {name for name, work in kinds.items() if not work.begins}
    assert without == {"migration_try"}, "it reads, and writes nothing at all"
    assert not any(kinds[name].writes for name in without)
    assert all(work.begins in KINDS for name, work in kinds.items() if name not in without)
