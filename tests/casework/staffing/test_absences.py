"""Absence: a deputy finds the tasks of whom she stands in for, and acts in her own name."""

from __future__ import annotations

import json
from datetime import date, timedelta

import pytest

from service.casework.tasks import claims, inbox_list
from service.errors import InvalidAnswers, NotFound, TaskTaken
from service.people import absences, letter_choices
from service.people.absences import (
    absence_lines,
    deputies,
    end_absence,
    load_absences,
    offered_colleagues,
    stood_in_for_names,
)
from service.store.installation import ledger_entries
from tests.support.directory import OFFICE
from tests.support.inbox import load_list, sizes
from tests.support.world import World


def today(desk: World) -> date:
    return desk.clock.now().date()


def set_absence(
    desk: World, *, person: str = "p_sara", deputy: str = "p_stina", by: str = "sara", days: int = 3
) -> None:
    first, services, now = today(desk), desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        absences.set_absence(
            tx,
            services,
            desk.viewer(by),
            now,
            person=person,
            deputy=deputy,
            first_day=first,
            last_day=first + timedelta(days=days),
        )


def claim(desk: World, key: str, by: str) -> bool:
    with desk.database.transaction() as tx:
        return claims.claim(
            tx, desk.program.services, by=desk.viewer(by), now=desk.clock.now(), task_key=key
        )


def mine(desk: World, by: str) -> list[inbox_list.TaskRow]:
    viewer = desk.viewer(by)
    loaded = load_list(desk, viewer, inbox_list.Filter("mine"), limit=9)
    page = inbox_list.task_page(loaded, desk.program.services, viewer)
    assert sizes(loaded)["mine"] == len(page.rows)
    return list(page.rows)


def test_a_deputy_finds_and_claims_the_tasks_in_her_own_name(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    claim(desk, key, "sara")
    assert mine(desk, "stina") == []
    with pytest.raises(TaskTaken):
        claim(desk, key, "stina")
    set_absence(desk)
    (row,) = mine(desk, "stina")
    assert (row.stood_in_for, row.mine, row.away_until) == (
        True,
        False,
        today(desk) + timedelta(days=3),
    )
    claim(desk, key, "stina")
    assert desk.tasks(case)[0].claimed_by == "p_stina"
    with desk.database.transaction(write=False) as tx:
        entry = list(ledger_entries.of_stream(tx, f"case/{case}"))[-1]
    body = json.loads(entry.body)
    assert (entry.kind, entry.actor, body["from"]) == ("take_over", "p_stina", "p_sara")
    assert body["until"] == (today(desk) + timedelta(days=3)).isoformat()


def test_an_absence_ends_by_itself(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    claim(desk, key, "sara")
    set_absence(desk, days=1)
    desk.clock.set(desk.clock.now() + timedelta(days=2))
    assert mine(desk, "stina") == []
    with pytest.raises(TaskTaken):
        claim(desk, key, "stina")


def test_a_colleague_enters_it_and_she_ends_it(desk: World) -> None:
    set_absence(desk, by="stina")
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        (line,) = absence_lines(tx, services, desk.viewer(), now).values()
        assert "Sara" in line
        assert "Stina" in line
        end_absence(tx, services, desk.viewer(), now, person="p_sara")
        assert load_absences(tx, OFFICE, now).today == {}
    with desk.database.transaction(write=False) as tx:
        entries = list(ledger_entries.of_stream(tx, f"office/{OFFICE}"))[-2:]
    assert [(one.kind, one.actor) for one in entries] == [
        ("absence_set", "p_stina"),
        ("absence_ended", "p_sara"),
    ]


def test_wrong_days_and_deputies_are_named(desk: World) -> None:
    day = today(desk)
    services, by, now = desk.program.services, desk.viewer(), desk.clock.now()

    def faults(
        first: date | None, last: date | None, deputy: str = "p_stina"
    ) -> set[tuple[str, str]]:
        with desk.database.transaction() as tx, pytest.raises(InvalidAnswers) as refused:
            absences.set_absence(
                tx,
                services,
                by,
                now,
                person="p_sara",
                deputy=deputy,
                first_day=first,
                last_day=last,
            )
        return {(fault.path, fault.key) for fault in refused.value.faults}

    assert faults(None, day) == {("first_day", "absence.no_day")}
    assert faults(day, day - timedelta(days=1)) == {("last_day", "absence.wrong_order")}
    assert faults(day, day + timedelta(days=400)) == {("last_day", "absence.too_long")}
    assert faults(day, day, "p_sara") == {("deputy", "absence.no_deputy")}
    assert faults(day, day, "p_nobody") == {("deputy", "absence.no_deputy")}
    set_absence(desk, person="p_stina", deputy="p_sara")
    assert faults(day, day) == {("deputy", "absence.deputy_away")}
    with desk.database.transaction() as tx, pytest.raises(NotFound):
        absences.set_absence(
            tx, services, by, now, person="p_nobody", deputy="p_sara", first_day=day, last_day=day
        )


def test_who_is_away_is_offered_last(desk: World) -> None:
    set_absence(desk)
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        away = load_absences(tx, OFFICE, now)
        offered = offered_colleagues(tx, services, desk.viewer("stina"), away)
        assert [id_ for id_, _ in offered] == ["p_stina", "p_sara"]
        assert (today(desk) + timedelta(days=3)).isoformat() in offered[-1][1]
        (name,) = stood_in_for_names(tx, services, desk.viewer("stina"), away)
    assert name == offered[-1][1]


def test_a_deputy_gets_the_letters_that_she_wants(desk: World) -> None:
    set_absence(desk)
    services, now, mailbox = desk.program.services, desk.clock.now(), "social@example.invalid"
    with desk.database.transaction() as tx:
        letter_choices.choose_letters(
            tx,
            services,
            by=desk.viewer("stina"),
            now=now,
            how="none",
            address="stina@example.invalid",
            mailbox=mailbox,
        )
    with desk.database.transaction(write=False) as tx:
        standing_in = deputies(load_absences(tx, OFFICE, now))
        alone = letter_choices.load_readers(tx, services, OFFICE, mailbox)
        both = letter_choices.load_readers(tx, services, OFFICE, mailbox, standing_in)
    assert "stina@example.invalid" not in alone.at_once
    assert "stina@example.invalid" in both.at_once
