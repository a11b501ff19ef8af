"""Parts of a text for an authority: sections of lines, each about one thing that has a key, so that
two releases can be compared line by line.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RegisterLine:
    """One line: what it is about, what is so, and what belongs to it.

    `key` is the same in every release and language. `days` is the length of the period that it
    states, 0 where it states none.
    """

    key: str
    name: str
    text: str
    parts: tuple[str, ...] = ()
    days: int = 0


@dataclass(frozen=True, slots=True)
class RegisterSection:
    """A section: a lead that says how to read it, its lines, and what is missing in it."""

    id: str
    title: str
    lead: str
    lines: tuple[RegisterLine, ...]
    empty: str = ""
    """What is said where there is no line."""
    missing: str = ""


@dataclass(frozen=True, slots=True)
class RegisterText:
    """A register of processing, or an annex, for one process of a release, in one language."""

    title: str
    process: str
    release: str
    lead: str
    lang: str
    sections: tuple[RegisterSection, ...]


@dataclass(frozen=True, slots=True)
class RegisterHost:
    """Whoever runs the service, as the settings of the installation name it; "" is missing."""

    name: str = ""
    contact: str = ""
    officer: str = ""
    """How its data-protection officer is reached."""
