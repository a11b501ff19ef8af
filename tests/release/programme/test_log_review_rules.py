"""Limits of the log review: read from a file, and what is none is named in a sentence."""

from __future__ import annotations

import pytest

from service.release.programme.log_review_rules import LogReviewRules, read_log_review
from tests.support.tree import ROOT


def test_the_shipped_file_is_what_holds_without_one() -> None:
    text = (ROOT / "workflows/config/log_review.toml").read_text("utf-8")
    assert read_log_review(text) == read_log_review("") == LogReviewRules()


def test_a_limit_is_another_one() -> None:
    assert read_log_review("cases_a_day = 5\nweekends = true") == LogReviewRules(
        cases_a_day=5, weekends=True
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("cases = 5", "there is no cases; there are cases_a_day"),
        ("cases_a_day = -1", "cases_a_day: this must be at least 0"),
        ('sample = "ten"', "sample: this must be a whole number, not a text"),
        ("sample = true", "sample: this must be a whole number, not true or false"),
        ("hours_to = 25", "hours_to: this must be at most 24"),
        ("hours_from = 21", "hours_from must be an hour before hours_to"),
        ("weekends = 1", "weekends: this must be true or false, not a whole number"),
        ("most = 0", "most: this must be at least 1"),
    ],
)
def test_what_is_no_limit_is_named(text: str, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_log_review(text)
