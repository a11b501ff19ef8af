"""Comparison of a case with what it would have been on a draft.

`rerun` runs the recorded facts on the draft; here the run is judged.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

from service.engine.definition import Definition
from service.engine.rerun import RecordedFact, Rerun, address, path_steps
from service.engine.shared_turns import TurnSource
from service.engine.types import Advance, Json, Open, Variables
from service.errors import EngineStopped

_Occurrence = tuple[str, int]
"""Element and number."""


@dataclass(frozen=True, slots=True)
class ChangedDecision:
    """A gateway that would lead another way, or a rule that would answer otherwise."""

    element: str
    was: tuple[str, ...] = ()
    """Flows of the gateway; empty of a rule, whose answers are values of the case."""
    becomes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """The passage of a case through a diagram: elements and flows, ends, and open work."""

    way: tuple[str, ...] = ()
    """Elements that it entered, in order."""
    times: Mapping[str, int] = field(default_factory=dict)
    """Element or flow to how often it was passed; what was not is not there."""
    ends: tuple[str, ...] = ()
    waits: tuple[Open, ...] = ()
    """Open work at the end of the passage."""
    finished: bool = False


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
    decision: ChangedDecision | None = None
    """The first decision that both made, and made differently."""
    unanswered: tuple[Open, ...] = ()
    """What waits on the draft for an answer that the case does not have."""
    was: Passage = Passage()
    becomes: Passage = Passage()


def verdict(
    draft: Definition,
    history: Sequence[RecordedFact],
    samples: Mapping[str, Variables],
    sources: Sequence[TurnSource] = (),
) -> RerunVerdict:
    """Let a case happen again on a draft, and judge.

    Args:
        samples: by topic, what a handler would answer a call that was never made.
        sources: what each turn of the history was made of; without them every turn is run, with the
            same outcome.
    """
    rerun = Rerun(draft, history, samples, sources)
    try:
        rerun.run()
    except EngineStopped as stop:
        return _verdict(rerun, "stops", stop.element, rerun.number, stop.kind)
    return _judge(rerun)


def history_on(
    definition: Definition,
    history: Sequence[RecordedFact],
    samples: Mapping[str, Variables],
    sources: Sequence[TurnSource] = (),
) -> tuple[list[RecordedFact], list[TurnSource]]:
    """A case as it would have been on another definition all along, as far as its recorded acts
    lead there, with what each of its turns was made of.
    """
    rerun = Rerun(definition, history, samples, sources)
    with suppress(EngineStopped):
        rerun.run()
    return rerun.applied, rerun.applied_sources


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


def _asked(rerun: Rerun) -> tuple[Open, ...]:
    """Open questions, and work that nobody answered, each once."""
    if rerun.turn is None or not rerun.states:
        return ()
    ids = {work.id for work in (*rerun.questions(), *_unanswered(rerun))}
    return tuple(work for work in rerun.waiting() if work.id in ids)


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
    was = passage(_turns(rerun.history))
    becomes = passage(_turns(rerun.applied))
    return RerunVerdict(
        kind,
        element,
        fact,
        frozenset(becomes.way),
        becomes.ends,
        detail,
        _changed_decision(rerun),
        _asked(rerun),
        was,
        becomes,
    )


def _turns(history: Sequence[RecordedFact]) -> list[Advance]:
    return [turn for _, _, turn in history]


def passage(turns: Sequence[Advance]) -> Passage:
    """What some turns of a case passed, all together."""
    way = list[str]()
    times = Counter[str]()
    for turn in turns:
        for step in turn.steps:
            if step.what == "entered":
                way.append(step.element)
            elif step.what == "left":
                times[step.element] += 1
            elif step.what == "took" and step.detail:
                times[str(step.detail[0])] += 1
    if not turns:
        return Passage()
    last = turns[-1]
    return Passage(tuple(way), dict(times), last.ends, last.open, last.finished)


def _changed_decision(rerun: Rerun) -> ChangedDecision | None:
    """The first decision on the draft that the case made too, and made differently."""
    before = _turns(rerun.history)
    after = _turns(rerun.applied)
    flows = dict(_chosen(before))
    results = dict(_results(rerun.draft, before))
    flows_now = dict(_chosen(after))
    results_now = dict(_results(rerun.draft, after))
    for turn in after:
        for step in turn.steps:
            at = step.element, step.nth
            if step.what == "decided" and at in results and at in results_now:
                if results[at] != results_now[at]:
                    return ChangedDecision(step.element)
            elif step.what == "chose" and at in flows and flows[at] != flows_now[at]:
                return ChangedDecision(step.element, flows[at], flows_now[at])
    return None


def _chosen(turns: Iterable[Advance]) -> Iterator[tuple[_Occurrence, tuple[str, ...]]]:
    """Every gateway that chose, with its flows."""
    found: dict[_Occurrence, list[str]] = {}
    for turn in turns:
        for step in turn.steps:
            if step.what == "chose" and step.detail:
                found.setdefault((step.element, step.nth), []).append(str(step.detail[-1]))
    for at, flows in found.items():
        yield at, tuple(sorted(flows))


def _results(draft: Definition, turns: Iterable[Advance]) -> Iterator[tuple[_Occurrence, Json]]:
    """Every rule that was asked, with its answer as the turn left it; one that the draft keeps
    under another name, or within a frame, is passed over.
    """
    for turn in turns:
        for step in turn.steps:
            element = draft.elements.get(step.element) if step.what == "decided" else None
            if element is not None and element.result in turn.variables:
                yield (step.element, step.nth), turn.variables[element.result]
