"""Parties of a case: offices that get a role because of answers, and the calendars that follow."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from service.casework.cases.loaded_case import load_case
from service.casework.commands.party_binding import first_parties, may_rebind, rebind_parties
from service.store.casefile import cases
from tests.support.directory import BOARD
from tests.support.world import World
from tests.web.story import SOFIA, Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    yield made
    made.close()


def test_a_new_case_knows_who_starts_it_and_who_approves(story: Story) -> None:
    services = story.world.program.services
    with story.world.program.database.transaction(write=False) as tx:
        bound, calendars = first_parties(
            tx,
            services,
            story.release(),
            services.programme.process,
            "social",
            {"municipality": "0180"},
        )
    assert bound["ReferringPartner"] == "social"
    assert bound["CaseApprover"] == BOARD
    assert calendars.keys() == bound.keys()


def test_a_country_gives_its_office_a_role(story: Story) -> None:
    services = story.world.program.services
    with story.world.program.database.transaction(write=False) as tx:
        rows = cases.load(tx, story.case)
        assert rows is not None
        loaded = load_case(tx, services, rows)
        bound, calendars = rebind_parties(services, loaded, {"countryOfReturn": "BG"})
        nothing = rebind_parties(services, loaded, {"note": "ringer"})
    assert bound == {"IomLocal": SOFIA}
    assert calendars is not None
    assert calendars["IomLocal"] == "sweden"
    assert nothing == ({}, None)


def test_only_a_form_that_asks_for_a_party_can_rebind_one(story: Story) -> None:
    services, forms = story.world.program.services, story.release().forms
    asking = {
        id_ for id_, form in forms.items() if may_rebind(services.programme.configuration, form)
    }
    wanted = {row.when for row in services.programme.configuration.parties}
    assert asking
    assert asking < set(forms)
    assert all(wanted & {field.key for field in forms[id_].fields} for id_ in asking)
    assert not may_rebind(services.programme.configuration, None)
