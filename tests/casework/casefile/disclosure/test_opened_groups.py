"""Opened groups of answers: recorded with their reason before they are shown, for a working day."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial

import pytest

from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure.opened_groups import (
    DisclosedAnswers,
    load_disclosed_answers,
    open_answer_groups,
    open_for_letter,
    open_groups,
)
from service.casework.pages.people_tab import reads_of_people
from service.errors import InvalidAnswers, NotFound
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from tests.support.world import World

PLAIN = "form.plain"


def view(tx: Tx, desk: World, case_id: str, who: str = "sara") -> CaseView:
    services, now = desk.program.services, desk.clock.now()
    more = reads_of_people(case_id)
    return load_case_view(tx, services, desk.viewer(who), case_id, now, more=more)


def disclosed(desk: World, case_id: str, who: str = "sara") -> DisclosedAnswers:
    with desk.database.transaction(write=False) as tx:
        at = view(tx, desk, case_id, who)
        return load_disclosed_answers(at)


def opened(desk: World, case_id: str, group: str = PLAIN, reason: str = "") -> None:
    command = partial(
        open_answer_groups, case_id=case_id, groups=[group], reason=reason, text="she called"
    )
    with desk.database.transaction() as tx:
        command(tx, desk.program.services, desk.viewer(), desk.clock.now())


def entries(desk: World, case_id: str) -> list[dict[str, object]]:
    with desk.database.transaction(write=False) as tx:
        found = ledger_entries.latest(tx, f"reads/{case_id}", kinds=["reveal"])
    return [json.loads(entry.body) for entry in found]


def test_a_group_is_open_for_a_working_day(desk: World, case_id: str) -> None:
    (group,) = disclosed(desk, case_id).shown
    assert (group.answers, group.sealed) == ((), 1)
    opened(desk, case_id)
    opened(desk, case_id)
    (entry,) = entries(desk, case_id)
    assert (entry["group"], entry["classes"], entry["reason"]) == (PLAIN, ["C2"], "")
    assert "she called" not in json.dumps(entry)
    (group,) = disclosed(desk, case_id).shown
    assert [answer.text for answer in group.answers] == ["first words"]
    (others,) = disclosed(desk, case_id, "stina").shown
    assert others.answers == (), "what one has opened is closed for her colleague"
    desk.later(hours=8)
    (group,) = disclosed(desk, case_id).shown
    assert group.answers == ()


def test_what_concerns_safety_needs_a_reason(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "place": ["north"]})
    group = "form.ask"
    for reason in ("", "NO_SUCH"):
        with pytest.raises(InvalidAnswers):
            opened(desk, case_id, group, reason)
    assert entries(desk, case_id) == []
    opened(desk, case_id, group, "TASK")
    (entry,) = entries(desk, case_id)
    assert (entry["reason"], entry["classes"]) == ("TASK", ["C0", "C2", "C3"])


def test_what_the_same_page_has_opened_is_open(desk: World, case_id: str) -> None:
    desk.do(case_id, "a", {"answer": ["YES"], "place": ["north"]})
    group = "form.ask"
    with desk.database.transaction() as tx:
        at = view(tx, desk, case_id)
        found = load_disclosed_answers(at)
        assert group in {one.id for one in found.groups if found.needs_reason(one)}
        found = open_groups(tx, at, found, [group], reason="TASK")
        assert not any(found.needs_reason(one) for one in found.groups)
        assert open_groups(tx, at, found, [group]) == found
    assert len(entries(desk, case_id)) == 1
    assert disclosed(desk, case_id) == found


def test_a_task_is_a_reason_for_who_has_one(desk: World, case_id: str) -> None:
    found = disclosed(desk, case_id)
    assert found.has_task
    assert "TASK" in found.reasons
    assert "TASK" not in replace(found, has_task=False).reasons


def test_a_group_that_is_not_there_is_not_opened(desk: World, case_id: str) -> None:
    with pytest.raises(NotFound):
        opened(desk, case_id, "contact")


def test_another_letter_opens_nothing(desk: World, case_id: str) -> None:
    with desk.database.transaction() as tx:
        at = view(tx, desk, case_id)
        found = load_disclosed_answers(at)
        assert open_for_letter(tx, at, found, "9") == (found, "")
    assert entries(desk, case_id) == []
