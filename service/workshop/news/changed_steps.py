"""The steps that one release draws otherwise than another, each with what changed in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from service.engine import Element
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.workshop.comparison.diff import diff_bundles
from service.workshop.comparison.release_changes import MOVED

FOR_PEOPLE = frozenset({"userTask", "manualTask"})
MOST = 64
"""Pairs of releases and languages that are kept compared."""


@dataclass(frozen=True, slots=True)
class ChangedStep:
    """A step for people that changed, or is new."""

    element: str
    name: str
    roles: tuple[str, ...]
    changes: tuple[str, ...]
    """What changed, as sentences."""


def changed_steps(
    services: Services, before: PreparedRelease, after: PreparedRelease, lang: str
) -> Mapping[str, ChangedStep]:
    """The steps for people of the newer release that changed, by element.

    A step changed when it did itself, or its form did. A rule or a gateway that decides otherwise
    changes no step.

    Args:
        lang: of names and sentences.
    """
    return _compare(_Pair((before.id, after.id, lang), services, before, after))


@dataclass(frozen=True, slots=True)
class _Pair:
    """Two releases and a language; releases never change, so their ids are all that is compared."""

    key: tuple[str, str, str]
    services: Services = field(compare=False)
    before: PreparedRelease = field(compare=False)
    after: PreparedRelease = field(compare=False)


@lru_cache(maxsize=MOST)
def _compare(pair: _Pair) -> Mapping[str, ChangedStep]:
    """Comparing reads every file of both: a fraction of a second."""
    _, _, lang = pair.key
    topics = pair.services.topics
    sentences: dict[str, list[str]] = {}
    for change in diff_bundles(pair.before.bundle, pair.after.bundle, topics, lang):
        if change.sign == MOVED:
            continue  # a step that is drawn elsewhere is done as before
        for element in _concerned(pair.after, change.file, change.element):
            sentences.setdefault(element.id, []).append(change.text)
    elements = _steps(pair.after)
    return {
        id_: ChangedStep(id_, element_name(elements[id_], lang), elements[id_].roles, tuple(texts))
        for id_, texts in sentences.items()
    }


def _steps(release: PreparedRelease) -> dict[str, Element]:
    return {
        element.id: element
        for definition in release.definitions.values()
        for element in definition.elements.values()
        if element.kind in FOR_PEOPLE
    }


def _concerned(release: PreparedRelease, file: str, place: str) -> list[Element]:
    """The steps for people that a difference in a file concerns."""
    steps = _steps(release)
    if file.endswith(".form"):
        form = file.removeprefix("forms/").removesuffix(".form")
        return [element for element in steps.values() if element.form == form]
    return [steps[place]] if place in steps else []
