"""How letters come is each person's choice, and every office keeps a reader."""

from __future__ import annotations

from datetime import timedelta

import pytest

from service.access import Viewer
from service.errors import NotFound, UnusableWord
from service.people import directory, letter_choices
from service.people.letter_choices import AT_ONCE, DAILY, NONE, LetterChoice, LetterReaders
from service.store.installation import ledger_entries
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World

MAILBOX, OWN = "social@example.invalid", "sara@example.invalid"


def choose(desk: World, by: Viewer, how: str, address: str = "") -> None:
    with desk.database.transaction() as tx:
        letter_choices.choose_letters(
            tx,
            desk.program.services,
            by=by,
            now=desk.clock.now(),
            how=how,
            address=address,
            mailbox=MAILBOX,
        )


def readers(desk: World) -> LetterReaders:
    with desk.database.transaction(write=False) as tx:
        return letter_choices.load_readers(tx, desk.program.services, OFFICE, MAILBOX)


def test_a_choice_and_an_address_are_kept(desk: World, sara: Viewer) -> None:
    services = desk.program.services
    with desk.database.transaction(write=False) as tx:
        assert letter_choices.load_choice(tx, services, by=sara) == LetterChoice(AT_ONCE, "")
    choose(desk, sara, DAILY, OWN)
    with desk.database.transaction(write=False) as tx:
        assert letter_choices.load_choice(tx, services, by=sara) == LetterChoice(DAILY, OWN)
        [line] = ledger_entries.latest(tx, f"office/{OFFICE}", kinds=["letters_chosen"])
    assert OWN not in line.body
    choose(desk, sara, DAILY, "")
    assert desk.person("sara").email is None
    assert desk.faults() == []


def test_who_reads_the_mailbox_shares_it_with_the_most_eager(desk: World, sara: Viewer) -> None:
    choose(desk, sara, DAILY)
    found = readers(desk)
    assert (found.at_once, found.daily) == ((MAILBOX,), ())
    choose(desk, desk.loaded_viewer("stina"), NONE)
    found = readers(desk)
    assert (found.at_once, found.daily) == ((), (MAILBOX,))


def test_everybody_gets_what_never_waits(desk: World, sara: Viewer) -> None:
    choose(desk, sara, NONE, OWN)
    assert readers(desk).everybody == (MAILBOX, OWN)


def test_the_last_reader_stays(desk: World, sara: Viewer) -> None:
    stina = desk.loaded_viewer("stina")
    choose(desk, stina, NONE)
    with pytest.raises(UnusableWord) as refused:
        choose(desk, sara, NONE)
    assert refused.value.facts["why"] == "last_reader"
    with desk.database.transaction(write=False) as tx:
        assert letter_choices.has_reader(tx, OFFICE)
        assert not letter_choices.has_reader(tx, OFFICE, without=sara.person)


def test_a_closed_person_reads_nothing(desk: World, sara: Viewer) -> None:
    choose(desk, desk.loaded_viewer("stina"), NONE, "stina@example.invalid")
    choose(desk, sara, DAILY, OWN)
    with desk.database.transaction() as tx:
        directory.close_person(tx, desk.program.services, by=SEED, now=NOON, sign_in="sara")
    found = readers(desk)
    assert (found.at_once, found.daily) == ((MAILBOX,), ())
    assert OWN not in found.everybody


def test_who_leaves_the_daily_letter_gets_what_was_gathered(desk: World, sara: Viewer) -> None:
    choose(desk, sara, DAILY, OWN)
    desk.later(hours=1)
    choose(desk, sara, AT_ONCE, OWN)
    left, hour = desk.clock.now(), timedelta(hours=1)
    found = readers(desk)
    assert found.of_gathered([left + hour, left - hour]) == (OWN,)
    assert found.of_gathered([left + hour]) == (MAILBOX,), "nothing is lost for want of readers"


def test_nobody_has_no_choice(desk: World) -> None:
    stranger = Viewer("p_nobody", OFFICE, frozenset())
    with desk.database.transaction() as tx, pytest.raises(NotFound):
        letter_choices.load_choice(tx, desk.program.services, by=stranger)
    with pytest.raises(NotFound):
        choose(desk, stranger, DAILY)
