"""Values of the process are called as people call them, never by the codes of files."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from service.audit.event_card.value_names import ValueNames
from service.casework.casefile.answer_text import AnswerTexts
from service.people import accounts
from service.store.installation import offices
from tests.support.world import World


@pytest.fixture
def names(shipped_world: World) -> ValueNames:
    services = shipped_world.program.services
    with shipped_world.database.transaction(write=False) as tx:
        release = services.current(tx)
        viewer = accounts.load_viewer(tx, "p_greta")
        places = offices.names(tx)
    assert viewer is not None
    words = AnswerTexts(release, viewer, services.directories.get(viewer.lang, {}))
    return ValueNames(words, services.programme.process, places)


def test_a_value_that_a_form_asks_for_has_its_label_and_words(names: ValueNames) -> None:
    assert names.label("urgency") == "How urgent"
    assert "_" not in names.text("feedbackLevel", "STATUS_ONLY")


def test_another_one_is_called_after_the_step_that_gave_it(names: ValueNames) -> None:
    element = next(
        e.id
        for e in names.words.release.definitions[names.process].elements.values()
        if e.topic and e.names
    )
    assert names.label("followUpNo", element).startswith("Result of “")
    assert names.label("risk").startswith("Result of “"), "a rule's, by the step that asks it"
    assert names.label("unknownName") == "A value of the process"


def test_codes_of_offices_and_roles_are_their_names(names: ValueNames) -> None:
    office = next(iter(names.offices))
    assert names.coded(office) == names.offices[office]
    role = next(iter(names.words.release.roles))
    assert names.coded(role) == names.words.release.role_name(role, names.words.lang)
    assert names.coded("NO_SUCH_CODE") == "no such code"
    assert names.coded("PT4H") == "4 hours"
    assert names.coded("P1D") == "1 day"


def test_truth_lists_and_moments_are_written_out(names: ValueNames) -> None:
    assert names.text("ticketsRequested", value=True) == "Yes"
    assert names.text("undone", ["CASH", "CASH"]).count(";") == 1
    assert names.text("iomNotifiedOn", "2026-03-04") == "2026-03-04"
    assert names.text("iomNotifiedOn", None) == ""
    assert names.words.zone == ZoneInfo("Europe/Stockholm")
