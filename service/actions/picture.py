"""A case on its diagram: which elements are done, active, waiting, late or stopped at a moment of its history, and the same as a list of steps."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.actions.house import House
from service.actions.shelf import Release
from service.actions.telling import element_name
from service.engine import Definition, Element
from service.store import cases, facts, incidents, tasks
from service.store.database import Tx
from service.text import known, say

DONE, ACTIVE, WAITING, OVERDUE, INCIDENT = "done", "active", "waiting", "overdue", "incident"
_STATE = {"task": ACTIVE, "job": WAITING, "timer": WAITING, "message": "", "join": WAITING}
_PLAIN = frozenset({"startEvent", "endEvent"})


@dataclass(frozen=True, slots=True)
class Marks:
    """What the diagram shows after one fact: (element, state, times) of what waits, (element, times) of what is done."""

    tokens: tuple[tuple[str, str, int], ...]
    done: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class StepLine:
    """One line of the step list: the diagram for keyboard, screen reader and no script."""

    id: str
    name: str
    kind: str
    who: str
    state: str
    note: str
    times: int
    depth: int
    then: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Picture:
    """A case's diagrams and marks."""

    definition: Definition
    release: Release
    marks: Mapping[int, Marks]
    """By number of the fact; 0 is the empty diagram."""
    late: frozenset[str] = frozenset()
    stopped: frozenset[str] = field(default=frozenset())

    @property
    def newest(self) -> int:
        """Number of the last fact."""
        return max(self.marks)


def picture(tx: Tx, house: House, case_id: str, now: datetime) -> Picture:
    """The marks of a case after each of its facts, on the release it is on now."""
    brief = cases.get(tx, case_id)
    release = house.release(tx, brief.release_id if brief is not None else "")
    definition = release.definitions[brief.process if brief is not None else ""]
    open_tasks = tasks.of_case(tx, case_id)
    return Picture(
        definition,
        release,
        dict(_marks(facts.of_case(tx, case_id))),
        frozenset(t.element for t in open_tasks if t.due is not None and t.due < now),
        frozenset(i.element for i in incidents.of_case(tx, case_id) if i.closed_at is None),
    )


def _marks(history: Sequence[facts.Fact]) -> Iterable[tuple[int, Marks]]:
    """What is done grows with each fact; what waits stands in the fact itself."""
    done = Counter[str]()
    yield 0, Marks((), ())
    for fact in history:
        for what, element, *_ in fact.steps:
            if what in ("left", "ended", "fired", "caught"):
                done[element] += 1
        flows = [str(detail[0]) for what, _, _, detail in fact.steps if what == "took" and detail]
        done.update(flows)
        waits = Counter((element, _STATE.get(kind, "")) for kind, element, _ in fact.open_after)
        tokens = tuple((element, state, times) for (element, state), times in sorted(waits.items()) if state)
        yield fact.rev, Marks(tokens, tuple(sorted((e, n) for e, n in done.items() if n)))


def states(shown: Picture, at: int) -> dict[str, str]:
    """Element to the state that counts most at a fact: incident, overdue, active, waiting, done."""
    marks = shown.marks.get(at, shown.marks[shown.newest])
    found = {element: DONE for element, _ in marks.done} | {element: state for element, state, _ in marks.tokens}
    if at == shown.newest:
        found |= {e: OVERDUE for e in shown.late if found.get(e) == ACTIVE}
        found |= dict.fromkeys(shown.stopped, INCIDENT)
    for element in list(found):
        _raise_frames(shown.definition, element, found)
    return found


def _raise_frames(definition: Definition, element: str, found: dict[str, str]) -> None:
    """A frame or call in which something waits is active itself."""
    callers = {e.calls: e.id for e in definition.elements.values() if e.calls}
    here = definition.elements.get(element)
    if here is None or found[element] == DONE:
        return
    while here is not None:
        around = definition.elements.get(here.scope) or definition.elements.get(callers.get(here.scope, ""))
        if around is not None:
            found[around.id] = ACTIVE
        here = around


def viewer_data(
    shown: Picture, *, lang: str, xml: Mapping[str, str], at: int | None = None, hidden: Iterable[str] = (), steps: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """What the viewer in the browser reads; texts are already in the reader's language and cut to what she may see.

    Args:
        xml: process file to the address of its drawing, the main one first.
        at: the fact shown first; None for the newest.
        hidden: elements that the reader may not see.
        steps: for replay, the lines of history with `n`, `rev`, `at`, `kind`, `by`, `text` …; without them, one step: now.
    """
    number = shown.newest if at is None else at
    rows = steps or [{"n": number, "rev": number, "at": "", "kind": "line", "who": "", "by": "", "element": "", "text": ""}]
    told = []
    rev = 0
    for row in rows:
        rev = int(row.get("rev") or rev)
        marks = shown.marks.get(rev, shown.marks[0])
        current = states(shown, rev)
        tokens = [[e, current.get(e, s), n] for e, s, n in marks.tokens]
        tokens += [[e, INCIDENT, 1] for e in shown.stopped if rev == shown.newest and all(e != t[0] for t in tokens)]
        told.append({**row, "release": shown.release.id, "tokens": tokens, "done": [list(pair) for pair in marks.done]})
    return {
        "releases": [{"id": shown.release.id, "xml": next(iter(xml.values())), "files": dict(xml)}],
        "steps": told,
        "at": next((i for i, row in enumerate(rows) if row.get("n") == at), len(rows) - 1),
        "hidden": sorted(hidden),
        "notes": {e: say("status.late", lang) for e in shown.late} if number == shown.newest else {},
        "counts": {e: n for e, n in shown.marks.get(number, shown.marks[0]).done if n > 1 and e in shown.definition.elements},
    }


def step_list(shown: Picture, *, lang: str, at: int | None = None, hidden: Iterable[str] = ()) -> list[StepLine]:
    """Every step in the order of the files, frames before what lies in them; plain starts and ends without a name are left out."""
    number = shown.newest if at is None else at
    current = states(shown, number)
    done = dict(shown.marks.get(number, shown.marks[0]).done)
    unseen = set(hidden)
    found = []
    for element in shown.definition.elements.values():
        if element.kind in _PLAIN and not element.names.get("sv"):
            continue
        if element.id in unseen:
            found.append(StepLine(element.id, "", "", "", "hidden", "", 0, _depth(shown.definition, element)))
            continue
        found.append(
            StepLine(
                element.id,
                element_name(element, lang),
                kind_name(element, lang),
                shown.release.role_name(element.roles[0], lang) if element.roles else "",
                current.get(element.id, ""),
                say("status.late", lang) if current.get(element.id) == OVERDUE else "",
                done.get(element.id, 0),
                _depth(shown.definition, element),
                tuple(_then(shown.definition, element, lang)),
            )
        )
    return found


def kind_name(element: Element, lang: str) -> str:
    """What kind of step it is, in words."""
    key = f"element.{element.kind}"
    return say(key, lang) if known(key) else element.kind


def _depth(definition: Definition, element: Element) -> int:
    depth, here = 0, definition.elements.get(element.scope)
    while here is not None:
        depth, here = depth + 1, definition.elements.get(here.scope)
    return min(depth, 2)


def _then(definition: Definition, element: Element, lang: str) -> Iterable[tuple[str, str]]:
    """Where the ways out lead: label of the flow and name of the next step."""
    for id_ in element.outgoing:
        flow = definition.flows.get(id_)
        target = definition.elements.get(flow.target) if flow is not None else None
        if flow is not None and target is not None and (target.names.get("sv") or target.kind not in _PLAIN):
            yield flow.names.get(lang) or flow.names.get("sv", ""), element_name(target, lang) if target.names.get("sv") else kind_name(target, lang)
