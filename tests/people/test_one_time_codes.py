"""Codes of a person's app, and recovery codes: each is taken once."""

from __future__ import annotations

import base64
import re
from datetime import datetime, timedelta

import pytest

from service.access import Viewer
from service.errors import NotSignedIn, SecondFactorMissing, SlowDown
from service.people import one_time_codes, rate_limits, second_factor, sign_in
from service.people.known_browsers import account_of, marks_with
from service.people.one_time_codes import STEP
from service.people.sessions import session_owner
from service.records.ids import LETTERS
from service.records.ledger_append import append_entry
from service.store.installation import credentials
from tests.people.conftest import LIMITS, add_siv
from tests.support.browser import code_at
from tests.support.directory import OFFICE
from tests.support.tree import ROOT
from tests.support.world import NOON, SEED, World

NEXT = NOON + timedelta(seconds=STEP)
RANDOM = re.compile(r"^\s*(import|from) random\b", re.MULTILINE)


@pytest.fixture
def siv(desk: World) -> Viewer:
    """A person with a password."""
    return add_siv(desk)


def set_up(desk: World, siv: Viewer) -> tuple[str, list[str]]:
    """Set up an app; gives its secret, and the recovery codes."""
    services = desk.program.services
    ticket = one_time_codes.begin_setup(services, person=siv.person, now=NOON)
    secret = one_time_codes.secret_of(services, ticket)
    with desk.database.transaction() as tx:
        codes = one_time_codes.finish_setup(
            tx, services, by=siv, ticket=ticket, code=code_at(secret, NOON), now=NOON
        )
    return secret, codes


def taken(desk: World, code: str, now: datetime = NEXT) -> bool:
    """Whether a code of Siv is taken."""
    with desk.database.transaction() as tx:
        shown = one_time_codes.take_code(
            tx, desk.program.services, person="p_siv", code=code, now=now
        )
        append_entry(tx, f"office/{OFFICE}", "proof_given", by=SEED, now=now)
    return shown is not None


def test_a_code_is_taken_once_and_none_of_before(desk: World, siv: Viewer) -> None:
    secret, _ = set_up(desk, siv)
    assert not taken(desk, code_at(secret, NOON)), "it was typed when the app was set up"
    assert taken(desk, code_at(secret, NEXT))
    assert not taken(desk, code_at(secret, NEXT))
    assert not taken(desk, code_at(secret, NOON))


@pytest.mark.parametrize("steps", [-2, -1, 0, 1, 2])
def test_a_phone_may_be_one_step_off(desk: World, siv: Viewer, steps: int) -> None:
    secret, _ = set_up(desk, siv)
    later = NOON + timedelta(hours=1)
    code = code_at(secret, later + timedelta(seconds=STEP * steps))
    assert taken(desk, code, later) is (abs(steps) <= 1)


def test_a_recovery_code_is_taken_once_however_it_is_typed(desk: World, siv: Viewer) -> None:
    _, codes = set_up(desk, siv)
    assert len(set(codes)) == one_time_codes.RECOVERY_CODES
    assert taken(desk, codes[0].lower().replace("-", " "))
    assert not taken(desk, codes[0])
    with desk.database.transaction() as tx:
        assert one_time_codes.recovery_codes_left(tx, "p_siv", now=NEXT) == len(codes) - 1
        one_time_codes.new_recovery_codes(tx, desk.program.services, by=siv, now=NEXT)
    assert not taken(desk, codes[1]), "new ones end those of before"


def test_a_wrong_code_sets_up_nothing(desk: World, siv: Viewer) -> None:
    services = desk.program.services
    ticket = one_time_codes.begin_setup(services, person=siv.person, now=NOON)
    other = one_time_codes.begin_setup(services, person="p_sara", now=NOON)
    right = code_at(one_time_codes.secret_of(services, other), NOON)
    for given, code in ((ticket, "000000"), (ticket, ""), (other, right)):
        with pytest.raises(NotSignedIn), desk.database.transaction() as tx:
            one_time_codes.finish_setup(tx, services, by=siv, ticket=given, code=code, now=NOON)
    with desk.database.transaction() as tx:
        assert not one_time_codes.asks_code(tx, "p_siv", now=NOON)


def test_the_secret_lies_nowhere_in_plain_sight(desk: World, siv: Viewer) -> None:
    secret, codes = set_up(desk, siv)
    with desk.database.transaction() as tx:
        rows = credentials.of_person(tx, "p_siv", now=NOON)
    said = repr(rows)
    assert secret not in said
    assert not any(code in said or code.replace("-", "") in said for code in codes)


def after(desk: World, *, second: str = second_factor.REQUIRED) -> sign_in.AfterPassword:
    """What follows Siv's right password."""
    with desk.database.transaction() as tx:
        tried = sign_in.begin_try(
            tx, desk.program.services, name="siv", network="n", marks=(), now=NEXT
        )
        return sign_in.after_password(
            tx, desk.program.services, tried=tried, second_factor=second, limits=LIMITS, now=NEXT
        )


def try_code(
    desk: World, ticket: str, code: str, *, network: str = "n", marks: tuple[str, ...] = ()
) -> str:
    """Try a code; the person who is signed in then."""
    with desk.database.transaction() as tx:
        token = sign_in.try_code(
            tx,
            desk.program.services,
            ticket=ticket,
            code=code,
            network=network,
            marks=marks,
            limits=LIMITS,
            now=NEXT,
        )
        return str(session_owner(tx, token)) if token else ""


@pytest.mark.usefixtures("siv")
def test_a_password_alone_is_not_enough_where_a_second_factor_is_required(desk: World) -> None:
    with pytest.raises(SecondFactorMissing):
        after(desk)
    assert after(desk, second=second_factor.OPTIONAL).token


@pytest.mark.usefixtures("siv")
def test_an_older_installation_has_a_grace_that_ends(desk: World) -> None:
    with desk.database.transaction() as tx:
        second_factor.begin_grace(tx, NEXT - second_factor.GRACE + timedelta(days=1))
        append_entry(tx, "system", "second_factor_grace", by=SEED, now=NOON)
    assert after(desk).token
    with desk.database.transaction() as tx:
        second_factor.begin_grace(tx, NEXT - second_factor.GRACE)
        append_entry(tx, "system", "second_factor_grace", by=SEED, now=NOON)
    with pytest.raises(SecondFactorMissing):
        after(desk)


def test_the_code_follows_the_password_and_its_step_is_used_once(desk: World, siv: Viewer) -> None:
    secret, codes = set_up(desk, siv)
    step = after(desk, second=second_factor.OPTIONAL)
    assert not step.token
    assert try_code(desk, step.ticket, "000000") == ""
    assert try_code(desk, step.ticket, code_at(secret, NEXT)) == "p_siv"
    with pytest.raises(NotSignedIn):
        try_code(desk, step.ticket, codes[0])
    with pytest.raises(NotSignedIn):
        try_code(desk, "made-up", codes[0])


def test_wrong_codes_of_strangers_run_out_and_hers_do_not(desk: World, siv: Viewer) -> None:
    secret, _ = set_up(desk, siv)
    step = after(desk)
    for n in range(rate_limits.CODES_WRONG):
        assert try_code(desk, step.ticket, "000000", network=f"n{n}") == ""
    with pytest.raises(SlowDown):
        try_code(desk, step.ticket, code_at(secret, NEXT), network="another")
    marks = marks_with(
        desk.program.services, (), account=account_of(desk.program.services, "siv"), now=NEXT
    )
    other = marks_with(
        desk.program.services, (), account=account_of(desk.program.services, "sara"), now=NEXT
    )
    with pytest.raises(SlowDown):
        try_code(desk, step.ticket, code_at(secret, NEXT), marks=other)
    assert try_code(desk, step.ticket, code_at(secret, NEXT), marks=marks) == "p_siv"


def test_nobody_guesses_a_recovery_code_or_a_secret(desk: World, siv: Viewer) -> None:
    secret, codes = set_up(desk, siv)
    another, others = set_up(desk, siv)
    drawn = [code.replace("-", "") for code in codes + others]
    assert {len(code) for code in drawn} == {24}
    assert all(set(code) <= set(LETTERS) for code in drawn)
    assert len(set(LETTERS)) == 32, "five bits a letter: 120 in all"
    assert len({*drawn}) == len(drawn)
    assert secret != another
    assert len(base64.b32decode(secret)) == 20


def test_what_nobody_may_guess_is_drawn_from_the_system() -> None:
    """`random` can be calculated; it is for waits between two tries alone."""
    modules = [*(ROOT / "service").rglob("*.py")]
    drawing = {path for path in modules if RANDOM.search(path.read_text("utf-8"))}
    assert {path.relative_to(ROOT).as_posix() for path in drawing} == {
        "service/application/unit_of_work.py",
        "service/store/connections.py",
    }
