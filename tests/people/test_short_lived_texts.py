"""A short-lived text opens for its person and secret until it expires; a ticket opens once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from service.people import short_lived_texts as texts
from tests.support.world import NOON, World

UNTIL = NOON + texts.SEARCH


@pytest.fixture
def name(desk: World) -> str:
    """The name of a text that Sara's browser keeps."""
    made = texts.new_name()
    with desk.database.transaction() as tx:
        texts.keep_text(tx, name=made, secret="cookie", person="p_sara", text="words", until=UNTIL)
    return made


@pytest.mark.parametrize(
    ("secret", "person", "now", "text"),
    [
        ("cookie", "p_sara", NOON, "words"),
        ("another", "p_sara", NOON, None),
        ("cookie", "p_stina", NOON, None),
        ("cookie", "p_sara", UNTIL, None),
    ],
)
def test_a_text_opens_for_its_person_and_secret_in_time(
    desk: World, name: str, secret: str, person: str, now: datetime, text: str | None
) -> None:
    with desk.database.transaction(write=False) as tx:
        assert texts.read_text(tx, name=name, secret=secret, person=person, now=now) == text


def test_an_unknown_name_opens_nothing(desk: World) -> None:
    who: dict[str, Any] = {"secret": "cookie", "person": "p_sara", "now": NOON}
    with desk.database.transaction(write=False) as tx:
        assert texts.read_text(tx, name=texts.new_name(), **who) is None


def test_a_forgotten_text_opens_nothing(desk: World, name: str) -> None:
    who: dict[str, Any] = {"secret": "cookie", "person": "p_sara", "now": NOON}
    with desk.database.transaction() as tx:
        texts.forget_text(tx, name)
        assert texts.read_text(tx, name=name, **who) is None


def test_a_ticket_opens_once(desk: World) -> None:
    ticket, until = texts.new_name(), NOON + texts.TICKET
    with desk.database.transaction() as tx:
        texts.keep_text(tx, name=ticket, secret=ticket, person="p_sara", text="d1", until=until)
        assert texts.take_ticket(tx, name=ticket, now=NOON) == "d1"
        assert texts.take_ticket(tx, name=ticket, now=NOON) is None


def test_an_expired_ticket_opens_nothing(desk: World) -> None:
    ticket, until = texts.new_name(), NOON + timedelta(seconds=1)
    with desk.database.transaction() as tx:
        texts.keep_text(tx, name=ticket, secret=ticket, person="p_sara", text="d1", until=until)
        assert texts.take_ticket(tx, name=ticket, now=until) is None
