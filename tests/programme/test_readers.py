"""Every question of every shipped form has a reader: what nobody acts on is not asked."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from tests.programme.readers import PERSON, Question, Readers, shipped_readers

SHIPPED = shipped_readers()
MACHINE = {
    *("form", "itself", "paper", "product", "diagram", "rule", "consent", "own office"),
    *("referral", "money", "handler", "report"),
}


def test_every_question_has_a_reader() -> None:
    assert len(SHIPPED.questions) > 700
    assert _unread(SHIPPED) == []


def test_readers_are_rules_or_persons() -> None:
    found = {reader for one in SHIPPED.questions for reader in SHIPPED.of(one)}
    assert {reader for reader in found if not reader.startswith(f"{PERSON} ")} == MACHINE


def test_every_step_that_is_named_shows_an_answer_of_its_heading() -> None:
    named: dict[tuple[str, str, str], list[str]] = {}
    for one in SHIPPED.questions:
        for step in one.read_by:
            heading = (one.form, str(one.above[0]["label"]), step)
            named.setdefault(heading, []).append(SHIPPED.why_not(step, one))
    assert {place: why for place, why in named.items() if "" not in why} == {}


def test_no_heading_names_a_reader_that_it_needs_not() -> None:
    needed = dict[tuple[str, str], bool]()
    for one in SHIPPED.questions:
        if one.read_by:
            heading = (one.form, str(one.above[0]["id"]))
            others = SHIPPED.of(one) & MACHINE
            needed[heading] = needed.get(heading, False) or not others
    assert [heading for heading, needs in needed.items() if not needs] == []


def test_a_question_that_nobody_reads_is_named() -> None:
    assert _unread(_with_question("arrival", "shoeSize", "C0")) == ["arrival.shoeSize"]


def test_an_answer_that_the_named_step_may_not_show_has_no_reader() -> None:
    added = _with_question("referral", "shoeSize", "C3", read_by="Task_DecideReferral")
    assert _unread(added) == ["referral.shoeSize"]
    assert added.why_not("Task_DecideReferral", _question(added, "shoeSize")).startswith(
        "CaseApprover does not see"
    )


def test_a_step_before_the_question_is_no_reader_and_one_that_is_not_there_neither() -> None:
    early = _with_question("arrival_meeting", "shoeSize", "C0", read_by="Task_BookTickets")
    assert _unread(early) == ["arrival_meeting.shoeSize"]
    gone = _with_question("arrival_meeting", "shoeSize", "C0", read_by="Task_NoSuch")
    assert gone.why_not("Task_NoSuch", _question(gone, "shoeSize")) == (
        "there is no step Task_NoSuch"
    )


def test_a_question_that_only_checks_itself_is_read_by_nobody() -> None:
    added = _with_question("arrival", "shoeSize", "C0", properties={"check": "shoeSize != null"})
    assert _unread(added) == ["arrival.shoeSize"]


def _unread(readers: Readers) -> list[str]:
    return [one.name for one in readers.questions if not readers.of(one)]


def _question(readers: Readers, key: str) -> Question:
    return next(one for one in readers.questions if one.path[-1] == key)


def _with_question(
    form: str,
    key: str,
    klass: str,
    *,
    read_by: str = "",
    properties: Mapping[str, str] | None = None,
) -> Readers:
    """What is shipped, and a made-up question under a heading of its own."""
    name = f"forms/{form}.form"
    content: dict[str, Any] = json.loads(SHIPPED.files[name])
    given = {"class": klass, **(properties or {})}
    question = {"type": "textfield", "key": key, "label": "Skonummer", "properties": given}
    heading = {"read_by": read_by} if read_by else {}
    content["components"].append(
        {"type": "group", "label": "Mer", "properties": heading, "components": [question]}
    )
    return Readers(
        SHIPPED.world, {**SHIPPED.files, name: json.dumps(content).encode()}, SHIPPED.topics
    )
