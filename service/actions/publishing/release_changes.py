"""One difference between two releases as a sentence, and what every part of a diff needs for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeVar

from service.actions.releases.labels import localized_name
from service.engine import Node
from service.text import known, say

TEXT, FORM, WHO, ROUTE, CODE = "text", "form", "who", "route", "code"
"""Classes of differences: words, forms, who does it, the way through the diagram, called code."""
NONE = "–"
"""What a sentence says of a value that one side does not have."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """One difference between two releases.

    `kind` is its class; `element` and `file` say where it is and are empty where there is none.
    """

    kind: str
    text: str
    element: str = ""
    file: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a difference is: the element and the file."""

    element: str
    file: str


@dataclass(frozen=True, slots=True)
class ChangeTexts:
    """Sentences about differences in one language."""

    lang: str

    def change(self, kind: str, key: str, place: Place, **facts: object) -> ReleaseChange:
        """Build a difference; `key` is a sentence of the section `changes`."""
        text = say(f"changes.{key}", self.lang, **facts)
        return ReleaseChange(kind, text, place.element, place.file)

    def name(self, names: Mapping[str, str], otherwise: str) -> str:
        """Choose a name in the language, or a text where there is none."""
        return localized_name(names, self.lang) or otherwise

    def part(self, name: str) -> str:
        """Name a property of a step."""
        return say(f"changes.part_{name}", self.lang)

    def kind(self, node: Node) -> str:
        """Name the kind of a step."""
        key = f"element.{node.kind}"
        return say(key, self.lang) if known(key) else node.kind

    def node_name(self, node: Node) -> str:
        """Name a step, by its kind where it has no name."""
        return self.name(node.names, self.kind(node))


def pairs(
    before: Mapping[str, Item], after: Mapping[str, Item]
) -> Iterator[tuple[str, Item | None, Item | None]]:
    """Yield every id of either side with its item on each, in the order of the newer side."""
    for id_ in dict.fromkeys([*after, *before]):
        yield id_, before.get(id_), after.get(id_)
