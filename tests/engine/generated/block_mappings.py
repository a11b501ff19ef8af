"""Mappings on the parts of a random process, and a second start of what is called.

They are put on a tree that is drawn already, by lots of their own: the tree of a seed stays what it
is without them.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import random

    from tests.engine.generated.blocks import Guard, Pairs, Part, Whole
    from tests.engine.generated.event_subs import EventSub

PERSON: tuple[Pairs, ...] = (
    (("m", "n"), ("yes", "yes")),
    (("yes", "yes"), ("m", "n + 1"), ("n", "m")),
)
"""`yes` comes back, or no loop would ever end; a later target reads an earlier one."""
EVENT: tuple[Pairs, ...] = ((("m", "n + 1"),), (("m", "n"), ("n", "n + 1")))
INSIDE: tuple[Pairs, ...] = ((("yes", "yes"), ("m", "n")), (("yes", "yes"), ("n", "n + 1")))
INPUTS: Pairs = (("n", "n + 1"),)
START: Pairs = (("list", "list"), ("yes", "yes"), ("n", "n + 1"))
SOME = 0.3
OUTPUTS = {
    **dict.fromkeys(("user", "job", "each"), PERSON),
    **dict.fromkeys(("wait", "race"), EVENT),
    **dict.fromkeys(("sub", "call", "fault", "stop", "list"), INSIDE),
}
HOLDS = frozenset({"sub", "call", "fault", "stop", "list"})
"""What may have inputs that it holds for itself."""


def with_mappings(whole: Whole, lots: random.Random) -> Whole:
    """The process with mappings on some of its parts; on every second tree there are none."""
    if lots.random() < 0.5:
        return whole
    begins = START if lots.random() < SOME else ()
    subs = _started(whole.subs, lots)
    return replace(whole, part=_mapped(whole.part, lots), begins=begins, subs=subs)


def _mapped(part: Part, lots: random.Random) -> Part:
    chosen = OUTPUTS.get(part.kind, ())
    outputs = lots.choice(chosen) if chosen and lots.random() < SOME else ()
    inputs = INPUTS if part.kind in HOLDS and lots.random() < SOME else ()
    how = "message start" if part.kind == "call" and lots.random() < SOME else part.how
    return replace(
        part,
        parts=tuple(_mapped(inner, lots) for inner in part.parts),
        guards=tuple(_guarded(guard, lots) for guard in part.guards),
        subs=_started(part.subs, lots),
        how=how,
        outputs=outputs,
        inputs=inputs,
    )


def _started(subs: tuple[EventSub, ...], lots: random.Random) -> tuple[EventSub, ...]:
    return tuple(
        replace(sub, outputs=lots.choice(EVENT)) if lots.random() < SOME else sub for sub in subs
    )


def _guarded(guard: Guard, lots: random.Random) -> Guard:
    return replace(guard, outputs=lots.choice(EVENT)) if lots.random() < SOME else guard
