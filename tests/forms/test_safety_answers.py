"""Answers about danger: they steer, and ask at once for what the law asks for."""

from __future__ import annotations

from service.forms import check
from tests.forms.paper import a_case, faults, sent, shipped, typed


def test_whether_she_is_safe_at_the_first_meeting_steers() -> None:
    case = a_case(arrivalOn="2026-11-20")
    assert sent("arrival_meeting", case, safeNow="false").routing["safeNow"] is False
    assert sent("arrival_meeting", case, safeNow="true").routing["safeNow"] is True


def test_a_worry_about_a_child_in_sweden_is_reported_at_once() -> None:
    asked = typed(accompanyingChildren="1", childrenWorry="true")
    assert faults(check(shipped()["new_case"], asked, a_case()))["childrenReportedOn"] == (
        "form.required"
    )
    done = sent(
        "new_case",
        a_case(),
        accompanyingChildren="1",
        childrenWorry="true",
        childrenReportedOn="2026-11-24",
    )
    assert done.answers["childrenWorry"] is True
    alone = sent("new_case", a_case(), accompanyingChildren="0")
    assert "childrenWorry" not in alone.answers
