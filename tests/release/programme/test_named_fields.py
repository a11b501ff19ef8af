"""The programme names roles and fields; a name that is missing or unknown is refused."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from service.release.programme.named_fields import RoleDuties, read_named_fields

CONFIG = Path(__file__).parents[3] / "workflows/config"
ROLES = tomllib.loads((CONFIG / "roles.toml").read_text(encoding="utf-8"))


def table() -> dict[str, Any]:
    """The shipped `process.toml`."""
    return tomllib.loads((CONFIG / "process.toml").read_text(encoding="utf-8"))


def test_the_shipped_names_are_read() -> None:
    named = read_named_fields(table(), ROLES)
    assert named.answers.diary_number == "diaryNumber"
    assert named.proposals["localOffice"] == ("party", "IomLocal")
    assert named.proposals["budgetCeiling"] == ("ceiling", "")
    assert named.follow_up == "Task_FollowUp"
    assert named.protection.answers["UNKNOWN"] == "SEKRETESSMARKERING"
    assert "familyName" in named.protection.not_asked["FINGERADE_UPPGIFTER"]


def test_a_programme_need_not_ask_about_protection() -> None:
    without = table()
    without.pop("protection")
    assert read_named_fields(without, ROLES).protection.field == ""


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            lambda t: t["duties"].update(owner=["Nobody"]),
            "duties, owner: there is no Nobody",
        ),
        (lambda t: t["duties"].pop("late"), "duties: it lacks late"),
        (lambda t: t["answers"].update(shoe_size="s"), "answers: shoe_size means nothing here"),
        (lambda t: t.update(answers=[]), "answers: this must be a table, not a list"),
        (
            lambda t: t["proposals"].update(x="weather"),
            "x: there is no weather; there are app",
        ),
        (lambda t: t["proposals"].update(x="party"), "x: there is no party; .* party:…"),
        (lambda t: t["proposals"].update(x="funding:a"), "x: there is no funding:a"),
        (
            lambda t: t["protection"]["answers"].update(MAYBE="SOME"),
            "protection: there is no SOME",
        ),
        (lambda t: t["protection"].update(not_asked={"ALL": []}), "protection: there is no ALL"),
    ],
)
def test_a_wrong_name_is_refused(change: Callable[[Any], object], sentence: str) -> None:
    changed = table()
    change(changed)
    with pytest.raises(ValueError, match=sentence):
        read_named_fields(changed, ROLES)


def test_the_first_role_with_an_office_has_the_duty() -> None:
    duties = RoleDuties(("A", "B"), (), (), (), ())
    assert duties.holder(duties.owner, {"B": "two"}) == "two"
    assert duties.holder(duties.owner, {"A": "one", "B": "two"}) == "one"
    assert duties.holder(duties.owner, {"C": "three"}) == ""
