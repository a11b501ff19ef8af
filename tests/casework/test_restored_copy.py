"""What a restored copy holds, what it says is missing, and who lets it go on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.casework import clock_guard, restored_copy
from service.casework.restored_copy import OutsideHeads
from service.errors import NotConfirmed, NotFound, UnusableWord
from service.records.context import Actor
from service.security import ledger_lines
from service.security.keyring import Keyring
from service.store.installation import ledger_entries
from tests.support.world import NOON, World, open_world, settle
from tests.worker.world import WAITS

CLI = Actor("cli")
ANNA = Actor("p_anna", "north")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, WAITS)
    yield made
    made.database.close()


def hold(desk: World, outside: OutsideHeads | None = None) -> None:
    with desk.database.transaction() as tx:
        copied_at, now = NOON - timedelta(hours=8), desk.clock.now()
        restored_copy.hold(
            tx, by=CLI, now=now, copied_at=copied_at, outside=outside, found="restore"
        )


def gap(desk: World, outside: OutsideHeads | None = None) -> restored_copy.RestoreGap:
    with desk.database.transaction(write=False) as tx:
        return restored_copy.find_gap(tx, now=desk.clock.now(), outside=outside)


def test_an_ordinary_database_holds_nothing(desk: World) -> None:
    with pytest.raises(NotFound, match="this is no restored copy, or no more"):
        gap(desk)
    with pytest.raises(NotFound), desk.database.transaction() as tx:
        restored_copy.confirm(tx, by=ANNA, now=NOON, outside=None)
    with desk.database.transaction(write=False) as tx:
        assert (restored_copy.is_held(tx), clock_guard.why_paused(tx)) == (False, "")


def test_a_held_copy_refuses_what_needs_a_timer(desk: World) -> None:
    case = desk.start().case_id
    hold(desk)
    desk.later(days=21)
    assert settle(desk.worker()) == 0
    with pytest.raises(NotConfirmed):
        desk.do(case, "a")
    assert [job.kind for job in gap(desk).jobs] == ["timer"]


def test_a_stream_without_its_end_gets_an_entry_above(desk: World) -> None:
    case = desk.start().case_id
    stream = f"case/{case}"
    with desk.database.transaction(write=False) as tx:
        end, digest = ledger_entries.end(tx, stream)
    outside = OutsideHeads(NOON, "d", {stream: (end + 4, "ab"), "case/lost": (3, "cd")})
    hold(desk, outside)
    found = gap(desk, outside)
    assert [(one.stream, one.copied, one.named) for one in found.streams] == [
        (stream, end, end + 4),
        ("case/lost", 0, 3),
    ]
    assert (found.entries, found.lost_cases) == (7, 1)
    with desk.database.transaction(write=False) as tx:
        last = ledger_entries.latest(tx, stream, limit=1)[0]
        assert ledger_entries.end(tx, "case/lost") == (0, "")
    assert (last.seq, last.kind) == (end + 5, "restore_gap")
    assert last.hash == ledger_lines.leaf(ledger_lines.text(last, digest))
    assert json.loads(last.body) == {"missing": [end + 1, end + 4]}
    assert desk.faults() == []


def test_another_end_of_a_stream_is_missing_too(desk: World) -> None:
    stream = f"case/{desk.start().case_id}"
    with desk.database.transaction(write=False) as tx:
        end, digest = ledger_entries.end(tx, stream)
    same = OutsideHeads(NOON, "d", {stream: (end, digest[:32])})
    other = OutsideHeads(NOON, "d", {stream: (end, "0" * 32)})
    hold(desk)
    assert gap(desk, same).streams == ()
    assert [(one.copied, one.named) for one in gap(desk, other).streams] == [(end - 1, end)]


def test_a_number_of_another_form_confirms_nothing(desk: World) -> None:
    hold(desk)
    with (
        pytest.raises(UnusableWord, match="450 is no case number"),
        desk.database.transaction() as tx,
    ):
        restored_copy.confirm(tx, by=ANNA, now=NOON, outside=None, last_number="450")
    with desk.database.transaction(write=False) as tx:
        assert restored_copy.is_held(tx)


def test_who_confirms_stands_in_the_ledger(desk: World) -> None:
    hold(desk)
    with desk.database.transaction() as tx:
        restored_copy.confirm(tx, by=ANNA, now=desk.clock.now(), outside=None)
    with desk.database.transaction(write=False) as tx:
        confirmed, held = ledger_entries.latest(tx, "system", limit=2)
        assert not restored_copy.is_held(tx)
    assert (held.kind, held.actor) == ("restored", CLI.id)
    assert (confirmed.kind, confirmed.actor) == ("restore_confirmed", ANNA.id)
