"""Violations in words: what does not hold and where, with the code for a programmer."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from service.casework.history.violations import Violation
from service.text import known, say

_PLACE: Final = re.compile(
    r"(?:(?P<what>[a-z]+)(?: [A-Za-z0-9]+)? of )?(?P<kind>\w+)(?: (?P<id>.+))?"
)
"""A place as checks name it: `fact 10`, `values of fact 10`, `task x`, `snapshot`."""
NUMBERED: Final = frozenset({"fact", "line"})
"""Kinds of places whose number says something to a reader."""


@dataclass(frozen=True, slots=True)
class ViolationText:
    """A violation for people: a sentence, and the small print for a programmer."""

    text: str
    code: str
    line: int | None = None
    """Number of the line of the case that it is in, where it is in one."""


def violation_text(fault: Violation, lang: str, line: int | None = None) -> ViolationText:
    """Say a violation in words.

    Args:
        line: number of the line of the case that it is in, where it is known.
    """
    name = violation_name(fault.invariant, lang)
    place = place_name(fault.place, lang)
    expected = f"expected {fault.expected}, found {fault.found}"
    small = f"{fault.invariant} · {fault.place} · {expected}"
    return ViolationText(say("verify.fault", lang, place=place, what=name), small, line)


def violation_name(invariant: str, lang: str) -> str:
    """What does not hold where an invariant is broken, in words; its code if it is a new one."""
    key = f"verify.broken_{invariant}"
    return say(key, lang) if known(key) else invariant


def place_name(place: str, lang: str) -> str:
    """Where that is, in words; a row of a table is named by the table."""
    found = _PLACE.fullmatch(place)
    kind = found["kind"] if found else place
    number = found["id"] or "" if found else ""
    inside = f"verify.in_{found['what']}" if found and found["what"] else ""
    key = f"verify.at_{kind}"
    where = say(key if known(key) else "verify.at_row", lang, n=number, table=kind)
    if kind in NUMBERED and not number:
        where = say("verify.at_row", lang, table=kind)
    return say(inside, lang, where=where) if known(inside) else where
