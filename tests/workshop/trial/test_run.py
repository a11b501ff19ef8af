"""A trial goes through the real engine and the real forms, on a clock of its own."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from service.errors import InvalidAnswers, NotFound, TrestegError
from service.forms import FormContext
from service.release.bundle import Bundle
from service.release.prepared import prepare
from service.workshop.trial.acts import ANSWER, COMPLETE, FAIL, MESSAGE, START, WAIT, Act
from service.workshop.trial.draft_trial import DraftTrial
from tests.support import diagrams as d
from tests.support import small
from tests.support.local_handlers import TOPICS

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
NOTE = {"note": ["Påhittat"]}


def trial(bundle: Bundle) -> DraftTrial:
    return DraftTrial(
        prepare(bundle, TOPICS),
        lambda now: FormContext(now=now, zone=ZoneInfo("Europe/Stockholm")),
        NOW,
        TOPICS,
    )


def started(bundle: Bundle) -> DraftTrial:
    made = trial(bundle)
    made.play(Act(START, "s", NOTE))
    return made


def waiting(made: DraftTrial) -> list[tuple[str, str]]:
    return [(work.kind, work.element) for work in made.open]


def id_of(made: DraftTrial, element: str) -> str:
    return next(work.id for work in made.open if work.element == element)


def test_answers_steer_as_in_a_case() -> None:
    made = started(small.loop())
    assert waiting(made) == [("task", "a")]
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["YES"], **NOTE}))
    assert waiting(made) == [("task", "a")]
    made.play(Act(COMPLETE, id_of(made, "a"), {"answer": ["NO"]}))
    assert made.ended
    assert made.done["x_m"] == 1
    assert [step.element for step in made.course] == ["s", "a", "a"]


def test_the_form_is_the_real_one_and_refuses_what_it_refuses() -> None:
    made = started(small.loop())
    with pytest.raises(InvalidAnswers) as refused:
        made.play(Act(COMPLETE, id_of(made, "a"), NOTE))
    assert [fault.path for fault in refused.value.faults] == ["answer"]


@pytest.mark.parametrize("text", ["19900101-1234", "900101 1234", "ring 199001011234 nu"])
def test_what_looks_like_a_personal_number_is_refused(text: str) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        trial(small.loop()).play(Act(START, "s", {"note": [text]}))
    assert [fault.key for fault in refused.value.faults] == ["trial.personal_number"]


def test_time_passes_and_each_timer_fires_at_its_moment() -> None:
    body = small.person("a") + d.border("b", "a", d.timer("Duration", "P2D")) + d.end("late")
    made = started(small.one(body, "s>a a>e b>late"))
    made.play(Act(WAIT, "P1D"))
    assert (made.now, made.ended) == (NOW + timedelta(days=1), False)
    made.play(Act(WAIT, "PT1H"))
    made.play(Act(WAIT, "next"))
    assert (made.now, made.ended) == (NOW + timedelta(days=2), True)
    assert [step.at for step in made.course] == [NOW, NOW + timedelta(days=2)]


def test_an_automatic_step_is_answered_by_hand() -> None:
    made = started(small.one(d.job("j", "letters.count"), "s>j j>e"))
    types = made.answer_types(made.open[0])
    assert list(types) == [n for n in TOPICS["letters.count"].answers if n in types]
    made.play(Act(ANSWER, id_of(made, "j"), {name: ["1"] for name in types}))
    assert made.ended


def test_an_error_of_an_automatic_step_takes_its_way() -> None:
    caught = d.border("b", "j", d.event("error", "LOST")) + d.end("f")
    made = started(small.one(d.job("j") + caught, "s>j j>e b>f"))
    made.play(Act(FAIL, id_of(made, "j"), code="LOST"))
    assert made.outcome is not None
    assert made.outcome.ends == ("f",)


def test_what_is_not_open_cannot_be_done() -> None:
    made = trial(small.loop())
    for act in (Act(COMPLETE, "1.1"), Act(START, "nope"), Act(MESSAGE, "m"), Act(ANSWER, "x")):
        with pytest.raises(NotFound):
            made.play(act)
    made.play(Act(START, "s", NOTE))
    with pytest.raises(TrestegError):
        made.play(Act(START, "s", NOTE))


def test_the_diagram_shows_what_is_done_and_what_waits() -> None:
    shown = started(small.loop()).diagram()
    marks = shown.marks[shown.newest]
    assert marks.tokens == (("a", "active", 1),)
    assert dict(marks.done)["s"] == 1
