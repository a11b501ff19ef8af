"""A decision that nothing says how to appeal is a finding, and so is a text that says it wrong."""

from __future__ import annotations

import base64
import json
from datetime import date
from functools import cache

import pytest

from service.engine import Files
from service.errors import Finding
from service.forms import Form
from service.release.appeal_checks import SENTENCES, appeal_findings, appeals_in_force
from service.release.bundle import CONFIG, Bundle
from service.release.paper_templates import inspect_papers
from service.release.prepared import files_of
from service.release.programme.appeal_roads import FILE, read_appeals
from service.sandbox.release_linting import answer_one
from service.text import finding_text
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks
from tests.support.world import shipped

ROLES, LANGUAGE, PAPER = (*("roles.toml", "languages/bg.toml", "workflows/papers/decision.typ"),)
BOARD = 'for = "support"\nowner = ["MYNDIGHET"]\nfrom = 2018-07-01\n'
NEW = f"""
[[appeal]]
id = "NEW"
{BOARD.replace("2018-07-01", "2027-01-01")}sv = "Nu."
en = "Now."
"""


@cache
def shipped_parts() -> tuple[dict[str, Form], Files]:
    """Forms and diagrams of the shipped release, read once."""
    files, forms, _ = files_of(shipped(), TOPICS)
    return forms, files


def with_change(old: str, new: str, name: str = FILE) -> Bundle:
    text = shipped().text(CONFIG + name)
    assert old in text
    return shipped().with_file(CONFIG + name, text.replace(old, new, 1).encode())


def found(bundle: Bundle) -> list[Finding]:
    """What is wrong, without the hint that no lawyer has confirmed anything."""
    return [one for one in appeal_findings(bundle, *shipped_parts()) if one.code != "K142"]


def test_what_is_shipped_has_one_hint_that_no_lawyer_has_confirmed_it() -> None:
    (one,) = appeal_findings(shipped(), *shipped_parts())
    assert (one.code, one.severity) == ("K142", "I")
    roads = read_appeals(shipped().text(CONFIG + FILE))
    assert all(f"{road.id} [{roads.digest(road.id)}]" in one.message for road in roads.roads)
    assert list(appeals_in_force(shipped(), date(2026, 12, 2))) == []


@pytest.mark.parametrize(
    ("old", "new", "code", "sentence"),
    [
        ('owner = ["NGO"]', 'owner = ["POLIS_2"]', "K137", "a decision of the kind request is"),
        ('for = "document"', 'for = "support"', "K137", "a decision of the kind document is"),
        ('owner = ["MYNDIGHET"]', 'owner = ["POLIS"]', "K137", "a decision of the kind support is"),
        ('owner = ["NGO"]', 'owner = ["NGO", "POLIS"]', "K139", "in force on the same day"),
        ("{office} hjälper", "{Kontor} hjälper", "K140", "appeal SUPPORT has a place that nothing"),
        ("{office} helps", "{reason} helps", "K140", "appeal SUPPORT has a place that nothing"),
        ('owner = ["NGO"]', 'owner = ["NGO", "LAN"]', "K141", "names the kind of office LAN"),
    ],
)
def test_what_a_person_could_not_be_told_is_refused(
    old: str, new: str, code: str, sentence: str
) -> None:
    every = found(with_change(old, new))
    one = next(one for one in every if one.code == code)
    assert (one.severity, one.file) == ("E", CONFIG + FILE)
    assert sentence in one.message


def test_who_decides_is_read_from_the_lane_in_which_the_answer_is_given() -> None:
    offices = 'sv = "Länsstyrelsen i Stockholm"\nen = "Case approver"\noffices = ["MYNDIGHET"'
    every = found(with_change(offices, f'{offices}, "NGO"', ROLES))
    assert [(one.code, one.facts["names"]) for one in every] == [("K137", "NGO")]


def test_an_owner_of_all_kinds_meets_every_other() -> None:
    every = found(with_change('owner = ["NGO"]', 'owner = ["any"]'))
    assert {one.code for one in every} == {"K139"}
    assert {one.facts["place"] for one in every} == {"REQUEST_AUTHORITY", "REQUEST_NGO"}


def test_a_text_follows_another_and_none_is_missing_between() -> None:
    text = shipped().text(CONFIG + FILE)
    overlaps = shipped().with_file(CONFIG + FILE, (text + NEW).encode())
    (one,) = found(overlaps)
    assert (one.code, one.facts["names"]) == ("K139", "MYNDIGHET")
    follows = text.replace(BOARD, f"{BOARD}to = 2026-12-31\n", 1) + NEW
    bundle = shipped().with_file(CONFIG + FILE, follows.encode())
    assert found(bundle) == []
    for day in (date(2026, 12, 31), date(2027, 1, 1)):
        assert list(appeals_in_force(bundle, day)) == []


def test_a_text_that_has_ended_or_not_begun_is_a_warning() -> None:
    bundle = with_change(BOARD, f"{BOARD}to = 2026-12-31\n")
    assert found(bundle) == [], "the linter itself asks no clock"
    assert list(appeals_in_force(bundle, date(2026, 12, 31))) == []
    for day in (date(2027, 1, 1), date(2018, 6, 30)):
        every = [one for one in appeals_in_force(bundle, day) if one.facts["name"] == "support"]
        assert [(one.code, one.severity) for one in every] == [("K138", "W")]
        assert f"On {day} no row is in force" in every[0].message
        assert "MYNDIGHET" in every[0].message
        assert every[0].message.endswith("SUPPORT.")


@pytest.mark.slow
def test_who_lints_on_a_day_is_told_of_what_has_ended() -> None:
    packed = base64.b64encode(with_change(BOARD, f"{BOARD}to = 2026-12-31\n").pack()).decode()
    for day, codes in (("2026-12-31", 0), ("2027-01-01", 1), (None, 0)):
        asked = {"do": "lint", "bundle": packed, "name": "", "today": day, "parts": "files"}
        said = json.loads(answer_one(json.dumps(asked)))
        assert [one["code"] for one in said["files"]].count("K138") == codes


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('SUPPORT = "Можете, {office}."', None),
        ('SUPPORT = "Можете, {kontor}."', "K140"),
        ('MONEY = "Можете."', "K144"),
    ],
)
def test_a_text_in_another_language_belongs_to_a_row(line: str, code: str | None) -> None:
    text = shipped().text(CONFIG + LANGUAGE)
    bundle = shipped().with_file(CONFIG + LANGUAGE, f"{text}\n[appeals]\n{line}\n".encode())
    every = found(bundle)
    assert [one.code for one in every] == ([code] if code else [])
    assert {one.file for one in every} <= {CONFIG + LANGUAGE}
    assert all(one.line == text.count("\n") + 3 for one in every)


def test_a_confirmation_is_asked_for_until_it_counts() -> None:
    text = shipped().text(CONFIG + FILE)
    digest = read_appeals(text).digest("SUPPORT")
    signed = f'[confirmed]\nSUPPORT = "Anna Ask, jurist, 2026-12-01 [{digest}]"\n{text}'
    bundle = shipped().with_file(CONFIG + FILE, signed.encode())
    (one,) = appeal_findings(bundle, *shipped_parts())
    assert one.code == "K142"
    assert "SUPPORT [" not in one.message
    (late,) = found(bundle.with_file(CONFIG + FILE, signed.replace("{office} helps", "x").encode()))
    assert (late.code, late.severity) == ("K143", "I")


def test_of_what_cannot_be_read_nothing_is_said() -> None:
    parts = shipped_parts()
    assert list(appeal_findings(two_tasks(), *parts)) == []
    assert list(appeals_in_force(two_tasks(), date(2026, 12, 1))) == []
    for broken in (b"= no", b"[[appeal]]\nid = 1"):
        assert found(shipped().with_file(CONFIG + FILE, broken)) == []


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ('{ decision = "money", answer = "referralDecision" }', "none of request"),
        ('{ decision = "support", answer = "goals" }', "does not print"),
        ('{ decision = "support" }', "needs decision and answer"),
        ('"support"', "needs decision and answer"),
    ],
)
def test_a_paper_that_names_no_decision_of_its_own_is_refused(row: str, why: str) -> None:
    text = shipped().text(PAPER)
    old = '{ decision = "support", answer = "referralDecision" }'
    assert old in text
    bundle = shipped().with_file(PAPER, text.replace(old, row, 1).encode())
    (one,) = inspect_papers(bundle)[1]
    assert one.code == "T101"
    assert why in one.message


@pytest.mark.parametrize("code", sorted(SENTENCES))
def test_every_sentence_is_swedish_too(code: str) -> None:
    names = ("place", "name", "names", "other", "day")
    facts: dict[str, object] = {name: f"<{name}>" for name in names}
    english = SENTENCES[code].format_map(facts)
    swedish = finding_text(code, english, facts, "sv")
    assert swedish != english
    assert {name for name in names if f"<{name}>" in swedish} == {
        name for name in names if f"<{name}>" in english
    }
