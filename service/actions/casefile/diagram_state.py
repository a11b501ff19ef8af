"""A case on its diagrams: which elements are done, active, waiting, late or stopped at a moment of
its history, and the same as a list of steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

from service.actions.context import Services
from service.actions.releases.labels import element_name
from service.actions.releases.prepared import PreparedRelease
from service.engine import Definition, Element
from service.errors import NotFound
from service.store.casefile import cases, facts
from service.store.transaction import Tx
from service.store.work import incidents, tasks
from service.text import known, say

DONE, ACTIVE, WAITING, OVERDUE, INCIDENT = "done", "active", "waiting", "overdue", "incident"
STATES = (DONE, ACTIVE, WAITING, OVERDUE, INCIDENT)
_STATE = {"task": ACTIVE, "job": WAITING, "timer": WAITING, "join": WAITING}
"""What waits for a message shows nothing: most of it waits all the time."""
_GRAVER = (DONE, WAITING, ACTIVE, OVERDUE, INCIDENT)
_PLAIN = frozenset({"startEvent", "endEvent"})
_DEEPEST = 2
Address: TypeAlias = Callable[[str, str], str]
"""(release id, file) to where its drawing is."""
Row: TypeAlias = Mapping[str, Any]
"""A line of history for the browser: `n`, `rev`, `at`, `who`, `by`, `element`, `text` …"""


@dataclass(frozen=True, slots=True)
class DiagramMarks:
    """What the diagram shows after one fact: (element, state, times) of what waits, (element or
    flow, times) of what is done, on which release.
    """

    tokens: tuple[tuple[str, str, int], ...]
    done: tuple[tuple[str, int], ...]
    release: str = ""


@dataclass(frozen=True, slots=True)
class StepListLine:
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
class DiagramState:
    """A case's diagrams and marks. `release` and `definition` are those it is on now."""

    definition: Definition
    release: PreparedRelease
    marks: Mapping[int, DiagramMarks]
    """By number of the fact; 0 is the empty diagram."""
    late: frozenset[str] = frozenset()
    stopped: frozenset[str] = field(default=frozenset())
    releases: tuple[PreparedRelease, ...] = ()
    """All that the case was on, in that order."""

    @property
    def newest(self) -> int:
        """Number of the last fact."""
        return max(self.marks)

    def on(self, at: int) -> PreparedRelease:
        """The release in force at a fact."""
        id_ = self.marks[at].release if at in self.marks else ""
        return next((release for release in self.releases if release.id == id_), self.release)

    def defined(self, at: int) -> Definition:
        """The process as it was in force at a fact."""
        return self.on(at).definitions[self.definition.process]


def load_diagram_state(tx: Tx, services: Services, case_id: str, now: datetime) -> DiagramState:
    """The marks of a case after each of its facts.

    Raises:
        NotFound: no such case.
    """
    brief = cases.get(tx, case_id)
    if brief is None:
        raise NotFound
    history = facts.of_case(tx, case_id)
    used = dict.fromkeys([*(fact.release_id for fact in history), brief.release_id])
    release = services.release(tx, brief.release_id)
    return DiagramState(
        release.definitions[brief.process],
        release,
        dict(_marks(history)),
        frozenset(
            t.element for t in tasks.of_case(tx, case_id) if t.due is not None and t.due < now
        ),
        frozenset(i.element for i in incidents.of_case(tx, case_id) if i.closed_at is None),
        tuple(services.release(tx, id_) for id_ in used),
    )


def _marks(history: Sequence[facts.Fact]) -> Iterable[tuple[int, DiagramMarks]]:
    """What is done grows with each fact; what waits stands in the fact itself."""
    done = Counter[str]()
    yield 0, DiagramMarks((), (), history[0].release_id if history else "")
    for fact in history:
        done.update(element for what, element, *_ in fact.steps if what == "left")
        done.update(
            str(detail[0]) for what, _, _, detail in fact.steps if what == "took" and detail
        )
        waits = Counter(
            (element, _STATE[kind]) for kind, element, _ in fact.open_after if kind in _STATE
        )
        tokens = tuple((element, state, times) for (element, state), times in sorted(waits.items()))
        yield fact.rev, DiagramMarks(tokens, tuple(sorted(done.items())), fact.release_id)


def element_states(shown: DiagramState, at: int) -> dict[str, str]:
    """Element to the state that counts most at a fact: incident, overdue, active, waiting, done.

    Frames and calls around what waits are active.
    """
    marks = shown.marks.get(at, shown.marks[shown.newest])
    found = {element: DONE for element, _ in marks.done}
    for element, state, _ in marks.tokens:
        found[element] = max(state, found.get(element, DONE), key=_GRAVER.index)
    if at == shown.newest:
        found |= {e: OVERDUE for e in shown.late if found.get(e) == ACTIVE}
        found |= dict.fromkeys(shown.stopped, INCIDENT)
    around = _around(shown.defined(at))
    for element in [e for e, state in found.items() if state != DONE]:
        frame = around.get(element, "")
        while frame:
            found[frame] = max(found.get(frame, DONE), ACTIVE, key=_GRAVER.index)
            frame = around.get(frame, "")
    return found


def _around(definition: Definition) -> dict[str, str]:
    """Element to the frame, or the call, that holds it; empty for what lies outermost."""
    callers = {e.calls: e.id for e in definition.elements.values() if e.calls}
    return {
        e.id: e.scope if e.scope in definition.elements else callers.get(e.scope, "")
        for e in definition.elements.values()
    }


def viewer_data(
    shown: DiagramState,
    *,
    lang: str,
    xml: Address,
    at: int | None = None,
    hidden: Iterable[str] = (),
    steps: Sequence[Row] = (),
) -> dict[str, Any]:
    """What the viewer in the browser reads; texts are already in the reader's language and cut to
    what she may see.

    Args:
        xml: gives the address of each drawing.
        at: number (`n`) of the row shown first; None for the last. Without `steps`, the fact that
            is shown.
        hidden: elements that the reader may not see.
        steps: for replay, the lines of history; without them, one step.
    """
    rows = steps or [
        {
            "n": shown.newest if at is None else at,
            "rev": shown.newest if at is None else at,
            "who": "",
            "by": "",
            "element": "",
            "text": "",
        }
    ]
    used = [release.id for release in shown.releases]
    told, moments, rev = [], {}, 0
    for row in rows:
        rev = int(row.get("rev") or rev)
        told.append({**row, "rev": rev, "release": used.index(shown.on(rev).id)})
        if rev not in moments:
            moments[rev] = _moment(shown, rev)
    newest = rev == shown.newest
    return {
        "releases": [
            _drawings(release, shown.definition.process, xml, lang) for release in shown.releases
        ],
        "steps": told,
        "moments": _grown(moments),
        "at": next((i for i, row in enumerate(rows) if row.get("n") == at), len(rows) - 1),
        "hidden": sorted(hidden),
        "notes": {e: say("status.late", lang) for e in sorted(shown.late)} if newest else {},
        "words": {state: say(f"diagram.{state}", lang) for state in STATES},
    }


def _moment(shown: DiagramState, rev: int) -> tuple[list[list[Any]], dict[str, int]]:
    marks = shown.marks.get(rev, shown.marks[0])
    times = {element: n for element, _, n in marks.tokens}
    return [
        [e, state, times.get(e, 1)]
        for e, state in sorted(element_states(shown, rev).items())
        if state != DONE
    ], dict(marks.done)


def _grown(
    moments: Mapping[int, tuple[list[list[Any]], dict[str, int]]],
) -> dict[str, dict[str, Any]]:
    """Fact to its tokens, and to what is done since the fact told before it; a history of years
    stays small so.
    """
    found, before = dict[str, dict[str, Any]](), dict[str, int]()
    for rev, (tokens, done) in sorted(moments.items()):
        found[str(rev)] = {
            "tokens": tokens,
            "done": [[e, n] for e, n in done.items() if before.get(e) != n],
        }
        before = done
    return found


def _drawings(release: PreparedRelease, process: str, xml: Address, lang: str) -> dict[str, Any]:
    """The files of a release in which the process and all it calls are drawn, the main one first;
    where each element lies, and what a call opens.
    """
    definition = release.definitions[process]
    processes = list(dict.fromkeys([process, *(e.process for e in definition.elements.values())]))
    files = list(dict.fromkeys(release.drawn_in[p] for p in processes))
    named = {file: next(p for p in processes if release.drawn_in[p] == file) for file in files}
    place = {p: files.index(release.drawn_in[p]) for p in processes}
    return {
        "id": release.id,
        "name": f"v{release.number}",
        "files": [
            {
                "file": f,
                "title": localized_name(definition.names.get(named[f], {}), lang) or f,
                "xml": xml(release.id, f),
            }
            for f in files
        ],
        "where": {e.id: place[e.process] for e in definition.elements.values() if place[e.process]},
        "calls": {e.id: place[e.calls] for e in definition.elements.values() if e.calls in place},
    }


def still_diagram_data(release: PreparedRelease, file: str, xml: Address) -> dict[str, Any]:
    """Viewer data of a drawing in which nothing moves."""
    step = {"n": 0, "rev": 0, "who": "", "by": "", "element": "", "text": "", "release": 0}
    drawn = {
        "id": release.id,
        "name": f"v{release.number}",
        "files": [{"file": file, "title": file, "xml": xml(release.id, file)}],
        "where": {},
        "calls": {},
    }
    return {
        "releases": [drawn],
        "steps": [step],
        "moments": {"0": {"tokens": [], "done": []}},
        "at": 0,
        "hidden": [],
        "notes": {},
        "words": {},
    }


def localized_name(names: Mapping[str, str], lang: str) -> str:
    """A name in a language, else in Swedish."""
    return names.get(lang) or names.get("sv", "")


def step_list(
    shown: DiagramState, *, lang: str, at: int | None = None, hidden: Iterable[str] = ()
) -> list[StepListLine]:
    """Every step in the order of the files, frames before what lies in them; plain starts and ends
    without a name are left out.

    Args:
        at: the fact whose state is shown; None for the newest.
    """
    number = shown.newest if at is None else at
    marks = shown.marks.get(number, shown.marks[0])
    look = _Look(
        shown.defined(number),
        shown.on(number),
        element_states(shown, number),
        dict(marks.done),
        lang,
    )
    unseen = set(hidden)
    wanted = (
        e for e in look.definition.elements.values() if e.kind not in _PLAIN or e.names.get("sv")
    )
    return [
        StepListLine(e.id, "", "", "", "hidden", "", 0, look.depth(e))
        if e.id in unseen
        else look.line(e)
        for e in wanted
    ]


def plain_steps(release: PreparedRelease, process: str, file: str, lang: str) -> list[StepListLine]:
    """The steps of one file as they are drawn, without a case."""
    drawn = next((p for p, name in release.drawn_in.items() if name == file), process)
    look = _Look(release.definitions[drawn], release, {}, {}, lang)
    return [
        look.line(e)
        for e in look.definition.elements.values()
        if release.drawn_in[e.process] == file and (e.kind not in _PLAIN or e.names.get("sv"))
    ]


@dataclass(frozen=True, slots=True)
class _Look:
    """One process in one state, for one reader."""

    definition: Definition
    release: PreparedRelease
    current: Mapping[str, str]
    done: Mapping[str, int]
    lang: str

    def line(self, element: Element) -> StepListLine:
        state = self.current.get(element.id, "")
        return StepListLine(
            element.id,
            self.name(element),
            kind_name(element, self.lang),
            self.release.role_name(element.roles[0], self.lang) if element.roles else "",
            state,
            "",
            self.done.get(element.id, 0),
            self.depth(element),
            tuple(self.then(element)),
        )

    def name(self, element: Element) -> str:
        """What people call it; its kind where it has no name, never its id."""
        return (
            element_name(element, self.lang)
            if element.names.get("sv")
            else kind_name(element, self.lang)
        )

    def depth(self, element: Element) -> int:
        """How many frames lie around it."""
        depth, here = 0, self.definition.elements.get(element.scope)
        while here is not None:
            depth, here = depth + 1, self.definition.elements.get(here.scope)
        return min(depth, _DEEPEST)

    def then(self, element: Element) -> Iterable[tuple[str, str]]:
        """Where the ways out lead: label of the flow and name of the next step."""
        for id_ in element.outgoing:
            flow = self.definition.flows.get(id_)
            target = self.definition.elements.get(flow.target) if flow is not None else None
            if (
                flow is not None
                and target is not None
                and (target.names.get("sv") or target.kind not in _PLAIN)
            ):
                yield localized_name(flow.names, self.lang), self.name(target)


def kind_name(element: Element, lang: str) -> str:
    """What kind of step it is, in words."""
    key = f"element.{element.kind}"
    return say(key, lang) if known(key) else element.kind
