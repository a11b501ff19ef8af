"""Who may open a case without a word, and what stands in the read log of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from service.casework.casefile import read_log
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.pages import case_reads
from service.casework.tasks import task_page
from service.errors import NotFound, ReasonNeeded
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from tests.support.world import World
from tests.web.story import Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def opened(story: Story, name: str) -> str:
    """The pseudonym of the case, as a person opens it."""
    with story.world.program.database.transaction(write=False) as tx:
        return view(tx, story, name).case.ref


def view(tx: Tx, story: Story, name: str) -> CaseView:
    """The case, as a person opens it."""
    who, services = story.world.loaded_viewer(name), story.world.program.services
    return load_case_view(tx, services, who, story.case, story.world.clock.now())


def log_of(story: Story) -> list[tuple[str, dict[str, Any]]]:
    """Who looked, and at what."""
    with story.world.program.database.transaction(write=False) as tx:
        found = ledger_entries.of_stream(tx, f"reads/{story.case}")
    return [(line.actor, json.loads(line.body)) for line in found]


def test_a_stranger_to_a_case_opens_it_only_with_a_reason(story: Story) -> None:
    story.until("Task_DecideReferral")
    assert opened(story, "omar") == story.brief().ref
    story.do("omar", "Task_DecideReferral")
    story.world.clock.moment += timedelta(days=1)
    with pytest.raises(ReasonNeeded):
        opened(story, "omar")
    with story.world.program.database.transaction() as tx:
        services, who = story.world.program.services, story.world.loaded_viewer("omar")
        now = story.world.clock.now()
        read_log.record_lookup_reason(
            tx, services, by=who, case_id=story.case, purpose="PHONE", reason="", now=now
        )
    assert opened(story, "omar") == story.brief().ref


@pytest.mark.parametrize("name", ["iva", "aino"])
def test_for_who_may_not_see_a_case_there_is_none(story: Story, name: str) -> None:
    with pytest.raises(NotFound):
        opened(story, name)


def test_every_look_leaves_an_entry(story: Story) -> None:
    now, who = story.world.clock.now(), story.world.loaded_viewer("sara")
    about = {"tab": "all"}
    with story.world.program.database.transaction() as tx:
        case_reads.record_case(tx, view(tx, story, "sara"), classes={"C0"}, about=about)
    with story.world.program.database.transaction() as tx:
        case_reads.record_case(tx, view(tx, story, "sara"), classes={"C1", "C0"}, about=about)
        services, key = story.world.program.services, story.key("Task_OfferReturnInformation")
        session = task_page.open_task_page(tx, services, who, key, now)
        case_reads.record_task(tx, session, {"C0"})
    assert log_of(story) == [
        ("p_sara", {"purpose": "case", "classes": ["C0"], "tab": "all"}),
        ("p_sara", {"purpose": "case", "classes": ["C0", "C1"], "tab": "all"}),
        ("p_sara", {"purpose": "task", "classes": ["C0"], "task": key}),
    ]
