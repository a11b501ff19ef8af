"""What must hold of every case that has moved, read off its rows and its open work alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from service.engine.definition import Definition
from service.engine.migration.findings import MigrationNote, label
from service.engine.migration.state_rows import awaited_events, place_of
from service.engine.spiff.api import LIVE
from service.engine.spiff.catch_events import BoundaryCatch
from service.engine.spiff.codec import unpack
from service.engine.spiff.timers import Timer
from service.engine.types import Open, Row

SPLIT = ".BoundaryEventSplit"
DATED = {"timer", "task"}


def drawn_timers(definition: Definition) -> dict[str, tuple[object, ...]]:
    """How each timer is drawn: its time, and the activity on which it waits."""
    return {
        element: (event.drawing, place_of(definition, element))
        for element, event in awaited_events(definition).items()
        if isinstance(event, Timer)
    }


def orphans(state: bytes) -> list[str]:
    """Boundary events that wait beside no activity."""
    return [
        row[2]
        for _, _, rows in unpack(state).scopes
        for row in rows
        if row[3] == "Boundary" and row[4] & LIVE and host_of(rows, row) is None
    ]


def host_of(rows: list[Row], row: Row) -> str | None:
    """The activity beside which a boundary event waits."""
    if row[1] < 0 or not rows[row[1]][2].endswith(SPLIT):
        return None
    host = rows[row[1]][2].removesuffix(SPLIT)
    beside = (r for r in rows if r[1] == row[1] and r[2] == host and r[4] & LIVE)
    return next((r[2] for r in beside), None)


def waiting_events(state: bytes) -> dict[tuple[str, str], list[str]]:
    """The boundary events that wait on each open activity, by its element and id."""
    events = dict[tuple[str, str], list[str]]()
    for _, _, rows in unpack(state).scopes:
        for place, row in enumerate(rows):
            if row[4] & LIVE and row[3] not in {"Boundary", "Close", "Split"}:
                split = row[1] if row[1] >= 0 and rows[row[1]][2] == f"{row[2]}{SPLIT}" else place
                beside = (r for r in rows if r[1] == split and r[3] == "Boundary")
                events[row[2], row[0]] = sorted(r[2] for r in beside if r[4] & LIVE)
    return events


def unarmed(old: Definition, then: bytes, new: Definition, now: bytes) -> list[str]:
    """Boundary events that are drawn on an open activity, do not wait there, and did not come
    there before either.
    """
    before, found = waiting_events(then), list[str]()
    drawn_before, drawn_now = drawn_timers(old), drawn_timers(new)
    for (host, id_), waiting in waiting_events(now).items():
        for element in drawn_on(new, host):
            came = (
                (host, id_) in before
                and element not in before[host, id_]
                and element in drawn_on(old, host)
                and drawn_before.keys() & drawn_now.keys() & {element}
            )
            if element not in waiting and not came:
                found.append(element)
    return found


def unarmed_starts(old: Definition, then: bytes, new: Definition, now: bytes) -> list[str]:
    """Timers that start an event sub-process of a running scope, do not wait, and did not come
    there before either.
    """
    before = {owner: {row[2] for row in rows} for owner, _, rows in unpack(then).scopes}
    drawn_before, found = drawn_timers(old), list[str]()
    for owner, name, rows in unpack(now).scopes:
        waiting = {row[2] for row in rows}
        nodes = new.nets[name].view.nodes
        if any(row[2] in nodes and _interrupts(new, row[2]) for row in rows):
            continue
        for start, (_, place) in drawn_timers(new).items():
            came = (
                owner in before
                and start not in before[owner]
                and start in drawn_before
                and place_of(old, start) == name
            )
            if place == name and new.elements[start].kind == "startEvent":
                found += [] if start in waiting or came else [start]
    return found


def _interrupts(definition: Definition, element: str) -> bool:
    """Is it an event sub-process that ends all else in its scope?"""
    return any(
        start.kind == "startEvent"
        and start.scope == element
        and start.interrupting
        and definition.nets[definition.elements[element].scope].view.nodes[element].event_sub
        for start in definition.elements.values()
    )


def came_again(old: Definition, then: bytes, new: Definition, now: bytes) -> list[str]:
    """Boundary timers that had come on an open activity, are drawn as before, and wait again."""
    before, drawn_before, drawn_now = waiting_events(then), drawn_timers(old), drawn_timers(new)
    return [
        element
        for activity, waiting in waiting_events(now).items()
        for element in set(waiting) - set(before.get(activity, waiting))
        if element in drawn_now and drawn_before.get(element) == drawn_now[element]
    ]


def drawn_on(definition: Definition, host: str) -> set[str]:
    """The boundary events that are drawn on an activity."""
    return {
        spec.name
        for scope in definition.scopes.values()
        for spec in scope.task_specs.values()
        if isinstance(spec, BoundaryCatch) and definition.elements[spec.name].attached_to == host
    }


def untold(
    old: Definition,
    new: Definition,
    before: Iterable[Open],
    after: Iterable[Open],
    notes: Iterable[MigrationNote],
) -> Iterator[tuple[str, datetime | None, datetime | None]]:
    """Deadlines that changed, or are drawn otherwise, without a note."""
    told = list(notes)
    was = {(o.kind, o.id): o for o in before if o.kind in DATED}
    now = {(o.kind, o.id): o for o in after if o.kind in DATED}
    drawn_before, drawn_now = drawn_timers(old), drawn_timers(new)
    for key in was.keys() | now.keys():
        one, other = was.get(key), now.get(key)
        element = one.element if one is not None else other.element if other is not None else ""
        if one is None and other is not None:
            said = (
                any(
                    n.becomes == other.due and label(element, new) in n.facts.values() for n in told
                )
                or key[0] == "task"
            )
        elif one is not None and other is None:
            said = any(n.was == one.due and n.element == element for n in told) or key[0] == "task"
        elif one is not None and other is not None and one.due != other.due:
            said = any((n.element, n.was, n.becomes) == (element, one.due, other.due) for n in told)
        else:
            same = drawn_before.get(element, [()])[0] == drawn_now.get(element, [()])[0]
            known = one is not None and one.due is not None
            said = same or not known or any(n.element == element for n in told)
        if not said:
            yield (
                element,
                one.due if one is not None else None,
                other.due if other is not None else None,
            )
