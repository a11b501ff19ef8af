"""Checks of a migration: why a running case may not move to another definition, in sentences.

Reads the stored rows only: a state names elements.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from service.engine.definition import Definition
from service.engine.lint.analysis import reachability
from service.engine.snapshot_codes import BOUNDARY, CLOSE, EVENT_TIMER, SPLIT
from service.engine.spiff import codec
from service.engine.spiff.api import LIVE, BpmnProcessSpec
from service.engine.spiff.base import FlowNode
from service.engine.spiff.catch_events import BoundaryCatch, EventGatewayTarget
from service.engine.spiff.codec import code_of
from service.engine.spiff.gateways import Join, ParallelGateway, upstream
from service.engine.types import Row

SENTENCES = {
    "gone": "{x} is open, and the new version does not have it in {scope}. Choose where to go.",
    "kind": "{x} is open as {kind}, and the new version makes it {other}. Choose where to go.",
    "scope": "{x} is running, and the new version has none of that name.",
    "way": (
        "The branch through {way} already arrived at {x}, and the new version leads it elsewhere."
    ),
    "waits": "{x} would wait for the branch through {way}, where nothing is open.",
    "one": "{x} is open once for each item of a list. One of them cannot go elsewhere alone.",
    "target": "{x} cannot be the place to go on: it is not a step of {scope}.",
}
"""English sentences by code; `service/text` has the same in Swedish."""

OTHER = "Other"
"""Key in `KINDS` for what nothing waits at."""

KINDS = {
    "Person": "a task for a person",
    "Job": "a handler's work",
    "JobThrow": "a message on the way",
    "JobEnd": "a message at the end",
    "Catch": "an event that waits",
    "Race": "an event gateway",
    "Sub": "a sub-process",
    "Call": "a called process",
    "Each": "a step for each item of a list",
    "EachInTurn": "a step for each item of a list, in turn",
    "And": "a parallel gateway",
    "Or": "an inclusive gateway",
    OTHER: "something else",
}
"""What a step is, by the code of the class that runs it (`codec.CODES`)."""


@dataclass(frozen=True, slots=True)
class Problem:
    """One reason why a case may not move.

    `message` is English; `code` and `facts` let `service/text` say it in Swedish (`move_text`).
    Facts hold keys of `KINDS`, not their words.
    """

    code: str
    element: str
    message: str
    facts: Mapping[str, str] = field(default_factory=dict)


def check(
    state: bytes, new: Definition, relocate: Mapping[str, str] | None = None
) -> list[Problem]:
    """Check whether a case may move to a definition: the reasons against it, none when it may.

    Args:
        relocate: task id to the element where its token goes on; such tasks are judged by where
            they go.
    Source: engine.md 12.2.
    """
    stored = codec.unpack(state)
    if stored.digest == new.digest and not relocate:
        return []
    moved = relocate or {}
    left = left_behind(stored, moved)
    scopes = [
        (owner, name, [row for row in rows if _speaks(row, left, moved)])
        for owner, name, rows in stored.scopes
        if owner not in left
    ]
    problems = [
        problem
        for owner, name, live in scopes
        for problem in _check_scope(new, owner, name, live, moved)
    ]
    # what is open where it cannot be comes first, for it says what to do
    return problems or [
        problem for _, name, live in scopes for problem in _check_future(new, name, live, moved)
    ]


def _speaks(row: Row, left: set[str], relocate: Mapping[str, str]) -> bool:
    """Is it the row of a live token that goes on? Boundary events follow their activity, timers of
    event sub-processes their scope, and tokens that have ended are alike.
    """
    return (
        bool(row[4] & LIVE)
        and row[3] not in {BOUNDARY, CLOSE, EVENT_TIMER}
        and (row[0] not in left or row[0] in relocate)
    )


def _check_scope(
    new: Definition, owner: str | None, name: str, live: list[Row], relocate: Mapping[str, str]
) -> Iterator[Problem]:
    spec = new.scopes.get(name) if owner else new.spec
    if spec is None:
        yield _problem(new, "scope", name)
        return
    for row in live:
        if row[0] not in relocate:
            yield from _check_row(new, spec, row)
        elif "key_or_index" in row[7]:
            yield _problem(new, "one", row[2].removesuffix(" [child]"))
        else:
            yield from _check_target(new, spec, relocate[row[0]])
    yield from _check_joins(new, spec, live, {relocate.get(row[0], row[2]) for row in live})


def _check_joins(
    new: Definition, spec: BpmnProcessSpec, live: list[Row], open_elements: set[str]
) -> Iterator[Problem]:
    """A parallel join at which a token waits: something must be open on every other way to it."""
    for join in sorted(open_elements):
        target = spec.task_specs.get(join)
        if isinstance(target, ParallelGateway):
            came = {row[7].get("from") for row in live if row[2] == join}
            for way in sorted(set(target._inputs) - came):
                if not open_elements & upstream(spec, way, join):
                    yield _problem(new, "waits", join, way=_label(new, way))


def _check_future(
    new: Definition, name: str, live: list[Row], relocate: Mapping[str, str]
) -> Iterator[Problem]:
    """Could the case come to a bad end from here?"""
    for code, element, facts in reachability.judge(new.nets[name], live, relocate):
        yield Problem(code, element, reachability.sentence(code, facts), facts)


def _check_row(new: Definition, spec: BpmnProcessSpec, row: Row) -> Iterator[Problem]:
    element, made = str(row[2]), str(row[3])
    target = spec.task_specs.get(element)
    if target is None:
        yield _problem(new, "gone", element.removesuffix(" [child]"), scope=_label(new, spec.name))
    elif (other := code_of(target)) != made:
        kinds = {"kind": _kind(made), "other": _kind(other)}
        yield _problem(new, "kind", element.removesuffix(" [child]"), **kinds)
    elif isinstance(target, Join) and row[7].get("from") not in target._inputs:
        yield _problem(new, "way", element, way=_label(new, row[7].get("from", "")))


def _check_target(new: Definition, spec: BpmnProcessSpec, element: str) -> Iterator[Problem]:
    target = spec.task_specs.get(element)
    is_step = isinstance(target, FlowNode) and not isinstance(
        target, BoundaryCatch | Join | EventGatewayTarget
    )
    if not is_step or not new.nets[spec.name].view.into.get(element):
        yield _problem(new, "target", element, scope=_label(new, spec.name))


def _kind(code: str) -> str:
    return code if code in KINDS else OTHER


def _problem(new: Definition, code: str, element: str, **details: str) -> Problem:
    facts = {"x": _label(new, element), **details}
    words = {
        name: KINDS[value] if name in {"kind", "other"} else value for name, value in facts.items()
    }
    return Problem(code, element, SENTENCES[code].format(**words), facts)


def _label(new: Definition, element: str) -> str:
    facts = new.elements.get(element)
    names = facts.names if facts is not None else new.names.get(element, {})
    return names.get("sv") or element


def left_behind(stored: codec.StoredState, relocate: Mapping[str, str]) -> set[str]:
    """Ids of all that is left behind: tasks that go elsewhere, their boundary events and instances,
    and what runs inside them.
    """
    left = set(relocate)
    for owner, _, rows in stored.scopes:
        if owner in left:
            left |= {row[0] for row in rows}
            continue
        # a split, and what hangs on it, goes with its activity; so do instances with theirs
        parents = {row[1] for row in rows if row[0] in left and row[1] >= 0}
        splits = {parent for parent in parents if rows[parent][3] == SPLIT}
        for place, row in enumerate(rows):
            if place in splits or row[1] in splits or (row[1] >= 0 and rows[row[1]][0] in left):
                left.add(row[0])
    return left
