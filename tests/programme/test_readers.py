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


def test_every_step_that_a_question_names_shows_its_answer() -> None:
    said = {
        (one.name, step): SHIPPED.why_not(step, one)
        for one in SHIPPED.questions
        for step in one.read_by
    }
    assert len(said) > 150
    assert {place: why for place, why in said.items() if why} == {}


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
    """What is shipped, and a made-up question among the others."""
    name = f"forms/{form}.form"
    content: dict[str, Any] = json.loads(SHIPPED.files[name])
    given = {"class": klass, **({"read_by": read_by} if read_by else {}), **(properties or {})}
    question = {"type": "textfield", "key": key, "label": "Skonummer", "properties": given}
    content["components"][0]["components"].append(question)
    return Readers(
        SHIPPED.world, {**SHIPPED.files, name: json.dumps(content).encode()}, SHIPPED.topics
    )
