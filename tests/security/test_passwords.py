"""Passwords are kept as slow hashes, one at a time is made, and an unknown person costs as much as
a known one.
"""

from __future__ import annotations

import threading
import time
import unicodedata

import pytest
from argon2 import PasswordHasher

from service.errors import ManyPasswords
from service.security import passwords as figures
from service.security.passwords import Passwords
from tests.support.waiting import join, until

GOOD = "a long enough sentence"


@pytest.fixture
def passwords() -> Passwords:
    return Passwords(memory=64, rounds=1)


def fits(passwords: Passwords, kept: bytes | None, password: str) -> bool:
    """Check a password in a place of its own."""
    with passwords.place() as place:
        return place.fits(kept, password)


def test_the_right_password_fits_and_a_wrong_one_does_not(passwords: Passwords) -> None:
    kept = passwords.hash(GOOD)
    assert GOOD.encode() not in kept
    assert fits(passwords, kept, GOOD)
    assert not fits(passwords, kept, GOOD + "!")
    assert not fits(passwords, b"damaged", GOOD)


def test_nobody_fits_no_password(passwords: Passwords) -> None:
    assert not fits(passwords, None, GOOD)
    assert not fits(passwords, None, "a password that nobody has")


def test_the_hash_for_unknown_people_is_made_at_the_first_check(
    passwords: Passwords,
) -> None:
    kept = passwords.hash(GOOD)
    assert "nobody" not in vars(passwords)
    assert fits(passwords, kept, GOOD)
    assert "nobody" in vars(passwords), "or the first check of an unknown person would take longer"


@pytest.mark.parametrize("length", [14, 129])
def test_a_password_of_another_length_is_refused(passwords: Passwords, length: int) -> None:
    with pytest.raises(ValueError, match="15 to 128"):
        passwords.hash("x" * length)


def test_the_figures_of_service_are_those_of_the_promise() -> None:
    assert b"m=65536,t=3,p=1" in Passwords().hash(GOOD)


def test_one_hashes_two_wait_the_next_is_answered_at_once(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, goes_on = passwords.hash(GOOD), threading.Event()
    hashing, most = list[int](), list[int]()
    verify = PasswordHasher.verify

    def watched(self: PasswordHasher, *words: str) -> bool:
        hashing.append(1)
        most.append(len(hashing))
        goes_on.wait(60)
        hashing.pop()
        return verify(self, *words)

    monkeypatch.setattr(PasswordHasher, "verify", watched)
    found, in_place = list[bool](), list[int]()

    def check() -> None:
        with passwords.place() as place:
            in_place.append(1)
            found.append(place.fits(kept, GOOD))

    threads = [threading.Thread(target=check) for _ in range(figures.IN_LINE)]
    for thread in threads:
        thread.start()
    until(lambda: len(in_place) == figures.IN_LINE and hashing, "all have a place, one hashes")
    with pytest.raises(ManyPasswords), passwords.place():
        pytest.fail("there was a place")
    goes_on.set()
    join(*threads)
    assert found == [True] * figures.IN_LINE
    assert set(most) == {1}, "never two at a time"
    assert fits(passwords, kept, GOOD), "the places are free again"


def test_the_next_hash_begins_after_the_last_was_rested_from(
    passwords: Passwords, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, now, rested = [10.0], [100.0], list[float]()

    def hashes(_hasher: object) -> None:
        used[0] += 0.5
        now[0] += 0.7

    monkeypatch.setattr(time, "thread_time", lambda: used[0])
    monkeypatch.setattr(time, "monotonic", lambda: now[0])
    monkeypatch.setattr(time, "sleep", rested.append)
    passwords.alone(hashes)
    now[0] += 0.25
    passwords.alone(hashes)
    assert rested == [0.0, figures.REST * 0.5 - 0.25]


@pytest.mark.parametrize(
    "password",
    ["A Long Sentence With Capitals", "  a sentence with spaces around  ", "en lång mening med å"],
)
def test_a_password_counts_to_the_letter(passwords: Passwords, password: str) -> None:
    kept = passwords.hash(password)
    assert fits(passwords, kept, password)
    others = {password.lower(), password.upper(), password.strip(), password + " ", password[:-1]}
    others.add(unicodedata.normalize("NFD", password))
    for other in others - {password}:
        assert not fits(passwords, kept, other)


def test_nothing_of_the_longest_password_is_cut_off(passwords: Passwords) -> None:
    longest = "x" * (figures.LONGEST - 1) + "y"
    assert figures.LONGEST >= 64
    kept = passwords.hash(longest)
    assert fits(passwords, kept, longest)
    assert not fits(passwords, kept, longest[:-1] + "z")
    assert not fits(passwords, kept, longest + "y")
    assert not fits(passwords, kept, longest + "y" * 1000)
