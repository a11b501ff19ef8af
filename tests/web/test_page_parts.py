"""Small parts of pages: what is set into them is escaped, and a deadline says how far it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest

from service.text import say
from service.web import page_parts

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)


@pytest.fixture(autouse=True)
def reader(monkeypatch: pytest.MonkeyPatch) -> None:
    at = SimpleNamespace(lang="en", zone="Europe/Stockholm", now=NOW)
    monkeypatch.setattr(page_parts, "current", lambda: at)


def test_what_is_set_into_a_part_is_escaped() -> None:
    parts = (
        page_parts.icon("shield", '"<b>'),
        page_parts.badge("late", '"<b>'),
        page_parts.due_badge(None, '"<b>'),
    )
    for part in parts:
        assert "<b>" not in part
        assert "&lt;b&gt;" in part


def test_an_icon_without_words_is_hidden_from_who_hears_the_page() -> None:
    assert 'aria-hidden="true"' in page_parts.icon("tick")
    assert 'role="img"' in page_parts.icon("tick", "Done")
    assert 'aria-label="Done"' in page_parts.icon("tick", "Done")


def test_a_badge_has_the_word_and_the_sign_of_its_state() -> None:
    badge = page_parts.badge("done")
    assert "badge--success" in badge
    assert "#tick" in badge
    assert say("status.done", "en") in badge
    assert "badge--default" in page_parts.badge("unheard of", "x")


@pytest.mark.parametrize(
    ("days", "state", "badged"),
    [(-2, "late", True), (0.1, "today", True), (2, "soon", True), (9, "later", False)],
)
def test_a_deadline_says_how_far_away_it_is(days: float, state: str, badged: bool) -> None:  # noqa: FBT001 - a parameter of the test
    at = NOW + timedelta(days=days)
    due = page_parts.due_of(at)
    assert due is not None
    assert due.state == state
    shown = page_parts.due_badge(due)
    assert ("t-badge" in shown) is badged
    assert f'datetime="{at.isoformat()}"' in shown


def test_what_is_due_within_a_day_says_its_hour() -> None:
    half_an_hour, week = timedelta(minutes=30), timedelta(days=7)
    near = page_parts.due_of(NOW + half_an_hour)
    assert near is not None
    assert page_parts.moment_filter(NOW + half_an_hour) in page_parts.due_badge(near)
    far = page_parts.due_of(NOW + week)
    assert far is not None
    assert page_parts.moment_filter(NOW + week) not in page_parts.due_badge(far)


def test_what_passed_today_is_late_and_no_day_late() -> None:
    late = page_parts.due_of(NOW - timedelta(minutes=5))
    assert late is not None
    assert say("due.late_today", "en") in page_parts.due_badge(late)
    assert say("due.late", "en", n=1) not in page_parts.due_badge(late)


def test_a_day_and_a_moment_are_those_of_the_readers_zone() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=UTC)
    assert ">2026-03-03<" in page_parts.day(late)
    assert ">2026-03-03 00:30<" in page_parts.when(late)
    assert "2026-03-02 23:30 UTC" in page_parts.when(late)
    assert page_parts.day(None) == page_parts.when(None) == ""
