"""Answers about danger: they steer, and ask at once for what the law asks for."""

from __future__ import annotations

import pytest

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


AGAIN = {
    "consentLocal__given": "true",
    "consentLocal__givenBy": "SELF",
    "consentLocal__how": "ORAL_WITNESSED",
    "consentLocal__language": "sv",
    "consentLocal__givenOn": "2026-11-24",
    "consentLocal__witness": "Kim",
}


@pytest.mark.parametrize(
    ("way", "given", "takes_part"),
    [
        ("FROM_HELSINKI", {}, False),
        ("NO_REINTEGRATION", {}, False),
        ("NEW_CONSENT", AGAIN, True),
        ("OTHER_PARTNER", AGAIN, True),
    ],
)
def test_who_takes_part_at_home_after_a_consent_was_taken_back(
    way: str, given: dict[str, str], *, takes_part: bool
) -> None:
    case = a_case("REFER", "PARTICIPATE")
    done = sent("weigh_consent", case, localWay=way, **given)
    assert done.faults == ()
    assert done.routing["localTakesPart"] is takes_part
    assert done.routing["localShared"] is takes_part
    assert set(done.consents) == ({"SHARE_LOCAL_OFFICE"} if takes_part else set())


@pytest.mark.parametrize("way", ["NEW_CONSENT", "OTHER_PARTNER"])
def test_an_office_at_home_takes_part_on_a_new_consent_alone(way: str) -> None:
    case = a_case("REFER", "PARTICIPATE")
    without = check(shipped()["weigh_consent"], typed(localWay=way), case)
    assert any(path.startswith("consentLocal") for path in faults(without))


@pytest.mark.parametrize(
    ("purposes", "takes_part", "may_go"),
    [
        (("PARTICIPATE",), False, True),
        (("PARTICIPATE",), True, False),
        (("PARTICIPATE", "SHARE_LOCAL_OFFICE"), True, True),
        ((), False, False),
    ],
)
def test_the_final_check_asks_for_the_office_that_takes_part(
    purposes: tuple[str, ...], *, takes_part: bool, may_go: bool
) -> None:
    case = a_case(*purposes, localTakesPart=takes_part, openChecks=[])
    found = faults(check(shipped()["final_check"], typed(goDecision="GO"), case))
    assert ("goDecision" not in found) == may_go
