"""The form that is open for one person."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from service.casework.cases.given_answers import GivenAnswer
from service.casework.tasks import form_session
from service.errors import TaskClosed, TaskTaken
from service.security.keyring import Keyring
from service.store.work import tasks
from tests.casework.tasks.conftest import PROCESS
from tests.casework.tasks.sessions import session
from tests.support import small
from tests.support.world import World, open_world


def test_only_texts_of_the_form_are_taken(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        found = session(tx, desk, case)
        assert found.own({"note": ["x"], "note.0": ["y"], "foreign": ["z"]}) == {
            "note": ["x"],
            "note.0": ["y"],
        }
        assert [section.hidden for section in found.draw({"note": ["x"]})] == [False]


def test_the_first_text_that_is_kept_claims_the_task(desk: World, case: str) -> None:
    with desk.database.transaction() as tx:
        form_session.keep_unsent(tx, session(tx, desk, case), {"note": ["x"]}, 0)
    with desk.database.transaction() as tx:
        assert form_session.typed_so_far(session(tx, desk, case)) == {"note": ["x"]}
        task = tasks.get(tx, desk.key(case, "a"))
        assert task is not None
        assert task.claimed_by == "p_sara"
        with pytest.raises(TaskTaken):
            form_session.keep_unsent(tx, session(tx, desk, case, by="stina"), {"note": ["y"]}, 0)


def test_a_task_that_is_over_has_no_session(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    desk.complete(key)
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx, pytest.raises(TaskClosed):
        form_session.open_task_form(tx, services, desk.viewer(), key, now)


def inheriting() -> bytes:
    """A form that proposes as contact what was noted in the first task."""
    contact = small.field("contact", "textfield", "C1")
    contact["properties"] = {"class": "C1", "proposed": "note"}
    form = json.loads(small.form("ask", small.CHOICE, contact))
    return json.dumps({**form, "x-uses": {"note": "text"}}).encode()


@dataclass(frozen=True)
class EverythingToSee(form_session.TaskFormTarget):
    """The task for a person who may see every earlier answer."""

    @property
    def shown(self) -> Mapping[str, GivenAnswer]:
        """All of them."""
        return self.newest


def test_a_proposal_is_made_of_what_the_person_may_see(database_url: str, keyring: Keyring) -> None:
    desk = open_world(database_url, keyring, PROCESS.with_file("forms/ask.form", inheriting()))
    case = desk.start().case_id
    desk.do(case, "a", {"note": ["evenings"]})
    with desk.database.transaction() as tx:
        blind = session(tx, desk, case, "b")
        assert (dict(blind.target.shown), blind.base) == ({}, {})
        (section,) = blind.draw({"contact": ["evenings"]})
        assert [w.origin for w in section.widgets] == [None, None]
        own = blind.target
        target = EverythingToSee(own.task, own.loaded, own.at_hand, own.visibility)
        seeing = form_session.FormSession(
            blind.reader, blind.services, blind.viewer, blind.now, target, blind.context
        )
        assert seeing.base == {"contact": ["evenings"]}
        (section,) = seeing.draw(seeing.base)
        today = desk.clock.now().date().isoformat()
        assert [w.origin for w in section.widgets] == [None, ("Plain", today)]
    desk.database.close()
