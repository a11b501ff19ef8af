"""Letters that a log review waits: to offices that have auditors, without a name."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.audit.log_review.questions import ask_person
from service.audit.log_review.review import JUDGE
from service.people import accounts
from service.records.context import Actor
from service.worker.log_review import ReviewLetter, due_letters, record_letter
from tests.support import log_reviews as made
from tests.support.directory import BOARD, OFFICE
from tests.support.world import World


@pytest.fixture
def begun(shipped_world: World) -> World:
    """A review that has begun, and offices that have addresses."""
    with shipped_world.database.transaction() as tx:
        for office in (BOARD, OFFICE):
            accounts.set_address(
                tx,
                shipped_world.program.services,
                by=Actor("cli"),
                now=shipped_world.clock.now(),
                office_id=office,
                address=f"{office}@example.invalid",
            )
    made.look_without_task(shipped_world, "sara", shipped_world.start_case().case_id)
    made.begin(shipped_world)
    return shipped_world


def due(world: World) -> list[ReviewLetter]:
    with world.database.transaction(write=False) as tx:
        return due_letters(tx, world.program.services, now=world.clock.now())


def test_only_the_office_of_auditors_is_told(begun: World) -> None:
    (letter,) = due(begun)
    assert (letter.office, letter.element, letter.late) == (BOARD, JUDGE, False)
    assert letter.mail.to == f"{BOARD}@example.invalid"


def test_a_letter_names_nobody(begun: World) -> None:
    (letter,) = due(begun)
    said = f"{letter.mail.subject} {letter.mail.text}"
    assert "loggkontroll" in said
    assert "/audit/log-review/2026-03" in said
    assert "Sara" not in said


def test_who_was_told_is_not_told_again_until_it_is_late(begun: World) -> None:
    (letter,) = due(begun)
    with begun.database.transaction() as tx:
        record_letter(tx, letter, now=begun.clock.now())
    assert due(begun) == []
    begun.later(days=15)
    (late,) = due(begun)
    assert late.late
    assert late.mail.key != letter.mail.key


def test_nobody_is_told_at_night_or_of_what_has_ended(begun: World) -> None:
    begun.clock.set(made.APRIL - timedelta(hours=4))
    assert due(begun) == []
    begun.clock.set(made.APRIL)
    made.judge(begun, "greta", 1)
    made.sign(begun, "greta")
    assert due(begun) == []


def test_an_office_without_an_address_is_passed_over(shipped_world: World) -> None:
    made.begin(shipped_world)
    assert due(shipped_world) == []


def test_who_is_asked_is_told_once_without_a_name(begun: World) -> None:
    with begun.database.transaction() as tx:
        for letter in due_letters(tx, begun.program.services, now=begun.clock.now()):
            record_letter(tx, letter, now=begun.clock.now())
        by, now = begun.loaded_viewer("greta"), begun.clock.now()
        ask_person(tx, begun.program.services, by, now, month=made.MARCH, look=1, words="Why?")
    (letter,) = due(begun)
    assert (letter.office, letter.late) == (OFFICE, False)
    assert "/log-questions" in letter.mail.text
    assert "Sara" not in f"{letter.mail.subject} {letter.mail.text}"
    with begun.database.transaction() as tx:
        record_letter(tx, letter, now=begun.clock.now())
    assert due(begun) == []
    begun.later(days=8)
    assert [one.late for one in due(begun)] == [True]
