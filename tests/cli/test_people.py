"""People put in, invited and closed from the command line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.rows import ANNA, PASSWORD, SOCIAL, counted, program
from tests.support.terminal import enters, one_sentence, signs_in, tresteg

pytestmark = pytest.mark.every_python


def test_a_person_who_was_put_in_comes_in_by_the_invitation(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    done = tresteg(*ANNA)
    assert done.exit_code == 0
    assert tresteg("publish").exit_code == 0
    secret = anna_enters(installed, done.stdout)
    assert anna_signs_in(installed, PASSWORD, secret)
    assert not anna_signs_in(installed, "correct horse battery stapel", secret)


def anna_enters(installed: Path, address: str) -> str:
    """Anna chooses her password and her app; gives the secret of the app."""
    made = program(installed)
    secret = enters(made, address, "anna@example.org", PASSWORD)
    made.database.close()
    return secret


def anna_signs_in(installed: Path, password: str, secret: str) -> bool:
    """Whether Anna comes in."""
    made = program(installed)
    came = signs_in(made, "anna@example.org", password, secret)
    made.database.close()
    return came


@pytest.mark.parametrize(
    ("words", "said", "code"),
    [
        (("--office", "socal"), "there is no office socal; did you mean social?", 2),
        (
            ("--role", "ReferringPatner"),
            "there is no role ReferringPatner; did you mean ReferringPartner?",
            2,
        ),
        (("--role", "Boss"), "there is no role Boss", 2),
        (
            ("--role", "CaseApprover"),
            "nobody of social (SOCIALTJANST) may hold the role CaseApprover: it is for MYNDIGHET",
            3,
        ),
        (("--name", ""), "a name has 1 to 200 characters", 2),
    ],
)
def test_a_mistyped_word_of_a_person_is_named_first(
    installed: Path, words: tuple[str, str], said: str, code: int
) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    before = counted(installed)
    done = tresteg(*ANNA, *words)
    assert one_sentence(done).startswith(said)
    assert (done.exit_code, counted(installed)) == (code, before)


def test_a_sign_in_name_that_is_taken_is_refused(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    assert tresteg(*ANNA).exit_code == 0
    before = counted(installed)
    done = tresteg(*ANNA)
    assert one_sentence(done) == "the sign-in name anna@example.org is taken"
    assert (done.exit_code, counted(installed)) == (3, before)


def test_a_new_invitation_ends_what_there_was_when_it_is_used(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    old = anna_enters(installed, tresteg(*ANNA).stdout)
    assert tresteg("publish").exit_code == 0
    again = tresteg("person", "invite", "anna@example.org")
    assert anna_signs_in(installed, PASSWORD, old)
    new = anna_enters(installed, again.stdout)
    assert not anna_signs_in(installed, PASSWORD, old)
    assert anna_signs_in(installed, PASSWORD, new)


def test_who_is_closed_signs_in_no_more_and_cannot_be_changed(installed: Path) -> None:
    assert tresteg(*SOCIAL).exit_code == 0
    secret = anna_enters(installed, tresteg(*ANNA).stdout)
    assert tresteg("publish").exit_code == 0
    assert anna_signs_in(installed, PASSWORD, secret)
    closed = tresteg("person", "close", "anna@example.org")
    assert closed.exit_code == 0
    assert "has chosen to get letters now: its mailbox gets all at once" in closed.stderr
    assert not anna_signs_in(installed, PASSWORD, secret)
    before = counted(installed)
    for words in (
        ("close", "anna@example.org"),
        ("invite", "anna@example.org"),
        ("roles", "anna@example.org", "--role", "auditor"),
    ):
        done = tresteg("person", *words)
        assert one_sentence(done).startswith("anna@example.org was closed on ")
        assert done.exit_code == 3
    assert counted(installed) == before


@pytest.mark.parametrize(
    "words", [("close",), ("invite",), ("roles", "--role", "auditor")], ids=lambda words: words[0]
)
def test_who_is_not_there_is_told(installed: Path, words: tuple[str, ...]) -> None:
    done = tresteg("person", words[0], "nobody@example.org", *words[1:])
    assert one_sentence(done) == "nobody signs in as nobody@example.org"
    assert (done.exit_code, counted(installed)) == (2, (0, 0, 0))
