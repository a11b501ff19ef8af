"""Passwords that are guessed first are refused, with the reason; others are not."""

from __future__ import annotations

import pytest

from service.security.passwords import LONGEST, weakness

ANNA = ("Anna Ek", "anna.ek@example.org")


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("x" * 14, "length"),
        ("x" * (LONGEST + 1), "length"),
        ("aaaaaaaaaaaaaaa", "repeats"),
        ("passwordpassword", "repeats"),
        ("hejhejhejhejhej", "repeats"),
        ("x" * LONGEST, "repeats"),
        ("qwertyuiopasdfgh", "common"),
        ("123456789012345", "common"),
        ("Password123456789", "common"),
        ("lösenord12345678", "common"),
        ("Sommar2026sommar", "common"),
        ("anna.ek@example.org", "own"),
        ("ANNA.EK@EXAMPLE.ORG", "own"),
        ("Anna Ek Anna Ek", "own"),
        ("annaek1234567890", "own"),
        ("TrestegTresteg1", "own"),
        ("tresteg password", "own"),
    ],
)
def test_a_password_that_is_guessed_first_is_refused(password: str, why: str) -> None:
    assert weakness(password, ANNA) == why


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery staple",
        "staple battery horse correct",
        "kvist paraply onsdag hylla",
        "en lång mening om ingenting alls",
        "Anna hittade sju gula paraplyer",
        "gK4!vq0ZtPw81xR",
        "ж" * 3 + "лёд и пламя вместе",
    ],
)
def test_a_long_password_of_many_words_is_not(password: str) -> None:
    assert weakness(password, ANNA) == ""


def test_no_password_takes_long_to_judge() -> None:
    for unit in ("a", "ab1", "password", "qwertyuiop", "20101112", "@1l1$5s5"):
        assert weakness((unit * LONGEST)[:LONGEST], ANNA) in {"repeats", "common", ""}
