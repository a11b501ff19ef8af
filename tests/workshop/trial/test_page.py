"""The page of a trial: what is open, its form, and the ways that were passed by."""

from __future__ import annotations

import pytest

from service.errors import NotFound
from service.workshop.trial.acts import COMPLETE, Act
from service.workshop.trial.trial_page import trial_form, trial_page
from tests.support import small
from tests.support.world import World
from tests.workshop.trial.test_run import NOTE, id_of, started, trial


def test_a_trial_that_has_not_begun_offers_its_starts(shipped_world: World) -> None:
    services = shipped_world.program.services
    page = trial_page(trial(small.loop()), services, "en")
    assert [element for element, _ in page.starts] == ["s"]
    assert (page.tasks, page.messages, page.course, page.ended) == ((), (), (), "")


def test_what_waits_is_named_with_who_does_it(shipped_world: World) -> None:
    services = shipped_world.program.services
    page = trial_page(started(small.loop()), services, "en")
    ((task,), jobs) = page.tasks, page.jobs
    assert (task.element, task.name, task.note, jobs) == ("a", "A", "Referring", ())
    assert page.course[0][1:] == ("Begun", "s") or page.course[0][1] == "Begun"


def test_ways_that_were_passed_by_are_listed(shipped_world: World) -> None:
    made = started(small.loop())
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["NO"]}))
    page = trial_page(made, shipped_world.program.services, "en")
    assert (page.taken, page.ways) == (4, 5)
    assert len(page.left_out) == 1
    assert page.ended


def test_the_form_of_a_step_is_the_real_one(shipped_world: World) -> None:
    viewer = shipped_world.viewer("maja")
    made = started(small.loop())
    form = trial_form(made, viewer, f"task:{id_of(made, 'a')}", None)
    paths = [widget.path for section in form.sections for widget in section.widgets]
    assert paths == ["answer", "note", "contact", "place"]
    assert [name for name, _, _ in form.buttons] == ["do"]
    for wrong in ("task:nope", "start:s", "message:m", "", "nope:x"):
        with pytest.raises(NotFound):
            trial_form(made, viewer, wrong, None)
    assert trial_form(trial(small.loop()), viewer, "start:s", NOTE).title
