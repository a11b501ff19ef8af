"""Passkeys, with an authenticator in software: what is right opens, and nothing else does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from service.access import Viewer
from service.errors import LastWay, NotAllowed, NotFound, NotSignedIn
from service.people import passkeys, second_factor
from service.people.passkeys import Shown
from service.records.ledger_append import append_entry
from service.security.passkey_answers import PasskeySite
from service.store.installation import credentials, ledger_entries
from service.store.writing import write_last
from tests.support.authenticator import Authenticator
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World

SITE = PasskeySite("tresteg.example", "https://tresteg.example")
HERE = "here"
"""The token of the session."""
ELSEWHERE = PasskeySite("evil.example", "https://evil.example")
LATER = NOON + timedelta(minutes=1)
Change = Callable[[Authenticator], None]


@pytest.fixture
def sara(desk: World) -> Viewer:
    return desk.loaded_viewer("sara")


@pytest.fixture
def key() -> Authenticator:
    return Authenticator(SITE)


def make(
    desk: World, by: Viewer, key: Authenticator, *, verified: bool = True, asked_in: str = HERE
) -> str:
    """Make a passkey; gives its id."""
    services = desk.program.services
    with desk.database.transaction() as tx:
        asked = passkeys.begin_adding(
            tx, services, SITE, person=by.person, bound_to=asked_in, name="Sara", now=NOON
        )
        answer = key.make(asked.options, verified=verified)
        return passkeys.add_passkey(
            tx,
            services,
            SITE,
            by=by,
            bound_to=HERE,
            ticket=asked.ticket,
            answer=answer,
            name=" Min  dator",
            now=NOON,
        ).id


def show(desk: World, key: Authenticator, *, person: str = "", now: datetime = LATER) -> Shown:
    """Show a passkey to a new challenge."""
    services = desk.program.services
    asked = passkeys.begin_showing(services, SITE, person=person, bound_to=HERE, now=NOON)
    return answered(desk, asked.ticket, key.show(asked.options), person=person, now=now)


def answered(
    desk: World, ticket: str, answer: str, *, person: str = "", now: datetime = LATER
) -> Shown:
    with desk.database.transaction() as tx:
        found = passkeys.show_passkey(
            tx,
            desk.program.services,
            SITE,
            ticket=ticket,
            answer=answer,
            person=person,
            bound_to=HERE,
            now=now,
            by=SEED,
        )
        if found.credential is not None:  # as whoever is let in then
            append_entry(tx, f"office/{OFFICE}", "proof_given", by=SEED, now=now)
        return found


def opens(found: Shown) -> bool:
    return found.credential is not None


def test_a_passkey_that_was_made_opens(desk: World, sara: Viewer, key: Authenticator) -> None:
    id_ = make(desk, sara, key)
    found = show(desk, key)
    assert found.credential is not None
    assert (found.credential.person_id, found.credential.id) == ("p_sara", id_)
    with desk.database.transaction() as tx:
        (own,) = passkeys.list_passkeys(tx, desk.program.services, "p_sara", LATER)
        assert (own.name, own.copied) == ("Min dator", False)
        (row,) = credentials.of_person(tx, "p_sara", now=LATER, kinds=(credentials.PASSKEY,))
    assert row.count == key.count > 0


def test_one_that_saw_neither_finger_nor_pin_is_refused(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    with pytest.raises(NotSignedIn):
        make(desk, sara, key, verified=False)
    make(desk, sara, key)
    key.verified = False
    assert not opens(show(desk, key))


def test_an_answer_is_taken_once(desk: World, sara: Viewer, key: Authenticator) -> None:
    make(desk, sara, key)
    asked = passkeys.begin_showing(desk.program.services, SITE, now=NOON)
    answer = key.show(asked.options)
    assert opens(answered(desk, asked.ticket, answer))
    with pytest.raises(NotSignedIn):
        answered(desk, asked.ticket, answer)
    other = passkeys.begin_showing(desk.program.services, SITE, now=NOON)
    assert not opens(answered(desk, other.ticket, answer)), "it signs another challenge"


def test_a_challenge_is_for_one_purpose_and_one_person_and_minutes(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    make(desk, sara, key)
    services = desk.program.services
    for_stina = passkeys.begin_showing(services, SITE, person="p_stina", bound_to=HERE, now=NOON)
    elsewhere = passkeys.begin_showing(
        services, SITE, person="p_sara", bound_to="another session", now=NOON
    )
    to_sign_in = passkeys.begin_showing(services, SITE, now=NOON)
    for asked, person in (
        (for_stina, "p_sara"),
        (for_stina, ""),
        (to_sign_in, "p_sara"),
        (elsewhere, "p_sara"),
    ):
        with pytest.raises(NotSignedIn):
            answered(desk, asked.ticket, key.show(asked.options), person=person)
    with pytest.raises(NotSignedIn):
        show(desk, key, now=NOON + passkeys.LIFE + timedelta(seconds=1))
    assert not opens(
        answered(desk, for_stina.ticket, key.show(for_stina.options), person="p_stina")
    )


def elsewhere(key: Authenticator) -> None:
    key.site = ELSEWHERE


def of_somebody_else(key: Authenticator) -> None:
    key.handle = b"somebody else"


def of_nobody(key: Authenticator) -> None:
    key.handle = None


def in_a_frame(key: Authenticator) -> None:
    key.framed = True


@pytest.mark.parametrize(
    "change", [elsewhere, of_somebody_else, of_nobody, in_a_frame, Authenticator.renew_key]
)
def test_what_another_page_or_device_signs_is_refused(
    desk: World, sara: Viewer, key: Authenticator, change: Change
) -> None:
    make(desk, sara, key)
    change(key)
    assert not opens(show(desk, key))


@pytest.mark.parametrize(
    "change",
    [
        lambda answer: answer.replace('"signature":"M', '"signature":"N'),
        lambda answer: answer[:-2],
        lambda _: "[" * 15_000,
        lambda _: "",
    ],
    ids=["signature", "cut", "deep", "nothing"],
)
def test_an_answer_that_was_changed_is_refused(
    desk: World, sara: Viewer, key: Authenticator, change: Callable[[str], str]
) -> None:
    make(desk, sara, key)
    asked = passkeys.begin_showing(desk.program.services, SITE, now=NOON)
    assert not opens(answered(desk, asked.ticket, change(key.show(asked.options))))


def test_a_counter_that_goes_back_is_an_alarm_and_opens_nothing(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    make(desk, sara, key)
    show(desk, key)
    show(desk, key)
    key.count -= 2
    found = show(desk, key)
    assert (found.credential, found.copied) == (None, True)
    with desk.database.transaction() as tx:
        write_last(tx)
        for stream in ("system", f"office/{sara.office}"):
            (alarm,) = ledger_entries.latest(tx, stream, kinds=["passkey_counter_back"])
            assert '"person":"p_sara"' in alarm.body
        (own,) = passkeys.list_passkeys(tx, desk.program.services, "p_sara", LATER)
    assert own.copied
    assert desk.person("sara").settings[passkeys.ALARM] == own.id
    key.count += 9
    assert not opens(show(desk, key)), "it opens nothing any more"
    make(desk, sara, Authenticator(SITE))
    end(desk, sara, own.id)
    assert passkeys.ALARM not in desk.person("sara").settings


def test_a_key_without_a_counter_opens_each_time(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    key.counts = False
    make(desk, sara, key)
    assert all(opens(show(desk, key)) for _ in range(3))


def test_one_that_was_ended_opens_nothing_and_the_last_way_stays(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    first = make(desk, sara, key)
    with pytest.raises(LastWay):
        end(desk, sara, first)
    make(desk, sara, Authenticator(SITE))
    end(desk, sara, first)
    assert not opens(show(desk, key))
    with pytest.raises(NotFound):
        end(desk, sara, first)


def test_nobody_ends_or_names_that_of_another(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    id_, stina = make(desk, sara, key), desk.loaded_viewer("stina")
    with pytest.raises(NotFound):
        end(desk, stina, id_)
    with pytest.raises(NotFound), desk.database.transaction() as tx:
        passkeys.rename_passkey(tx, desk.program.services, by=stina, id_=id_, name="x", now=LATER)


def end(desk: World, by: Viewer, id_: str) -> None:
    with desk.database.transaction() as tx:
        passkeys.end_passkey(
            tx, by=by, id_=id_, second_factor=second_factor.REQUIRED, now=LATER, but=b""
        )


def test_what_one_session_was_asked_no_other_answers(
    desk: World, sara: Viewer, key: Authenticator
) -> None:
    with pytest.raises(NotSignedIn):
        make(desk, sara, key, asked_in="another session")


def test_a_person_has_no_more_than_some(desk: World, sara: Viewer) -> None:
    for _ in range(passkeys.MOST):
        make(desk, sara, Authenticator(SITE))
    with pytest.raises(NotAllowed):
        make(desk, sara, Authenticator(SITE))


@pytest.mark.parametrize(
    ("address", "host", "origin"),
    [
        ("https://Tresteg.example.org:443", "tresteg.example.org", "https://tresteg.example.org"),
        ("http://localhost:5000", "localhost", "http://localhost:5000"),
        ("http://127.0.0.1:5000", "", ""),
        ("https://[::1]", "", ""),
    ],
)
def test_a_site_is_known_by_its_name_and_a_number_is_none(
    address: str, host: str, origin: str
) -> None:
    found = PasskeySite.of(address)
    assert ((found.host, found.origin) if found else ("", "")) == (host, origin)
