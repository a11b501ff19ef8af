"""Comparison of a case with what it would have been on a draft.

`rerun` runs the recorded facts on the draft; here the run is judged. Way in: `replay.compare`.

Source: engine.md 13.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from service.engine.definition import Definition
from service.engine.rerun import RecordedFact, Rerun, address, path_steps
from service.engine.types import Open, Variables
from service.errors import EngineStopped


@dataclass(frozen=True, slots=True)
class RerunVerdict:
    """What would have become of a case on another definition.

    `kind`: `same` (same steps and ends), `other way` (decided otherwise, and still ends), `asks
    more` (work opens that has no recorded answer), `no longer asked` (recorded acts find no work),
    `stops` (the case could not go on; `detail` is the kind of the stop).
    """

    kind: str
    element: str = ""
    """Where it shows: the new question, the act without work, the place of the stop, the first step
    that differs."""
    fact: int = 0
    """Number of the fact, from 1, at which the first difference showed; 0 when there is none."""
    visited: frozenset[str] = frozenset()
    """Elements that the case passed on the draft."""
    ends: tuple[str, ...] = ()
    """Ends that it reached there."""
    detail: str = ""


def verdict(
    draft: Definition, history: Sequence[RecordedFact], samples: Mapping[str, Variables]
) -> RerunVerdict:
    """Let a case happen again on a draft, and judge.

    Args:
        samples: by topic, what a handler would answer a call that was never made.
    """
    rerun = Rerun(draft, history, samples)
    try:
        rerun.run()
    except EngineStopped as stop:
        return _verdict(rerun, "stops", stop.element, rerun.number, stop.kind)
    return _judge(rerun)


def _judge(rerun: Rerun) -> RerunVerdict:
    """The verdict on a run that did not stop."""
    element, fact = _difference(rerun)
    if questions := rerun.questions():
        return _verdict(rerun, "asks more", _first_entered(rerun, questions), fact)
    if unanswered := _unanswered(rerun):
        return _verdict(rerun, "asks more", unanswered[0].element, fact)
    if rerun.without_work:
        without_work, number = rerun.without_work[0]
        return _verdict(rerun, "no longer asked", without_work, fact or number)
    return _verdict(rerun, "other way" if fact else "same", element, fact)


def _first_entered(rerun: Rerun, questions: list[Open]) -> str:
    """The element among open questions that the draft entered first."""
    steps = [step for step, _ in reversed(rerun.path)]
    order = {step[1:]: -number for number, step in enumerate(steps) if step[0] == "entered"}
    return min(questions, key=lambda work: order.get((work.element, work.nth), 1)).element


def _unanswered(rerun: Rerun) -> list[Open]:
    """Work that waits on the draft although the case has ended, or no longer waited for it."""
    last = {address(work) for work in rerun.history[-1][2].open}
    return [work for work in rerun.waiting() if address(work) not in last]


def _difference(rerun: Rerun) -> tuple[str, int]:
    """Where the two paths part: element and fact; nowhere is `("", 0)`."""
    recorded = [
        (step, number)
        for number, (_, _, turn) in enumerate(rerun.history, 1)
        for step in path_steps(turn)
    ]
    drafted = rerun.path
    for (new, new_fact), (old, old_fact) in zip(drafted, recorded, strict=False):
        if new != old:
            return new[1], min(new_fact, old_fact)
    if len(drafted) == len(recorded):
        return "", 0
    shorter = min(len(drafted), len(recorded))
    (_, element, _), number = max(drafted, recorded, key=len)[shorter]
    return element, number


def _verdict(rerun: Rerun, kind: str, element: str, fact: int, detail: str = "") -> RerunVerdict:
    visited = frozenset(element for (what, element, _), _ in rerun.path if what == "entered")
    ends = rerun.turn.ends if rerun.turn is not None else ()
    return RerunVerdict(kind, element, fact, visited, ends, detail)
