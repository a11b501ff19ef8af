"""Passwords are kept as slow hashes, and an unknown person costs as much as a known one."""

from __future__ import annotations

import pytest

from service.security.passwords import Passwords

GOOD = "a long enough sentence"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(memory=64, rounds=1)


def test_the_right_password_fits_and_a_wrong_one_does_not(passwords: Passwords) -> None:
    kept = passwords.hash(GOOD)
    assert GOOD.encode() not in kept
    assert passwords.fits(kept, GOOD)
    assert not passwords.fits(kept, GOOD + "!")
    assert not passwords.fits(b"damaged", GOOD)


def test_nobody_fits_no_password(passwords: Passwords) -> None:
    assert not passwords.fits(None, GOOD)
    assert not passwords.fits(None, "a password that nobody has")
    passwords.waste(GOOD)


def test_the_hash_for_unknown_people_is_made_at_the_first_check(
    passwords: Passwords,
) -> None:
    kept = passwords.hash(GOOD)
    assert "_nobody" not in vars(passwords)
    assert passwords.fits(kept, GOOD)
    assert "_nobody" in vars(passwords), "or the first check of an unknown person would take longer"


@pytest.mark.parametrize("length", [14, 129])
def test_a_password_of_another_length_is_refused(passwords: Passwords, length: int) -> None:
    with pytest.raises(ValueError, match="15 to 128"):
        passwords.hash("x" * length)


def test_the_figures_of_service_are_those_of_the_promise() -> None:
    assert b"m=65536,t=3,p=1" in Passwords().hash(GOOD)
