"""Rows of a stored state: its tokens, what is left behind by a move, and what the new definition
cannot read.

A row names its parent by its place in the list, so rows go and come in whole lists.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from service.engine.definition import Definition
from service.engine.spiff import codec
from service.engine.spiff.api import LIVE, BpmnProcessSpec
from service.engine.spiff.catch_events import (
    AwaitedEvent,
    BoundaryCatch,
    CatchEvent,
    ErrorDefinition,
    EventBasedGateway,
    EventSubProcessTimer,
)
from service.engine.stored_state import BOUNDARY, CLOSE, EVENT_TIMER, SPLIT, StoredState
from service.engine.types import Row

_INSTANCE = " [child]"
"""Behind the element in the spec name of an instance of a multi-instance activity."""


def element_of(row: Row) -> str:
    """The element of a row; an instance stands at the activity that repeats it."""
    return str(row[2]).removesuffix(_INSTANCE)


def is_token(row: Row) -> bool:
    """Is it the row of a live token? Boundary events follow their activity, timers of event
    sub-processes their scope, and tokens that have ended are alike.
    """
    return bool(row[4] & LIVE) and row[3] not in {BOUNDARY, CLOSE, EVENT_TIMER}


def without(rows: list[Row], gone: Collection[str]) -> list[Row]:
    """The rows without some of them; what hung on one of those hangs on the root of the scope."""
    kept = [place for place, row in enumerate(rows) if row[0] not in gone]
    places = {old: new for new, old in enumerate(kept)}
    return [[rows[old][0], places.get(rows[old][1], -1), *rows[old][2:]] for old in kept]


def left_behind(stored: StoredState, relocate: Mapping[str, str]) -> set[str]:
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


def readable(
    stored: StoredState, old: Definition, new: Definition, relocate: Mapping[str, str]
) -> StoredState:
    """The state as the new definition reads it: without what is left behind, and without boundary
    events that the new definition draws elsewhere, otherwise, or not at all.
    """
    left = left_behind(stored, relocate)
    before = awaited_events(old)
    scopes = []
    for owner, name, rows in stored.scopes:
        if owner not in left:
            spec = new.scopes[name]
            gone = {row[0] for row in _undrawn(rows, spec, before)} | left
            scopes.append((owner, name, without(rows, gone)))
    return replace(stored, digest=new.digest, scopes=scopes)


def _undrawn(
    rows: list[Row], spec: BpmnProcessSpec, before: Mapping[str, AwaitedEvent]
) -> Iterator[Row]:
    """Rows of boundary events that the spec does not draw on the activity where they wait, of
    splits before activities without boundary events, and of timers that start no event sub-process
    of the scope.
    """
    for row in rows:
        drawn = spec.task_specs.get(row[2])
        is_split = row[3] == SPLIT and drawn is None
        is_timer = row[3] == EVENT_TIMER and not isinstance(drawn, EventSubProcessTimer)
        if is_split or is_timer:
            yield row
        elif row[3] == BOUNDARY:
            split = rows[row[1]][2] if row[1] >= 0 else ""
            if (
                not isinstance(drawn, BoundaryCatch)
                or split not in drawn._inputs
                or not alike(before.get(row[2]), drawn.event)
            ):
                yield row


def alike(before: AwaitedEvent | None, now: AwaitedEvent) -> bool:
    """Do both wait for the same kind of thing: a time, a message, an error, an escalation?"""
    if isinstance(before, ErrorDefinition) and isinstance(now, ErrorDefinition):
        return before.kind == now.kind
    return type(before) is type(now)


def place_of(definition: Definition, element: str) -> str:
    """Where an event waits: the activity that it is attached to, or the scope in which it starts an
    event sub-process; empty when it stands in the flow, or is not drawn.
    """
    facts = definition.elements.get(element)
    if facts is None:
        return ""
    event_sub = definition.elements.get(facts.scope) if facts.kind == "startEvent" else None
    return facts.attached_to or (event_sub.scope if event_sub is not None else "")


def awaited_events(definition: Definition) -> dict[str, AwaitedEvent]:
    """What every catching element of a definition waits for."""
    events = dict[str, AwaitedEvent]()
    for scope in definition.scopes.values():
        for spec in scope.task_specs.values():
            if isinstance(spec, BoundaryCatch | CatchEvent | EventSubProcessTimer):
                events[spec.element] = spec.event
            elif isinstance(spec, EventBasedGateway):
                events |= spec.events
    return events


@dataclass(frozen=True, slots=True, order=True)
class Token:
    """One live token: the scope, the element at which it waits, and its id."""

    scope: str
    element: str
    way: str
    """Of a token that has arrived at a join: the element that it came from."""
    is_item: bool
    """Whether it is one instance of an activity that is repeated; the activity has a token too."""
    id: str


def tokens(state: bytes) -> tuple[Token, ...]:
    """The tokens of a case, by place; boundary events follow their activity and are none.

    Raises:
        WrongDefinition: not a state.
    """
    stored = codec.unpack(state)
    return tuple(
        sorted(
            Token(
                name,
                element_of(row),
                str(row[7].get("from", "")),
                element_of(row) != row[2],
                row[0],
            )
            for _, name, rows in stored.scopes
            for row in rows
            if is_token(row)
        )
    )
