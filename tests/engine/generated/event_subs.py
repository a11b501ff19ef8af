"""Event sub-processes of random block trees, one task behind a start event in any scope; and waits
for computed durations.

`attach` puts them into a tree; `oracle_event_subs` runs them, `block_drawing` draws them.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.engine.generated.blocks import Part, Whole

_KINDS = (
    ("message", "M", False),
    ("message", "N", True),
    ("Duration", "P2D", False),
    ("Duration", "P4D", True),
    ("Duration", "", False),
    ("Cycle", "R3/P1D", False),
    ("Date", "", False),
    ("Date", "", True),
    ("error", "E", True),
    ("error", "", True),
    ("escalation", "X", True),
    ("escalation", "X", False),
    ("escalation", "", False),
)
_SCOPES = {"sub", "call", "fault", "stop", "list"}


@dataclass(frozen=True)
class EventSub:
    """An event sub-process: start `<id>s`, task `<id>u`, end `<id>e`."""

    id: str
    way: str
    """As a guard's; a duration without text is computed, and short."""
    text: str
    interrupting: bool
    last: str = ""
    """What its end throws: an escalation's code, or `terminate`."""


def attach(whole: Whole, seed: int) -> Whole:
    """The tree with event sub-processes in some of its scopes; where one catches errors, some jobs
    lose their own border event.
    """
    chance = random.Random(f"event sub-processes of {seed}")  # noqa: S311 - a test wants the same again
    subs = (*whole.subs, *_drawn(chance, "p"))
    return replace(whole, part=_attached(whole.part, chance, _catches(subs)), subs=subs)


def _attached(part: Part, chance: random.Random, caught: bool) -> Part:  # noqa: FBT001 - walks down
    if part.kind == "wait" and chance.random() < 0.3:
        return replace(part, how="Computed")
    if part.kind == "job" and caught and chance.random() < 0.7:
        return replace(part, guards=())
    subs = tuple(_drawn(chance, part.id)) if part.kind in _SCOPES else ()
    inner = caught or _catches(subs)
    return replace(part, subs=subs, parts=tuple(_attached(p, chance, inner) for p in part.parts))


def _catches(subs: tuple[EventSub, ...]) -> bool:
    """Is the error of any job in the scope caught?"""
    return any(sub.way == "error" for sub in subs)


def _drawn(chance: random.Random, scope: str) -> list[EventSub]:
    """Up to two for one scope; no two of one scope catch the same code."""
    if chance.random() < 0.4:
        return []
    kinds = chance.sample(_KINDS, 2)
    if kinds[0][:2] == kinds[1][:2] or chance.random() < 0.5:
        kinds = kinds[:1]
    return [
        EventSub(f"{scope}k{n}", way, text, interrupting, chance.choice(("", "", "X", "terminate")))
        for n, (way, text, interrupting) in enumerate(kinds)
    ]
