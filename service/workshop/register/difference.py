"""How two registers differ, in words: what is new, what is gone, what is kept longer or shorter."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from service.records.context import Services
from service.release.bundle import Bundle
from service.text import say
from service.workshop.comparison.release_changes import pairs
from service.workshop.data_flow.sides import WiderFlow
from service.workshop.data_flow.wider import RULES, wider_flows
from service.workshop.register.parts import RegisterLine, RegisterSection, RegisterText

NEW, GONE = "new", "gone"
SENTENCE: Final = re.compile(r"(?<=\.) (?=[A-ZÅÄÖ])")
"""Where one sentence of a line ends and the next begins."""


@dataclass(frozen=True, slots=True)
class RegisterChange:
    """One difference: the section in which it is, what came of it, and a sentence.

    `kind`: new, gone, changed, longer or shorter.
    """

    section: str
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class RegisterDifference:
    """The differences of a register from an earlier one, and where data flows wider.

    `wider` is about the whole release, whatever the process.
    """

    before: str
    """How people call the earlier release."""
    changes: tuple[RegisterChange, ...]
    wider: tuple[str, ...]


def compare_texts(
    services: Services,
    bundles: tuple[Bundle, Bundle],
    before: RegisterText,
    after: RegisterText,
) -> RegisterDifference:
    """Compare two texts of one kind, process and language, the earlier one first.

    Args:
        bundles: the releases that they were written from.
    """
    old = {section.id: section for section in before.sections}
    found = [
        change for section in after.sections for change in _changes(old[section.id], section, after)
    ]
    wider = tuple(_wider(wider_flows(services, *bundles, after.lang), after.lang))
    return RegisterDifference(before.release, tuple(found), wider)


def _wider(flows: Iterable[WiderFlow], lang: str) -> Iterator[str]:
    """Sentences about wider flows; rows of a file of rules are counted, for they are no sentences,
    and those of this process stand in its sections.
    """
    rows = Counter[str]()
    for flow in flows:
        if flow.kind == RULES:
            rows[flow.file] += 1
        else:
            yield flow.text
    for file, n in rows.items():
        yield say("register.wider_rules", lang, file=file, n=n)


def _changes(
    was: RegisterSection, now: RegisterSection, text: RegisterText
) -> Iterator[RegisterChange]:
    old = {line.key: line for line in was.lines}
    new = {line.key: line for line in now.lines}
    for _, before, after in pairs(old, new):
        for kind, key, facts in _of_line(before, after):
            said = say(f"register.change_{key}", text.lang, **facts)
            yield RegisterChange(now.title, kind, said)


def _of_line(
    before: RegisterLine | None, after: RegisterLine | None
) -> Iterator[tuple[str, str, dict[str, str]]]:
    """What became of a line: the kind of change, the key of its sentence, and what that names."""
    if before is not None and after is not None:
        yield from _of_parts(before, after)
        if (before.name, before.text) != (after.name, after.text):
            kind = _of_period(before, after)
            if kind:
                yield (kind, *_said(kind, before, after))
    elif after is not None:
        yield NEW, NEW, {"what": whole(after)}
    elif before is not None:
        yield GONE, GONE, {"what": whole(before)}


def _said(kind: str, before: RegisterLine, after: RegisterLine) -> tuple[str, dict[str, str]]:
    """The key of the sentence about a changed line, and what it names: the line as it is now, and
    of the earlier one only what was different.
    """
    was, now = (SENTENCE.split(line.text) for line in (before, after))
    gone = " ".join(one for one in was if one not in now)
    more = " ".join(one for one in now if one not in was)
    facts = {"now": f"{after.name}: {after.text}", "was": gone, "more": more}
    if before.name != after.name:
        return kind, {**facts, "was": f"{before.name}: {before.text}"}
    if kind == "changed" and not more:
        return "less", facts
    return ("more" if kind == "changed" and not gone else kind), facts


def _of_parts(
    before: RegisterLine, after: RegisterLine
) -> Iterator[tuple[str, str, dict[str, str]]]:
    sides = ((NEW, after.parts, before.parts), (GONE, before.parts, after.parts))
    for kind, these, others in sides:
        for part in these:
            if part not in others:
                yield kind, f"part_{kind}", {"name": after.name, "part": part}


def _of_period(before: RegisterLine, after: RegisterLine) -> str:
    """Whether the text of a line changed, and whether its period became longer or shorter; "" where
    it only counts the parts, whose differences have been said.
    """
    if before.days != after.days:
        return "longer" if after.days > before.days else "shorter"
    counts = before.name == after.name and before.parts != after.parts
    return "" if counts else "changed"


def whole(line: RegisterLine) -> str:
    """A line as one text: name, what is so, and its parts."""
    return " ".join(filter(None, (f"{line.name}: {line.text}", "; ".join(line.parts))))
