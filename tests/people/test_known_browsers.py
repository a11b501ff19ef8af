"""Marks that a browser keeps: each of one account, for half a year, and of few accounts."""

from __future__ import annotations

from datetime import timedelta

from service.people import known_browsers
from service.people.known_browsers import account_of
from tests.support.world import NOON, World


def test_a_mark_is_of_one_account_and_ends(desk: World) -> None:
    services = desk.program.services
    siv, sara, stina = (account_of(services, name) for name in ("siv", "sara", "stina"))
    first = known_browsers.marks_with(services, (), account=siv, now=NOON)
    both = known_browsers.marks_with(services, first, account=sara, now=NOON)
    number = known_browsers.browser_of(services, both, account=siv, now=NOON)
    assert number
    assert known_browsers.browser_of(services, both, account=stina, now=NOON) == ""
    later = NOON + known_browsers.LIFE
    assert known_browsers.browser_of(services, both, account=siv, now=later) == number
    gone = later + timedelta(days=1)
    assert known_browsers.browser_of(services, both, account=siv, now=gone) == ""
    forged = (first[0][:-1] + ("0" if first[0][-1] != "0" else "1"), "", "é.é.é", "a")
    assert known_browsers.browser_of(services, forged, account=siv, now=NOON) == ""


def test_a_browser_keeps_few_marks_and_one_of_each_account(desk: World) -> None:
    services, marks = desk.program.services, tuple[str, ...]()
    for n in range(2 * known_browsers.MOST):
        for _ in range(2):
            marks = known_browsers.marks_with(
                services, marks, account=account_of(services, f"n{n}"), now=NOON
            )
    assert len(set(marks)) == known_browsers.MOST
    assert not any("n1" in mark.split(".")[1] for mark in marks)
