"""State of a case on its diagrams: which elements are done, active, waiting, overdue or stopped
after each fact of its history.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from service.engine import Definition
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.store.work import incidents, tasks

DONE, ACTIVE, WAITING, OVERDUE, INCIDENT = "done", "active", "waiting", "overdue", "incident"
STATES = (DONE, ACTIVE, WAITING, OVERDUE, INCIDENT)
_STATE = {"task": ACTIVE, "job": WAITING, "timer": WAITING, "join": WAITING}
"""Kind of open work to its mark; none for a message, since most wait for one all the time, nor for
the timer that starts an event sub-process."""
_GRAVER = (DONE, WAITING, ACTIVE, OVERDUE, INCIDENT)


@dataclass(frozen=True, slots=True)
class DiagramMarks:
    """Marks of the diagram after one fact: (element, state, times) of what waits, (element or flow,
    times) of what is done, on which release.
    """

    tokens: tuple[tuple[str, str, int], ...]
    done: tuple[tuple[str, int], ...]
    release: str = ""


@dataclass(frozen=True, slots=True)
class DiagramState:
    """Diagrams of a case and their marks; `release` and `definition` are those it is on now."""

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


def load_diagram_state(
    reader: Reader, services: Services, case: cases.CaseSummary, now: datetime
) -> DiagramState:
    """Load the diagrams of a case and their marks after each of its facts."""
    history = facts.of_case(reader, case.id)
    waiting = tasks.of_case(reader, case.id)
    used = dict.fromkeys([*(fact.release_id for fact in history), case.release_id])
    release = services.release(reader, case.release_id)
    open_incidents = (i for i in incidents.of_case(reader, case.id) if i.closed_at is None)
    releases = tuple(services.release(reader, id_) for id_ in used)
    starts = {
        element.id
        for one in releases
        for element in one.definitions[case.process].elements.values()
        if element.kind == "startEvent"
    }
    return DiagramState(
        definition=release.definitions[case.process],
        release=release,
        marks=dict(_marks(history, starts)),
        late=frozenset(t.element for t in waiting if t.due is not None and t.due < now),
        stopped=frozenset(incident.element for incident in open_incidents),
        releases=releases,
    )


def _marks(
    history: Sequence[facts.Fact], starts: Collection[str]
) -> Iterable[tuple[int, DiagramMarks]]:
    """Marks after each fact: done elements add up, waiting ones are a column of the fact itself.

    Args:
        starts: start events, which wait all the time.
    """
    done = Counter[str]()
    yield 0, DiagramMarks((), (), history[0].release_id if history else "")
    for fact in history:
        done.update(element for what, element, *_ in fact.steps if what == "left")
        done.update(
            str(detail[0]) for what, _, _, detail in fact.steps if what == "took" and detail
        )
        waits = Counter(
            (element, _STATE[kind])
            for kind, element, _ in fact.turn.open
            if kind in _STATE and element not in starts
        )
        tokens = tuple((element, state, times) for (element, state), times in sorted(waits.items()))
        yield fact.rev, DiagramMarks(tokens, tuple(sorted(done.items())), fact.release_id)


def element_states(shown: DiagramState, at: int) -> dict[str, str]:
    """Element to the state that counts most at a fact: incident, overdue, active, waiting, done.

    Frames and calls around what waits are active.
    """
    marks = shown.marks.get(at, shown.marks[shown.newest])
    states = {element: DONE for element, _ in marks.done}
    for element, state, _ in marks.tokens:
        states[element] = max(state, states.get(element, DONE), key=_GRAVER.index)
    if at == shown.newest:
        states |= {e: OVERDUE for e in shown.late if states.get(e) == ACTIVE}
        states |= dict.fromkeys(shown.stopped, INCIDENT)
    around = frames_around(shown.defined(at))
    for element in [e for e, state in states.items() if state != DONE]:
        frame = around.get(element, "")
        while frame:
            states[frame] = max(states.get(frame, DONE), ACTIVE, key=_GRAVER.index)
            frame = around.get(frame, "")
    return states


def frames_around(definition: Definition) -> dict[str, str]:
    """Element to the frame, or the call, around it; empty for the outermost."""
    callers = {e.calls: e.id for e in definition.elements.values() if e.calls}
    return {
        e.id: e.scope if e.scope in definition.elements else callers.get(e.scope, "")
        for e in definition.elements.values()
    }
