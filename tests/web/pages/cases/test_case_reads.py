"""Who may open a case without a word, and what stands in the read log of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.actions.casefile import read_log
from service.actions.pages import case_reads
from service.errors import NotFound
from service.store.installation import ledger_entries
from tests.web.conftest import Town
from tests.web.story import Story


@pytest.fixture
def story(working: Town) -> Iterator[Story]:
    made = Story(working)
    yield made
    made.close()


def opened(story: Story, name: str) -> str:
    """The pseudonym of the case, as a person opens it."""
    who = story.town.person(name)
    now = story.town.clock.now()
    with story.town.program.database.transaction(write=False) as tx:
        services = story.town.program.services
        return case_reads.open_explained(tx, services, who.viewer, story.case, now).case.ref


def log_of(story: Story) -> list[tuple[str, dict[str, Any]]]:
    """Who looked, and at what."""
    with story.town.program.database.transaction(write=False) as tx:
        found = ledger_entries.of_stream(tx, f"reads/{story.case}")
    return [(line.actor, json.loads(line.body)) for line in found]


def test_who_has_nothing_to_do_in_a_case_opens_it_only_with_a_reason(story: Story) -> None:
    story.until("Task_DecideReferral")
    assert opened(story, "omar") == story.brief().ref
    story.do("omar", "Task_DecideReferral")
    story.town.clock.moment += timedelta(days=1)
    with pytest.raises(NotFound):
        opened(story, "omar")
    with story.town.program.database.transaction() as tx:
        services, who = story.town.program.services, story.town.person("omar").viewer
        now = story.town.clock.now()
        read_log.record_lookup_reason(
            tx, services, by=who, case_id=story.case, purpose="PHONE", reason="", now=now
        )
    assert opened(story, "omar") == story.brief().ref


@pytest.mark.parametrize("name", ["iva", "aino"])
def test_for_who_may_not_see_a_case_there_is_none(story: Story, name: str) -> None:
    with pytest.raises(NotFound):
        opened(story, name)


def test_process_facts_leave_no_entry_and_answers_leave_one(story: Story) -> None:
    now, who = story.town.clock.now(), story.town.person("sara").viewer
    more: dict[str, Any] = {"about": {"tab": "all"}, "now": now}
    with story.town.program.database.transaction() as tx:
        case_reads.record_case(tx, by=who, case_id=story.case, classes={"C0"}, **more)
    assert log_of(story) == []
    with story.town.program.database.transaction() as tx:
        case_reads.record_case(tx, by=who, case_id=story.case, classes={"C1", "C0"}, **more)
        case_reads.record_task(tx, by=who, case_id=story.case, task="k", classes={"C0"}, now=now)
    assert log_of(story) == [
        ("p_sara", {"purpose": "case", "classes": ["C0", "C1"], "tab": "all"}),
        ("p_sara", {"purpose": "task", "classes": ["C0"], "task": "k"}),
    ]
