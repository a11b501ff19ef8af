"""One difference between two releases as a sentence, and what every part of a diff needs for it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import SequenceMatcher
from typing import TypeVar

from service.engine import Node
from service.release.labels import localized_name, sentence_case
from service.text import known, say

TEXT, FORM, WHO, ROUTE, RULE = "text", "form", "who", "route", "rule"
CODE, CONFIG = "code", "config"
CLASSES = ROUTE, RULE, WHO, FORM, CODE, CONFIG, TEXT
"""Classes of differences, what weighs most first: the way through the diagram, rules, who does it
and when, forms, called code, configuration and papers, words and drawing."""
ADDED, REMOVED, CHANGED, MOVED = "added", "removed", "changed", "moved"
SIGNS = ADDED, REMOVED, CHANGED, MOVED
"""Kinds of change, as a drawing marks them."""
NONE = "–"
"""What a sentence says of a value that one side does not have."""
NO_KEY = re.compile(r"\W")
"""What a key of a text never holds."""
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True)
class ReleaseChange:
    """One difference between two releases.

    `kind` is its class; `element` and `file` say where it is and are empty where there is none. An
    element of a form is the path of its field, one of a rule its row or table.
    """

    kind: str
    text: str
    element: str = ""
    file: str = ""
    sign: str = CHANGED
    was: str = ""
    now: str = ""
    """What stood there and what stands there, to be shown side by side; both empty when the
    sentence says it."""
    moved: tuple[tuple[str, str], ...] = ()
    """Elements that the drawing shows elsewhere: id and name."""

    def with_values(self, was: object, now: object) -> ReleaseChange:
        """The same difference, with what was and what is to be shown side by side."""
        return replace(self, was=written(was), now=written(now))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a difference is: the element and the file."""

    element: str
    file: str


@dataclass(frozen=True, slots=True)
class ChangeTexts:
    """Sentences about differences in one language.

    `names` has for a part of a step (`form`, `decision`, `calls`, `groups`) the names of what it
    may hold, by id.
    """

    lang: str
    names: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    def change(self, kind: str, key: str, place: Place, **facts: object) -> ReleaseChange:
        """Build a difference; `key` is a sentence of the section `changes`."""
        text = say(f"changes.{key}", self.lang, **facts)
        ending = key.rpartition("_")[2]
        sign = {"new": ADDED, "gone": REMOVED}.get(ending, CHANGED)
        return ReleaseChange(kind, text, place.element, place.file, sign)

    def name(self, names: Mapping[str, str], otherwise: str) -> str:
        """Choose a name in the language, or a text where there is none."""
        return localized_name(names, self.lang) or otherwise

    def part(self, name: str) -> str:
        """Name a property of a step."""
        return say(f"changes.part_{name}", self.lang)

    def kind(self, node: Node) -> str:
        """Name the kind of a step."""
        return self.element_kind(node.kind)

    def node_name(self, node: Node) -> str:
        """Name a step, by its kind where it has no name."""
        return sentence_case(self.name(node.names, self.kind(node)))

    def word(self, key: str, otherwise: str) -> str:
        """A word of the section `changes`, or a text where there is none."""
        name = f"changes.{NO_KEY.sub('_', key)}"
        return say(name, self.lang) if known(name) else otherwise

    def element_kind(self, kind: str) -> str:
        """Name the kind of an element by its tag."""
        return say(f"element.{kind}", self.lang) if known(f"element.{kind}") else kind


def written(value: object) -> str:
    """A value of a file as a person reads it; a dash for none."""
    match value:
        case None | "" | () | []:
            return NONE
        case str():
            return value
        case list() | tuple():
            return ", ".join(written(item) for item in value)
    return json.dumps(value, ensure_ascii=False, default=str)


def rearranged(before: Sequence[str], after: Sequence[str]) -> frozenset[str]:
    """Fewest items that must move to bring the first list into the order of the second.

    Items that only one list has are left out.
    """
    common = set(before) & set(after)
    old = [item for item in before if item in common]
    new = [item for item in after if item in common]
    stays = SequenceMatcher(None, old, new, autojunk=False).get_matching_blocks()
    still = {item for block in stays for item in new[block.b : block.b + block.size]}
    return frozenset(common - still)


def pairs(
    before: Mapping[str, Item], after: Mapping[str, Item]
) -> Iterator[tuple[str, Item | None, Item | None]]:
    """Yield every id of either side with its item on each, in the order of the newer side."""
    for id_ in dict.fromkeys([*after, *before]):
        yield id_, before.get(id_), after.get(id_)
