"""The shipped processes run: random people and handlers answer what is asked, guarded, and
no case ever stops.
"""

from __future__ import annotations

import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path

import pytest

from service.engine.audit_guard import guarded
from service.engine.definition import Definition, read
from service.engine.feel.types import Type
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Due,
    Files,
    Json,
    Message,
    Open,
    Start,
    Stimulus,
)
from service.errors import DueFirst
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.sandbox import handlers
from tests.engine.walks import MONDAY

ROOT = Path(__file__).parents[2]
CASES, LONGEST = 25, 250


@cache
def shipped() -> tuple[Files, Definition]:
    found = {
        str(p.relative_to(ROOT)): p.read_bytes()
        for folder in ("workflows", "forms")
        for p in (ROOT / folder).rglob("*")
        if p.is_file()
    }
    files, _, _ = files_of(Bundle(found), handlers.declared())
    return files, read(files)["return_case"]


class Everybody:
    """Answers every form and call at random, mostly so that the case goes on."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a test wants the same case again
        self.now = MONDAY

    def value(self, declared: Type) -> Json:
        some_day = (MONDAY.date() + timedelta(days=self.dice.randrange(300))).isoformat()
        first = declared.values[0] if declared.values else "x"
        given: dict[str, Json] = {
            "boolean": self.dice.random() < 0.75,
            "string": first
            if self.dice.random() < 0.8 or not declared.values
            else self.dice.choice(declared.values),
            "number": self.dice.randrange(5),
            "date": some_day,
            "date and time": f"{date.fromisoformat(some_day)}T09:00:00+00:00",
            "list": list(declared.values[:2]),
        }
        return given.get(declared.kind)

    def choose(self, turn: Advance) -> Open:
        can = [o for o in turn.open if o.kind != "join" and (o.kind != "timer" or o.due)]
        late = sorted(
            (o for o in can if o.due and o.kind == "timer" and o.due <= self.now),
            key=lambda o: (o.due, o.id),
        )
        work = [o for o in can if o.kind in {"task", "job"}]
        return (
            late[0]
            if late
            else self.dice.choice(work if work and self.dice.random() < 0.95 else can)
        )

    def act(self, turn: Advance) -> Stimulus:
        files, drawn = shipped()
        chosen = self.choose(turn)
        element = drawn.elements[chosen.element]
        self.now = max(self.now, chosen.due or self.now) if chosen.kind == "timer" else self.now
        self.now += timedelta(hours=2)
        match chosen.kind:
            case "task":
                return Complete(
                    chosen.id,
                    {
                        name: self.value(declared)
                        for name, declared in files.forms[element.form].routing.items()
                    },
                )
            case "job":
                return Answer(
                    chosen.id,
                    {
                        name: self.value(drawn.types[name])
                        for name in files.topics[element.topic].answers
                    },
                )
            case "timer":
                return Due(chosen.id)
        return Message(chosen.what, {}, chosen.element)


@pytest.mark.parametrize("group", range(4))
def test_random_cases_of_the_return_programme_run_without_a_stop(group: int) -> None:
    _, drawn = shipped()
    seen, finished = set[str](), 0
    for seed in range(group * CASES, (group + 1) * CASES):
        everybody = Everybody(seed)
        turn = guarded(drawn, b"", Start(), now=MONDAY, seed="1", seconds=60)
        for number in range(2, LONGEST):
            if turn.finished:
                break
            stimulus = everybody.act(turn)
            try:
                turn = guarded(
                    drawn, turn.state, stimulus, now=everybody.now, seed=str(number), seconds=60
                )
            except DueFirst:
                continue
            seen |= {step.element for step in turn.steps}
            # the largest: an alarm rings every hour for days, and no call of it is answered
            assert len(turn.state) < 12_000
        finished += turn.finished
    assert finished > CASES // 2
    assert len(seen) > 60


def test_each_process_is_a_definition_and_covers_what_it_calls() -> None:
    files, drawn = shipped()
    called = {e.process for e in drawn.elements.values()}
    # a consultation, what somebody calls in, and a complaint are processes of their own
    assert called == set(read(files)) - {"consultation", "after_end", "returnee_says", "complaint"}
    assert drawn.messages["alert"] == ("Start_Alert",)
    assert drawn.elements["Task_DecideReferral"].roles
    assert drawn.calendar.zone.key == "Europe/Stockholm"
