"""Rules of the plan run by themselves on their day, where somebody has signed them; a hold stops
them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.access import CLASSES
from service.casework.retention import due_runs, holds
from service.casework.retention.erasure import ErasureOrder, erase
from service.errors import InvalidAnswers, NotFound
from service.operations import background
from service.records.retention import ZONE
from service.security.keyring import Keyring
from service.store.casefile import retention_acts
from service.store.installation import reports
from service.store.installation.reports import PublishedReport
from service.store.work import incidents
from service.worker.retention import CasesNotRun, run_retention
from tests.support.directory import OFFICE, ONE_OFFICE, OfficePlan
from tests.support.plans import signed
from tests.support.small_plan import RULES, SARA, SIGNED, ended, spoil, with_plan, work, world_with
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = world_with(database_url, keyring, SIGNED)
    yield made
    made.database.close()


def erased(desk: World, case: str) -> list[tuple[str, str, list[str]]]:
    with desk.database.transaction(write=False) as tx:
        acts = retention_acts.of_case(tx, case)
    return [(act.office_id, act.rule, act.classes) for act in acts]


def test_a_rule_runs_by_itself_on_its_day_and_not_before(desk: World) -> None:
    case = ended(desk)
    work(desk, 30)
    assert erased(desk, case) == []
    work(desk, 2)
    assert erased(desk, case) == [(OFFICE, "HEALTH", ["C2", "C3"])]
    work(desk, 400)
    assert len(erased(desk, case)) == 1
    assert desk.faults() == []


def test_an_office_to_the_west_has_its_whole_last_day(database_url: str, keyring: Keyring) -> None:
    office = OfficePlan(OFFICE, "Social", "SOCIALTJANST", "America/Bogota")
    directory = replace(ONE_OFFICE, offices=(office,))
    desk = open_world(database_url, keyring, with_plan(SIGNED), directory=directory)
    case = ended(desk)
    desk.clock.set(datetime(2026, 4, 3, 0, 30, tzinfo=ZoneInfo(ZONE)))
    desk.worker().step()
    assert erased(desk, case) == [], "it is half past five in the afternoon there"
    work(desk, 1)
    assert erased(desk, case) == [(OFFICE, "HEALTH", ["C2", "C3"])]
    desk.database.close()


def test_what_falls_due_is_listed_before(desk: World) -> None:
    case = ended(desk)
    with desk.database.transaction(write=False) as tx:
        services, now = desk.program.services, desk.clock.now()
        assert due_runs.falling_due(tx, services, now) == due_runs.DueList([], [])
        (found,) = due_runs.falling_due(tx, services, now + timedelta(days=10)).records
    assert (found.falls.case, found.falls.rule, found.runs) == (case, "HEALTH", True)


def test_rules_that_nobody_has_signed_erase_nothing(database_url: str, keyring: Keyring) -> None:
    desk = world_with(database_url, keyring, signed(RULES, "MYNDIGHET"))
    case = ended(desk)
    work(desk, 60)
    assert erased(desk, case) == []
    with desk.database.transaction(write=False) as tx:
        (found,) = due_runs.falling_due(tx, desk.program.services, desk.clock.now()).records
    assert not found.runs
    desk.database.close()


def asked(desk: World) -> int:
    """How many statements the list takes."""
    heard = list[str]()
    hears = desk.database.listening(lambda statement, *_: heard.append(statement))
    with hears, desk.database.transaction(write=False) as tx:
        due_runs.falling_due(tx, desk.program.services, desk.clock.now())
    return len(heard)


def test_a_case_takes_one_question_and_none_once_nothing_of_it_is_kept(desk: World) -> None:
    gone = ended(desk)
    first = asked(desk)
    for _ in range(5):
        ended(desk)
    each = 6 if desk.database.postgres else 1  # there a batch is several statements in one trip
    assert asked(desk) - first == 5 * each
    with desk.database.transaction() as tx:
        order = ErasureOrder(gone, OFFICE, CLASSES, "HEALTH", desk.program.services.current(tx).id)
        erase(tx, desk.program.services, order, by=SARA, now=desk.clock.now())
    assert asked(desk) - first == 4 * each


def test_a_year_whose_sums_are_not_published_is_named_before_they_lack_a_case(
    desk: World,
) -> None:
    ended(desk)
    services = desk.program.services
    reported = replace(services, programme=replace(services.programme, process="p"))

    def years() -> list[int]:
        with desk.database.transaction(write=False) as tx:
            found = due_runs.falling_due(tx, services, desk.clock.now())
            return due_runs.uncounted_years(tx, reported, found)

    assert years() == [], "nothing falls due yet"
    desk.clock.set(desk.clock.now() + timedelta(days=10))
    assert years() == [2026]
    row = PublishedReport("R", 2025, 2027, 1, {}, "p_sara", desk.clock.now())
    with desk.database.transaction() as tx:
        reports.add(tx, row, stream="release/p")
    assert years() == []


@pytest.mark.parametrize("column", ["mac", "snapshot"])
def test_a_case_that_is_refused_keeps_no_other_from_being_erased(desk: World, column: str) -> None:
    first, spoilt, last = sorted(ended(desk) for _ in range(3))
    spoil(desk, spoilt, column)
    desk.clock.set(desk.clock.now() + timedelta(days=35))
    worker = desk.worker()
    for _ in range(2):
        with pytest.raises(CasesNotRun):
            run_retention(worker, desk.clock.now())
    assert [len(erased(desk, case)) for case in (first, spoilt, last)] == [1, 0, 1]
    assert worker.retention_left == (spoilt,)
    with desk.database.transaction(write=False) as tx:
        found = due_runs.falling_due(tx, desk.program.services, desk.clock.now())
        kinds = {row.kind for row in incidents.open_of_installation(tx, "row_refused")}
    assert [case.id for case in found.unread] == ([spoilt] if column == "snapshot" else [])
    assert kinds == ({"row_refused"} if column == "mac" else set())


def test_that_a_case_is_refused_is_seen_in_front(desk: World) -> None:
    spoil(desk, ended(desk), "snapshot")
    desk.clock.set(desk.clock.now() + timedelta(days=35))
    worker = desk.worker()
    worker.runs = True
    for _ in range(background.FAILURES):
        desk.later(minutes=2)
        worker.step()
    worker._write_failures()
    with desk.database.transaction(write=False) as tx:
        stops = {stop.part: stop for stop in background.load_stops(tx, now=desk.clock.now())}
    assert not stops[background.RETENTION].fails, "people can work all the same"
    assert stops[background.RETENTION].error.startswith("CasesNotRun")


def hold(desk: World, case: str, days: int, reason: str = "Tillsyn") -> str:
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        made = holds.set_hold(
            *(tx, desk.program.services),
            by=SARA,
            now=now,
            case_id=case,
            until=now + timedelta(days=days),
            reason=reason,
        )
    return made.id


def test_under_a_hold_nothing_is_erased_until_it_ends(desk: World) -> None:
    case, other = ended(desk), ended(desk)
    work(desk, 20)
    hold(desk, case, 30)
    work(desk, 15)
    assert (erased(desk, case), len(erased(desk, other))) == ([], 1)
    work(desk, 20)
    assert len(erased(desk, case)) == 1
    assert desk.faults() == []


def test_a_hold_that_is_ended_holds_no_more(desk: World) -> None:
    case = ended(desk)
    id_ = hold(desk, case, 30)
    with desk.database.transaction() as tx:
        holds.end_hold(tx, by=SARA, now=desk.clock.now(), hold_id=id_)
    with pytest.raises(NotFound), desk.database.transaction() as tx:
        holds.end_hold(tx, by=SARA, now=desk.clock.now(), hold_id=id_)
    work(desk, 35)
    assert len(erased(desk, case)) == 1


@pytest.mark.parametrize(("days", "reason"), [(31, "Tillsyn"), (0, "Tillsyn"), (5, " ")])
def test_a_hold_has_a_reason_and_an_end(desk: World, days: int, reason: str) -> None:
    case = ended(desk)
    with pytest.raises(InvalidAnswers):
        hold(desk, case, days, reason)
