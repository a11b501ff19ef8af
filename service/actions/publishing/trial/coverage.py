"""How much of a draft its scenarios visit together."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from service.actions.publishing.trial.scenarios import ScenarioResult
from service.actions.releases.labels import element_name, localized_name
from service.actions.releases.prepared import PreparedRelease
from service.engine import Element
from service.text import known, say


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of the processes of a draft its scenarios visit together."""

    taken: int
    ways: int
    left_out: tuple[tuple[str, tuple[str, ...]], ...]
    """Name of each process with ways that no scenario takes, and those ways."""


def coverage(release: PreparedRelease, results: Iterable[ScenarioResult], lang: str) -> Coverage:
    """The ways of all processes that some scenarios take, and those that none does."""
    done = frozenset[str]().union(*(result.done for result in results))
    flows = {id_: f for d in release.definitions.values() for id_, f in d.flows.items()}
    elements = {id_: e for d in release.definitions.values() for id_, e in d.elements.items()}
    names = {
        p: localized_name(d.names.get(p, {}), lang) or p
        for d in release.definitions.values()
        for p in [d.process]
    }
    left: dict[str, list[str]] = {}
    for id_, flow in flows.items():
        if id_ not in done:
            source, target = (elements[end] for end in (flow.source, flow.target))
            way = f"{end_name(source, lang)} → {end_name(target, lang)}"
            left.setdefault(names.get(source.process, source.process), []).append(way)
    taken = len(flows) - sum(len(ways) for ways in left.values())
    return Coverage(taken, len(flows), tuple((name, tuple(ways)) for name, ways in left.items()))


def end_name(element: Element, lang: str) -> str:
    """The name of a step, or its kind where it has none."""
    named = element_name(element, lang)
    key = f"element.{element.kind}"
    return named if named != element.id else say(key, lang) if known(key) else element.kind
