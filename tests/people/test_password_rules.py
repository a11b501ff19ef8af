"""A new password is refused with the reason as a sentence."""

from __future__ import annotations

import pytest

from service.errors import UnusableWord
from service.people.directory_checks import check_new_password
from service.text import known, languages


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("short", "length"),
        ("Sara Ek Sara Ek", "own"),
        ("hejhejhejhejhej", "repeats"),
        ("qwertyuiopasdfgh", "common"),
    ],
)
def test_a_refusal_says_why(password: str, why: str) -> None:
    with pytest.raises(UnusableWord) as refused:
        check_new_password(password, own=["Sara Ek"])
    assert refused.value.facts["why"] == why
    assert str(refused.value).endswith(".")
    assert password not in str(refused.value)
    assert all(known(f"password.{why}") for _ in languages())


def test_another_password_is_taken() -> None:
    check_new_password("correct horse battery staple", own=["Sara Ek"])
