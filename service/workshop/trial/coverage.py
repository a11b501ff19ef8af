"""Coverage of a draft by its scenarios: what they visit together, and what none of them does."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.casework.casefile.diagram_state import frames_around
from service.engine import Element
from service.release.labels import element_name, localized_name
from service.release.prepared import PreparedRelease
from service.text import known, say
from service.workshop.trial.scenario_results import ScenarioResult


@dataclass(frozen=True, slots=True)
class LeftOut:
    """What no scenario visits in one process: names of its steps, and its ways as "A → B"."""

    process: str
    steps: tuple[str, ...]
    ways: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the processes of a draft its scenarios visit together."""

    taken: int
    ways: int
    visited: int
    steps: int
    left_out: tuple[LeftOut, ...]
    unvisited: frozenset[str]
    """Ids of the steps and ways that no scenario visits."""

    @property
    def percent(self) -> int:
        """Steps and ways that are visited, of all: 0 only when none is, 100 only when all are."""
        found = self.taken + self.visited
        return max(100 * found // max(self.ways + self.steps, 1), int(found > 0))


def coverage(release: PreparedRelease, results: Iterable[ScenarioResult], lang: str) -> Coverage:
    """The steps and ways of all processes that some scenario visits, and those that none does."""
    done = _with_frames(release, frozenset[str]().union(*(result.done for result in results)))
    flows = {id_: f for d in release.definitions.values() for id_, f in d.flows.items()}
    elements = {id_: e for d in release.definitions.values() for id_, e in d.elements.items()}
    names = {
        p: localized_name(d.names.get(p, {}), lang) or p
        for d in release.definitions.values()
        for p in [d.process]
    }
    ways: dict[str, list[str]] = {}
    steps: dict[str, list[str]] = {}
    for id_, flow in flows.items():
        if id_ not in done:
            source, target = (elements[end] for end in (flow.source, flow.target))
            way = f"{end_name(source, lang)} → {end_name(target, lang)}"
            ways.setdefault(source.process, []).append(way)
    for id_, element in elements.items():
        if id_ not in done:
            steps.setdefault(element.process, []).append(end_name(element, lang))
    unvisited = frozenset(id_ for id_ in (*flows, *elements) if id_ not in done)
    return Coverage(
        len(flows) - sum(map(len, ways.values())),
        len(flows),
        len(elements) - sum(map(len, steps.values())),
        len(elements),
        tuple(
            LeftOut(names.get(p, p), tuple(steps.get(p, ())), tuple(ways.get(p, ())))
            for p in dict.fromkeys((*steps, *ways))
        ),
        unvisited,
    )


def _with_frames(release: PreparedRelease, done: frozenset[str]) -> frozenset[str]:
    """What was visited, with the frames and calls around it."""
    found = set(done)
    around = dict[str, str]()
    for definition in release.definitions.values():
        around |= {id_: frame for id_, frame in frames_around(definition).items() if frame}
    for id_ in done:
        frame = around.get(id_, "")
        while frame and frame not in found:
            found.add(frame)
            frame = around.get(frame, "")
    return frozenset(found)


def end_name(element: Element, lang: str) -> str:
    """The name of a step, or its kind where it has none."""
    named = element_name(element, lang)
    key = f"element.{element.kind}"
    return named if named != element.id else say(key, lang) if known(key) else element.kind
