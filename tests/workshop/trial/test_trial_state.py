"""Where a trial stands: what waits, what is late, what a step could answer."""

from __future__ import annotations

import pytest

from service.errors import NotFound
from service.workshop.trial.acts import WAIT, Act
from tests.support import diagrams as d
from tests.support import small
from tests.workshop.trial.test_run import started, trial, waiting


def test_nothing_waits_before_a_trial_has_begun() -> None:
    made = trial(small.loop())
    assert (made.open, made.ended, made.messages(), made.late()) == ((), False, (), ())
    with pytest.raises(NotFound):
        made.running()


def test_an_automatic_step_offers_the_samples_of_its_handler() -> None:
    made = started(small.one(d.job("j", "letters.count"), "s>j j>e"))
    (job,) = made.open
    assert [one.id for one in made.samples(job)] == ["two", "none"]
    assert set(made.answer_types(job)) == {"sent"}
    plain = started(small.one(d.job("j"), "s>j j>e"))
    assert [one.id for one in plain.samples(plain.open[0])] == ["done"]


def test_a_task_is_late_from_the_moment_that_it_is_due() -> None:
    made = started(small.one(small.person("a", inner=""), "s>a a>e"))
    assert waiting(made) == [("task", "a")]
    made.play(Act(WAIT, "P1D"))
    assert made.late() == ()
