"""Passwords that are guessed first are refused, with the reason; others are not."""

from __future__ import annotations

import pytest
from zxcvbn.frequency_lists import FREQUENCY_LISTS

from service.security.passwords import COMMON, LONGEST, PRODUCT, SHORTEST, weakness

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


@pytest.mark.slow
def test_the_most_common_passwords_are_refused_however_they_are_made_long_enough() -> None:
    common = list(FREQUENCY_LISTS["passwords"])
    long = [one for one in common if SHORTEST <= len(one) <= LONGEST]
    assert len(common) >= 30_000
    assert long
    digits = "123456789012345"
    made = [one + digits[: max(0, SHORTEST - len(one))] for one in common[:3000]]
    assert [one for one in long + made if not weakness(one, ())] == []


@pytest.mark.parametrize("word", [*COMMON, PRODUCT])
def test_a_listed_word_that_is_only_made_longer_is_refused(word: str) -> None:
    row = "1234567890"
    word = word.title()
    for longer in (word * SHORTEST, word + row + row, f"{word}2026!{row}"):
        cut = longer[: max(SHORTEST, len(word) + len("2026!"))]
        assert weakness(cut, ()) in {"common", "own", "repeats"}, cut


@pytest.mark.parametrize(
    "password",
    [
        "830461975206483917",
        "kvistparaplyonsdaghylla",
        "KVISTPARAPLYONSDAGHYLLA",
        "ÅЖ漢é🙂 ¤½ŧđß→☂ü&ж",
    ],
    ids=["digits", "small letters", "capitals", "any others"],
)
def test_no_kind_of_character_is_demanded_or_refused(password: str) -> None:
    assert weakness(password, ANNA) == ""
