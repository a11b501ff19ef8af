"""The step list of a diagram: its elements as lines of text, for keyboard, screen reader and
browsers without script.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from service.casework.casefile.diagram_state import DiagramState, element_states
from service.engine import Definition, Element
from service.release.labels import element_name, localized_name
from service.release.prepared import PreparedRelease
from service.text import known, say

_PLAIN = frozenset({"startEvent", "endEvent"})
_DEEPEST = 2


@dataclass(frozen=True, slots=True)
class StepListLine:
    """One line of the step list; `then` has (label of the flow, name of the next step)."""

    id: str
    name: str
    kind: str
    who: str
    state: str
    note: str
    times: int
    depth: int
    then: tuple[tuple[str, str], ...] = ()


def step_list(
    shown: DiagramState, *, lang: str, at: int | None = None, hidden: Iterable[str] = ()
) -> list[StepListLine]:
    """Every step in the order of the files, frames before what is in them; plain starts and ends
    and gateways that only join are left out where they have no name.

    Args:
        at: the fact whose state is shown; None for the newest.
    """
    number = shown.newest if at is None else at
    marks = shown.marks.get(number, shown.marks[0])
    definition = shown.defined(number)
    states = element_states(shown, number)
    lines = _Lines(definition, shown.on(number), states, dict(marks.done), lang)
    unseen = set(hidden)
    return [
        StepListLine(e.id, "", "", "", "hidden", "", 0, lines.depth(e))
        if e.id in unseen
        else lines.line(e)
        for e in definition.elements.values()
        if _is_listed(e)
    ]


def _is_listed(element: Element) -> bool:
    joins = element.kind.endswith("Gateway") and len(element.outgoing) == 1
    return bool(element.names.get("sv")) or not (joins or element.kind in _PLAIN)


def plain_steps(release: PreparedRelease, process: str, file: str, lang: str) -> list[StepListLine]:
    """The steps of one file as they are drawn, without a case."""
    drawn = next((p for p, name in release.drawn_in.items() if name == file), process)
    definition = release.definitions[drawn]
    lines = _Lines(definition, release, {}, {}, lang)
    return [
        lines.line(e)
        for e in definition.elements.values()
        if release.drawn_in[e.process] == file and _is_listed(e)
    ]


@dataclass(frozen=True, slots=True)
class _Lines:
    """Builds the lines of one process in one state, in one language."""

    definition: Definition
    release: PreparedRelease
    states: Mapping[str, str]
    done: Mapping[str, int]
    lang: str

    def line(self, element: Element) -> StepListLine:
        """The line of one element."""
        role = self.release.role_name(element.roles[0], self.lang) if element.roles else ""
        return StepListLine(
            id=element.id,
            name=self.name(element),
            kind=kind_name(element, self.lang),
            who=role,
            state=self.states.get(element.id, ""),
            note="",
            times=self.done.get(element.id, 0),
            depth=self.depth(element),
            then=tuple(self.then(element)),
        )

    def name(self, element: Element) -> str:
        """Its name; its kind where it has none, never its id."""
        named = bool(element.names.get("sv"))
        return element_name(element, self.lang) if named else kind_name(element, self.lang)

    def depth(self, element: Element) -> int:
        """How many frames are around it."""
        depth, frame = 0, self.definition.elements.get(element.scope)
        while frame is not None:
            depth, frame = depth + 1, self.definition.elements.get(frame.scope)
        return min(depth, _DEEPEST)

    def then(self, element: Element) -> Iterable[tuple[str, str]]:
        """Where its outgoing flows lead: label of the flow and name of the next step."""
        for id_ in element.outgoing:
            flow = self.definition.flows.get(id_)
            target = self.target(flow.target) if flow is not None else None
            if flow is not None and target is not None and _is_listed(target):
                yield localized_name(flow.names, self.lang), self.name(target)

    def target(self, id_: str) -> Element | None:
        """The element that a flow leads to, past gateways that only join."""
        passed = set[str]()
        found = self.definition.elements.get(id_)
        while found is not None and not _is_listed(found) and found.id not in passed:
            passed.add(found.id)
            flow = self.definition.flows.get(next(iter(found.outgoing), ""))
            found = self.definition.elements.get(flow.target) if flow is not None else found
        return found


def kind_name(element: Element, lang: str) -> str:
    """What kind of step it is, in words."""
    return kind_text(element.kind, lang)


def kind_text(kind: str, lang: str) -> str:
    """A BPMN kind of element in words."""
    key = f"element.{kind}"
    return say(key, lang) if known(key) else kind
