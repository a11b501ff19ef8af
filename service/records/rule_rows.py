"""The numbers of the rule rows that fired in a turn. They tell what was answered, so they lie in
the sealed payload of its fact, and not among its steps.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from service.access import CLASSES
from service.engine import Decision, Step
from service.errors import CannotOpen
from service.records import fact_format
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import facts
from service.store.casefile.facts import Fact, FactPayload

ROWS: Final = "rows"
"""Key of the payload: of each decided step, in order, the numbers of its rows."""
DECIDED: Final = "decided"


def open_steps(steps: Iterable[Step]) -> list[Any]:
    """Steps as a fact stores them: of a decision the name alone."""
    return [
        [s.what, s.element, s.nth, list(s.detail[:1] if s.what == DECIDED else s.detail)]
        for s in steps
    ]


def sealed_rows(steps: Iterable[Step]) -> dict[str, Any]:
    """What the payload of a fact holds of its steps; nothing when no rule was asked."""
    rows = [list(step.detail[1:]) for step in steps if step.what == DECIDED]
    return {ROWS: rows} if rows else {}


def has_decided(fact: Fact) -> bool:
    """Whether a rule was asked in its turn."""
    return any(what == DECIDED for what, *_ in fact.steps)


def with_rows(reader: Reader, key: OwnerKey | None, stored: Sequence[Fact]) -> list[Fact]:
    """Facts of one case with the numbers of the rows in their steps, for those who may know them.

    Without a key, as after an erasure, and where a payload does not open, there are none.
    """
    asked = [fact for fact in stored if has_decided(fact)]
    if key is None or not asked:
        return list(stored)
    payloads = facts.payloads(reader, {fact.case_id for fact in asked})
    return [_with_rows(key, fact, payloads) if fact in asked else fact for fact in stored]


def hidden_inputs(classes: Mapping[str, str], decision: Decision) -> list[str]:
    """Names that a rule reads and that are no process facts: its rows would tell their values.

    Args:
        classes: of every name of the release.
    """
    return sorted(n for n in decision.reads if classes.get(n, CLASSES[-1]) != CLASSES[0])


def _with_rows(key: OwnerKey, fact: Fact, payloads: Mapping[tuple[str, int], FactPayload]) -> Fact:
    try:
        rows = iter(open_payload(key, fact, payloads).get(ROWS, ()))
    except CannotOpen:
        return fact
    steps = [
        [what, element, nth, [*detail, *next(rows, ())] if what == DECIDED else detail]
        for what, element, nth, detail in fact.steps
    ]
    return replace(fact, turn=replace(fact.turn, steps=steps))


def open_payload(
    key: OwnerKey, fact: Fact, payloads: Mapping[tuple[str, int], FactPayload]
) -> dict[str, Any]:
    """What a fact's routing payload holds.

    Raises:
        CannotOpen: there is none, or it is not what was sealed.
    """
    stored = payloads.get((fact.case_id, fact.rev))
    sealed = None if stored is None else stored.routing
    content, _ = fact_format.open_value(key, fact.case_id, fact.rev, fact_format.ROUTING, sealed)
    values: dict[str, Any] = json.loads(content)
    return values
