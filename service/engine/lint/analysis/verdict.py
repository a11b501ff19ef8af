"""The result of the search for bad markings in one scope."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BadMarking:
    """A bad marking: the code, the place, and the elements passed on the way there."""

    code: str
    element: str
    way: tuple[str, ...]
    cause: str = ""
    """D810: the boundary event that left the block."""


@dataclass(frozen=True, slots=True)
class SoundnessVerdict:
    """The result of the search of one scope."""

    bad: tuple[BadMarking, ...] = ()
    markings: int = 0
    complete: bool = True
    together: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each step, the other steps that can be open, or about to run, at the same time."""
    cut: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each terminate end, the steps that can be open when it is reached."""
    left: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For each plain end of the main way, the steps of that way that can be open behind it."""
