"""Where a variable stands in FEEL, diagrams and rules, and the same file with another name for it.

A file is changed in those places alone: every other byte stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from html import unescape
from typing import Final

from lark import Token, Tree

from service.engine.feel import FeelError
from service.engine.feel.grammar import tree

AROUND: Final = frozenset({"before", "parent"})
"""Names whose parts are variables: all earlier answers, and what holds the row of a list."""
_TAG: Final = re.compile(
    r"<!--.*?-->|<\?.*?\?>|<!\[CDATA\[.*?\]\]>"
    r"|<(?P<close>/?)(?P<tag>[\w:.-]+)(?P<attributes>(?:[^<>\"']|\"[^\"]*\"|'[^']*')*?)(?P<empty>/?)>",
    re.DOTALL,
)
_ATTRIBUTE: Final = re.compile(r"([\w:.-]+)\s*=\s*(\"[^\"]*\"|'[^']*')")
_NAMES: Final = frozenset(
    {("output", "target"), ("calledDecision", "resultVariable")}
    | {("loopCharacteristics", "outputCollection"), ("script", "resultVariable")}
)
"""Attributes that name a variable themselves."""
_SET: Final = _NAMES | {("input", "target")}


@dataclass(frozen=True, slots=True)
class VariableUse:
    """A place of a file that reads or sets a variable."""

    element: str
    """Id of the nearest element that has one."""
    label: str
    """Name of the nearest element that has an id and a name; empty when none has."""
    kind: str
    """Local name of the element with that id: `sequenceFlow`, `userTask`, `decision`."""
    text: str
    """The expression, or the name of the attribute that names the variable."""
    start: int
    """Where the name begins in the file, in characters."""


def positions_in_feel(text: str, name: str, *, cell: bool = False) -> list[int]:
    """Where an expression reads a variable; nowhere when it is no FEEL.

    Args:
        text: with or without the leading `=`.
        cell: whether it is a cell of a decision table.
    """
    bare = text.lstrip()
    bare = bare.removeprefix("=").lstrip() if not cell else bare
    offset = len(text) - len(bare)
    if not (bare := bare.rstrip()) or name not in bare:
        return []
    try:
        parsed = tree(bare, unary=cell)
    except FeelError:
        return []
    return sorted({offset + place for place in _reads(parsed, name, frozenset())})


def renamed_in_feel(text: str, old: str, new: str, *, cell: bool = False) -> str:
    """The same expression, which reads a variable by another name."""
    for place in reversed(positions_in_feel(text, old, cell=cell)):
        text = text[:place] + new + text[place + len(old) :]
    return text


def _reads(node: Tree[Token], name: str, bound: frozenset[str]) -> Iterator[int]:
    children = node.children
    if node.data == "name":
        token = children[0]
        if token == name and name not in bound and isinstance(token, Token):
            yield token.start_pos or 0
        return
    if node.data == "path":
        holder, part = children[0], children[1]
        around = isinstance(holder, Tree) and holder.data == "name" and str(holder.children[0])
        if around in AROUND and part == name and isinstance(part, Token):
            yield part.start_pos or 0
    for child in children:
        if isinstance(child, Tree):
            yield from _reads(child, name, bound)
            if child.data == "iterator":
                bound |= {str(child.children[0])}


def uses_in_file(content: bytes, name: str, *, rules: bool = False) -> list[VariableUse]:
    """Every place of a diagram, or of a rule file, that reads or sets a variable.

    Args:
        content: a file that can be read.
        rules: whether it is a rule file, whose texts are all FEEL.
    """
    text = content.decode("utf-8", "replace")
    if name not in text:
        return []
    return list(_uses(text, name, rules=rules))


def renamed_in_file(content: bytes, old: str, new: str, *, rules: bool = False) -> bytes:
    """The same diagram or rule file with another name for a variable."""
    text = content.decode("utf-8", "replace")
    for use in sorted(_uses(text, old, rules=rules), key=lambda use: use.start, reverse=True):
        text = text[: use.start] + new + text[use.start + len(old) :]
    return text.encode()


def _uses(text: str, name: str, *, rules: bool) -> Iterator[VariableUse]:
    around: list[tuple[str, str, str]] = []  # tag, id and name of the elements that are open
    end = 0
    for found in _TAG.finditer(text):
        between, start = text[end : found.start()], end
        end = found.end()
        if around and name in between and (rules or between.lstrip().startswith("=")):
            is_cell = rules and any(tag == "inputEntry" for tag, _, _ in around)
            for place in _in_raw(between, name, cell=is_cell):
                yield _use(around, unescape(between).strip(), start + place)
        if found["tag"] is None:
            continue
        if found["close"]:
            del around[-1:]
            continue
        tag, attributes = found["tag"].rpartition(":")[2], found["attributes"]
        named = {key: unescape(value[1:-1]) for key, value in _ATTRIBUTE.findall(attributes)}
        around.append((tag, named.get("id", ""), named.get("name", "")))
        if name in attributes:
            yield from _in_attributes(around, named, found, name)
        if found["empty"]:
            del around[-1:]


def _in_attributes(
    around: list[tuple[str, str, str]],
    named: dict[str, str],
    found: re.Match[str],
    name: str,
) -> Iterator[VariableUse]:
    tag = around[-1][0]
    calls = any(outer == "callActivity" for outer, _, _ in around)
    for one in _ATTRIBUTE.finditer(found["attributes"]):
        key, raw = one[1], one[2][1:-1]
        start = found.start("attributes") + one.start(2) + 1
        if tag == "property" and key == "name" and raw == f"var.{name}":
            yield _use(around, raw, start + len("var."))
        elif (tag, key) in _NAMES or (calls and (tag, key) == ("input", "target")):
            if raw == name:
                yield _use(around, key, start)
        else:
            places = _in_value(tag, key, named.get("name", ""), raw, name)
            yield from (_use(around, unescape(raw), start + place) for place in places)


def _in_value(tag: str, key: str, asked: str, raw: str, name: str) -> list[int]:
    """Where the value of an attribute reads the variable; `asked` names a property of ours."""
    if tag == "property" and key == "value" and asked.startswith("promise"):
        return [word.start() for word in _words(name).finditer(raw)]
    if raw.lstrip().startswith("=") or (tag == "property" and asked == "allowed_when"):
        return _in_raw(raw, name)
    return []


def _words(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![\w&.]){re.escape(name)}(?!\w)")


def _in_raw(raw: str, name: str, *, cell: bool = False) -> list[int]:
    """Where an expression that is written in XML reads a variable.

    Words are counted, not characters: a sign such as `&lt;` is longer in the file.
    """
    word = re.compile(rf"(?<![\w&]){re.escape(name)}(?!\w)")
    text = unescape(raw)
    reads = set(positions_in_feel(text, name, cell=cell))
    if not reads:
        return []
    numbers = [n for n, found in enumerate(word.finditer(text)) if found.start() in reads]
    places = [found.start() for found in word.finditer(raw)]
    return [places[n] for n in numbers if n < len(places)]


def _use(around: list[tuple[str, str, str]], text: str, start: int) -> VariableUse:
    tag, id_, _ = next((one for one in reversed(around) if one[1]), ("", "", ""))
    label = next((label for _, id_, label in reversed(around) if id_ and label), "")
    return VariableUse(id_, label, tag, text, start)


@lru_cache(maxsize=32)
def names_set(content: bytes) -> frozenset[str]:
    """Every variable that a diagram sets or declares by name: results, mappings, `var.<name>`.

    It is kept, since a draft differs from its release in one diagram or two.
    """
    names = set[str]()
    for found in _TAG.finditer(content.decode("utf-8", "replace")):
        tag = (found["tag"] or "").rpartition(":")[2]
        for key, quoted in _ATTRIBUTE.findall(found["attributes"] or ""):
            value = quoted[1:-1]
            if (tag, key) in _SET:
                names.add(value)
            elif (tag, key) == ("property", "name") and value.startswith("var."):
                names.add(value[4:])
    return frozenset(names)
