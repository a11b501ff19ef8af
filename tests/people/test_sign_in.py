"""Sign-in: right and wrong passwords, what changed meanwhile, and what a failure leaves."""

from __future__ import annotations

import json
from contextlib import nullcontext as _nothing

import pytest

from service.errors import NotSignedIn, SlowDown
from service.people import known_browsers, rate_limits, second_factor, sign_in
from service.people.sessions import session_owner
from service.store.installation import ledger_entries, people
from service.store.writing import write_last
from tests.people.conftest import LIMITS, add_siv
from tests.support.by_hand import person
from tests.support.directory import give_password
from tests.support.world import NOON, SEED, World

PASSWORD = "correct horse battery"


@pytest.fixture
def siv(desk: World) -> None:
    """A person with a password."""
    add_siv(desk, password=desk.program.passwords.hash(PASSWORD))


def tried(desk: World, name: str = "siv", *marks: str, network: str = "n") -> sign_in.SignInTry:
    """Begin a try."""
    with desk.database.transaction() as tx:
        return sign_in.begin_try(
            tx, desk.program.services, name=name, network=network, marks=marks, now=NOON
        )


def begin(desk: World, one: sign_in.SignInTry) -> str:
    """Begin the session of a try; the person whose it is."""
    with desk.database.transaction() as tx:
        after = sign_in.after_password(
            tx,
            desk.program.services,
            tried=one,
            second_factor=second_factor.OPTIONAL,
            limits=LIMITS,
            now=NOON,
        )
        return str(session_owner(tx, after.token))


@pytest.mark.usefixtures("siv")
def test_the_right_password_gives_the_person(desk: World) -> None:
    one = tried(desk)
    with desk.program.passwords.place() as place:
        assert place.fits(one.stored, PASSWORD)
    assert begin(desk, one) == "p_siv"


@pytest.mark.usefixtures("siv")
@pytest.mark.parametrize("name", ["nobody", "sara"])
def test_nobody_and_who_has_no_password_are_checked_in_vain(desk: World, name: str) -> None:
    one = tried(desk, name)
    assert one.stored is None
    with desk.program.passwords.place() as place:
        assert not place.fits(one.stored, PASSWORD)
    with pytest.raises(NotSignedIn):
        begin(desk, one)


@pytest.mark.usefixtures("siv")
def test_a_closed_person_cannot_sign_in(desk: World) -> None:
    before = tried(desk)
    with desk.database.transaction() as tx:
        people.close(tx, person(tx, "p_siv"), NOON)
    assert tried(desk).stored is None
    with pytest.raises(NotSignedIn):
        begin(desk, before)


@pytest.mark.usefixtures("siv")
def test_a_password_that_changed_after_its_check_begins_nothing(desk: World) -> None:
    before = tried(desk)
    with desk.database.transaction() as tx:
        give_password(
            tx, desk.program.services, by=SEED, now=NOON, sign_in="siv", password=b"another"
        )
    with pytest.raises(NotSignedIn):
        begin(desk, before)


@pytest.mark.usefixtures("siv")
def test_after_too_many_tries_the_right_password_waits_too(desk: World) -> None:
    for _ in range(rate_limits.ACCOUNT_WRONG):
        tried(desk)
    with pytest.raises(SlowDown):
        tried(desk)


@pytest.mark.usefixtures("siv")
def test_a_stranger_cannot_lock_out_a_browser_that_is_known(desk: World) -> None:
    services = desk.program.services
    marks = known_browsers.marks_with(
        services, (), account=known_browsers.account_of(desk.program.services, "siv"), now=NOON
    )
    for n in range(40):
        with pytest.raises(SlowDown) if n >= rate_limits.ACCOUNT_WRONG else _nothing():
            tried(desk)
    assert begin(desk, tried(desk, "siv", *marks)) == "p_siv"
    with pytest.raises(SlowDown):
        tried(desk)
    with pytest.raises(SlowDown):
        tried(
            desk,
            "siv",
            *known_browsers.marks_with(
                services,
                (),
                account=known_browsers.account_of(desk.program.services, "sara"),
                now=NOON,
            ),
        )


@pytest.mark.usefixtures("siv")
def test_wrong_tries_from_elsewhere_do_not_make_a_person_wait(desk: World) -> None:
    for n in range(400):
        tried(desk, network=f"n{n // 4}")
    assert begin(desk, tried(desk, network="hers")) == "p_siv"


@pytest.mark.usefixtures("siv")
def test_twenty_wrong_tries_from_one_address_of_a_municipality_stop_no_colleague(
    desk: World,
) -> None:
    for n in range(20):
        tried(desk, f"somebody{n % 4}", network="municipality")
    assert begin(desk, tried(desk, network="municipality")) == "p_siv"


@pytest.mark.usefixtures("siv")
def test_a_known_browser_that_tried_too_often_is_a_stranger(desk: World) -> None:
    marks = known_browsers.marks_with(
        desk.program.services,
        (),
        account=known_browsers.account_of(desk.program.services, "siv"),
        now=NOON,
    )
    lanes = [tried(desk, "siv", *marks).lane for _ in range(2 * rate_limits.ACCOUNT_WRONG)]
    assert [lane.network for lane in lanes] == [""] * 5 + ["n"] * 5
    with pytest.raises(SlowDown):
        tried(desk, "siv", *marks)


@pytest.mark.usefixtures("siv")
def test_a_failure_leaves_account_and_network_as_digests(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        for one in (
            tried_of(desk, "siv", "n"),
            tried_of(desk, "nobody", "n"),
            tried_of(desk, "siv", "m"),
        ):
            assert not sign_in.record_wrong_try(tx, services, tried=one, now=NOON)
        write_last(tx)
        entries = ledger_entries.latest(tx, "system", kinds=["sign_in_failed"])
    third, second, first = (json.loads(entry.body) for entry in entries)
    assert set(first) == {"account", "network"}
    assert (first["account"], first["network"]) == (third["account"], second["network"])
    assert first["account"] != second["account"]
    assert first["network"] != third["network"]
    said = "".join(entry.body for entry in entries)
    assert not any(word in said for word in ("siv", "nobody", "p_siv"))


def tried_of(desk: World, name: str, network: str) -> sign_in.SignInTry:
    """A try that nobody counts."""
    person = "p_siv" if name == "siv" else ""
    assert desk.program is not None
    return sign_in.SignInTry(name, network, rate_limits.TryLane(name, network), person, None)
