"""After a clock jump no timer fires until an operator has confirmed the clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.casework import clock_guard
from service.cli import main
from service.clock import SetClock, ShiftedClock, WallClock, read_clock
from service.errors import ClockJumped
from service.records.context import Actor
from service.release.bundle import Bundle
from service.security.keyring import Keyring, make_keyring, write_keyring
from service.store.database import Database
from service.store.installation import ledger_entries
from service.worker.loop import Worker
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import NOON, World, open_world, settle

OPERATOR = Actor("cli")
YEAR = timedelta(days=400)
WAITS = small.one(
    small.person("a") + d.border("b", "a", d.timer("Duration", "P20D")) + small.person("late"),
    "s>a a>e b>late late>e",
)
CALLS = small.one(
    d.both("g")
    + d.job("j")
    + small.person("x")
    + d.catch("w", d.timer("Duration", "P20D"))
    + d.both("h"),
    "s>g g>j g>w j>x x>h w>h h>e",
)


class Wall(SetClock):
    """A machine's clock and its steady clock: setting it moves only the first."""

    off = timedelta()

    def now(self) -> datetime:
        return self.moment + self.off

    def steady(self) -> float:
        return self.moment.timestamp()


class Site:
    """A desk whose worker lives by a clock that can be set wrong."""

    def __init__(self, desk: World) -> None:
        self.desk = desk
        self.wall = Wall(NOON)
        self.worker = self.another()

    def another(self) -> Worker:
        """A worker that has not looked at the clock yet."""
        made = self.desk.worker()
        made.clock = self.wall
        return made

    def passes(self, span: timedelta) -> None:
        """Let time pass on both clocks, and for the people of the desk."""
        self.wall.moment += span
        self.desk.clock.set(self.wall.now())

    def set(self, off: timedelta) -> None:
        """Somebody sets the machine's clock."""
        self.wall.off = off
        self.desk.clock.set(self.wall.now())

    def kinds(self, case: str) -> list[str]:
        return [f.kind for f in self.desk.facts(case)]

    def confirm(self) -> None:
        with self.desk.database.transaction() as tx:
            clock_guard.confirm_clock(tx, by=OPERATOR, now=self.wall.now())

    @property
    def paused(self) -> bool:
        with self.desk.database.transaction(write=False) as tx:
            return clock_guard.paused(tx)

    def entries(self) -> list[tuple[str, object]]:
        """Kinds and actors of the entries about the clock."""
        with self.desk.database.transaction(write=False) as tx:
            stream = ledger_entries.of_stream(tx, "system")
        return [(one.kind, one.actor) for one in stream if one.kind.startswith("clock_")]


Opened = Callable[[Bundle], Site]


@pytest.fixture
def opened(database_url: str, keyring: Keyring) -> Iterator[Opened]:
    desks: list[World] = []

    def make(bundle: Bundle) -> Site:
        desks.append(open_world(database_url, keyring, bundle))
        return Site(desks[-1])

    yield make
    for desk in desks:
        desk.database.close()


@pytest.mark.parametrize("off", [YEAR, timedelta(days=20)])
def test_a_jump_ahead_fires_nothing_until_it_is_confirmed(opened: Opened, off: timedelta) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    settle(site.worker)
    site.set(off)
    assert settle(site.worker) == 0
    assert (site.paused, site.kinds(case)) == (True, ["start"])
    site.passes(timedelta(hours=1))
    assert settle(site.worker) == settle(site.another()) == 0, (
        "neither does another worker, nor one that begins now"
    )
    site.confirm()
    assert settle(site.worker) > 0
    assert site.kinds(case) == ["start", "due"]
    assert site.entries() == [("clock_jumped", "worker"), ("clock_confirmed", "cli")]
    assert site.desk.faults() == []


def test_a_jump_that_was_undone_has_fired_nothing_early(
    opened: Opened,
) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    settle(site.worker)
    site.set(YEAR)
    settle(site.worker)
    site.set(timedelta())
    settle(site.worker)
    assert site.paused, "an operator looks at it, whatever it says by now"
    site.confirm()
    assert settle(site.worker) == 0
    site.passes(timedelta(days=20))
    assert settle(site.worker) > 0
    assert site.kinds(case) == ["start", "due"]
    assert site.desk.faults() == []


def test_a_clock_that_jumps_back_pauses_and_nothing_fires_twice(opened: Opened) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    site.passes(timedelta(days=20))
    settle(site.worker)
    assert site.kinds(case) == ["start", "due"]
    site.set(-timedelta(hours=1))
    settle(site.worker)
    assert site.paused
    site.confirm()
    settle(site.worker)
    site.passes(timedelta(hours=2))
    settle(site.worker)
    assert site.kinds(case) == ["start", "due"]
    assert site.desk.faults() == []


@pytest.mark.parametrize("off", [timedelta(minutes=5), timedelta(minutes=-5), timedelta(seconds=5)])
def test_a_clock_that_is_set_a_little_goes_on(opened: Opened, off: timedelta) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    settle(site.worker)
    site.set(off)
    settle(site.worker)
    site.passes(timedelta(days=20, minutes=5))
    settle(site.worker)
    assert (site.paused, site.kinds(case)) == (False, ["start", "due"])


def test_a_server_that_was_down_fires_what_is_overdue(
    opened: Opened,
) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    settle(site.worker)
    site.wall.moment = NOON + YEAR
    settle(site.another())
    assert (site.paused, site.kinds(case)) == (False, ["start", "due"])


def test_a_worker_that_was_suspended_for_weeks_goes_on(opened: Opened) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    settle(site.worker)
    site.passes(YEAR)
    settle(site.worker)
    assert (site.paused, site.kinds(case)) == (False, ["start", "due"])


def test_a_worker_that_begins_in_the_past_fires_nothing(
    opened: Opened,
) -> None:
    site = opened(WAITS)
    settle(site.worker)
    site.set(-timedelta(minutes=6))
    settle(site.another())
    assert site.paused


def test_while_timers_are_paused_calls_go_on(
    opened: Opened,
) -> None:
    site = opened(CALLS)
    case = site.desk.start().case_id
    other = site.desk.start().case_id
    settle(site.worker)
    fresh = site.desk.start().case_id
    site.set(YEAR)
    site.worker.step()
    assert site.paused
    with pytest.raises(ClockJumped):
        site.desk.do(case, "x")
    late = site.desk.start().case_id
    settle(site.worker)
    assert site.kinds(late) == ["start", "answer"], (
        "a case without a timer that is due by the wrong clock loses nothing"
    )
    loaded = site.desk.jobs(fresh)
    assert {(j.kind, j.tries) for j in loaded} == {("call", 0), ("timer", 0)}, (
        "its answer would need a timer first; that it waits costs no try"
    )
    site.desk.do(late, "x")
    site.confirm()
    site.passes(timedelta(minutes=2))
    settle(site.worker)
    assert [site.kinds(one)[-1] for one in (case, other)] == ["due", "due"]
    assert sorted(site.kinds(fresh)) == ["answer", "due", "start"]
    assert site.desk.faults() == []


def test_an_operator_sees_the_pause_and_ends_it(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keyring(keyring, tmp_path / "keys")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys"))
    run = CliRunner().invoke
    assert run(main, ["incident", "clock"]).stdout == "Timers were not paused.\n"
    database = Database(database_url)
    database.row_mac = b"%b".__mod__
    with database.transaction() as tx:
        assert clock_guard.pause(tx, now=NOON, by=YEAR)
        assert not clock_guard.pause(tx, now=NOON, by=YEAR), "one pause, one line"
    assert "The clock jumped" in run(main, ["incident", "list"]).stdout
    assert run(main, ["incident", "clock"]).stdout == "Timers fire again.\n"
    assert run(main, ["incident", "list"]).stdout == ""
    database.close()


def test_a_clock_behind_the_newest_fact_can_be_confirmed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = make_keyring(demo=False)
    keys = tmp_path.with_name(f"{tmp_path.name}-keys") / "keyring.json"
    write_keyring(real, keys)
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(keys))
    monkeypatch.setenv("TRESTEG_MAIL_URL", "smtp://127.0.0.1:1025?tls=off")
    desk = open_world(database_url, real, small.row_of_tasks(1))
    desk.clock.set(WallClock().now() + YEAR)
    desk.start()
    with desk.database.transaction() as tx:
        clock_guard.pause(tx, now=WallClock().now(), by=-YEAR)
    run = CliRunner().invoke
    assert run(main, ["verify"]).exit_code == 78, (
        "nothing else begins while the clock is behind what has happened"
    )
    assert run(main, ["incident", "clock"]).stdout == "Timers fire again.\n"
    desk.database.close()


def test_a_demos_clock_is_moved_at_will(opened: Opened) -> None:
    site = opened(WAITS)
    case = site.desk.start().case_id
    shifted = ShiftedClock(Wall(NOON))
    site.worker.clock = shifted
    settle(site.worker)
    shifted.shift = YEAR
    settle(site.worker)
    assert (site.paused, site.kinds(case)) == (False, ["start", "due"])
    shifted.shift = timedelta()
    settle(site.worker)
    assert not site.paused, "the demo begins anew"


def test_the_machines_own_clock_does_not_jump() -> None:
    clock = WallClock()
    before = read_clock(clock)
    looks = [read_clock(clock) for _ in range(100)]
    assert all(abs(one.moved(before)) < clock_guard.MOST for one in looks)
    assert all(one.steady >= before.steady for one in looks)
