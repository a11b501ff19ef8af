"""A letter holds nobody's data, and is not sent without its consent or an address."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.binding import Answer, Letter
from service.casework.letters import letter_mail
from service.mail import OutgoingMail
from service.security.keyring import Keyring
from service.store.installation import offices
from service.store.work import letters
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import OFFICE, ROLE
from tests.support.waiting import until
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    functions = {"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))}
    bundle = small.one(d.job("j") + small.person("a"), "s>j j>a a>e")
    made = open_world(database_url, keyring, bundle, functions=functions)
    yield made
    made.database.close()


def queued(desk: World) -> letters.Letter:
    """A letter of a case, leased by a worker."""
    case, worker = desk.start(small.ANSWERS).case_id, desk.worker()
    until(lambda: worker.step() and desk.letters(case), "the letter is written")
    (letter,) = desk.letters(case)
    return letter


def prepared(desk: World, letter: letters.Letter) -> OutgoingMail | None:
    with desk.database.transaction() as tx:
        return letter_mail.prepare_mail(
            tx, desk.program.services, now=desk.clock.now(), letter=letter, who="w1"
        )


def test_a_letter_names_the_case_by_its_pseudonym_alone(desk: World) -> None:
    letter = queued(desk)
    mail = prepared(desk, letter)
    assert mail is not None
    assert (mail.key, mail.to) == (letter.key, "social@example.invalid")
    assert desk.case(letter.case_id).ref in mail.text
    assert f"/go/{letter.case_id}" in mail.text
    assert all(text not in mail.text for text in ("ringer", "telefon", "Stockholm"))


def test_a_letter_without_its_consent_is_not_sent(desk: World) -> None:
    assert prepared(desk, replace(queued(desk), needs_consent="SHARE_HEALTH")) is None


def test_a_letter_without_an_address_is_an_incident(desk: World) -> None:
    letter = queued(desk)
    with desk.database.transaction() as tx:
        office = offices.get(tx, OFFICE)
        assert office is not None
        assert letter_mail.address_of(tx, desk.program.services, "nowhere") == ""
    assert prepared(desk, replace(letter, office_id="nowhere")) is None
