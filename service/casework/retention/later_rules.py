"""What rules need of a case after its first erasure: the kind of record, whether the case was taken
up again, and the days that were answered.

All of it follows from what the first erasure takes away: routing values, links, answers. The days
are sealed once for each class that an office keeps still, under the key of those records: they go
with the last of what a rule could count for, and nobody who reads the row learns a day of birth.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from service.errors import CannotOpen
from service.records.case_keys import CaseKeys
from service.store.casefile import cases
from service.store.casefile.facts import Fact
from service.store.casefile.retention_acts import DESTROY, RetentionAct

RECORD, REOPENED, DAYS, PLACE = "record", "reopened", "days", "place"
TABLE, COLUMN, PURPOSE = "retention_act", "later", "notes"
BETWEEN: Final = "/"


@dataclass(frozen=True, slots=True)
class LaterRules:
    """What was kept of a case for its later rules."""

    act: RetentionAct
    record: str
    reopened: bool
    days: Mapping[str, date]
    """Moment to its day, of those that come from answers."""


def seal_later(
    keys: CaseKeys,
    act: str,
    record: str,
    days: Mapping[str, date],
    kept: Iterable[tuple[str, str]],
    *,
    reopened: bool,
) -> dict[str, Any]:
    """What an act keeps for later rules.

    Args:
        act: id of the act.
        kept: office and class of what is kept after it.
    """
    text = json.dumps({id_: day.isoformat() for id_, day in sorted(days.items())}).encode()
    sealed = {}
    for office, klass in sorted(kept) if days else ():
        try:
            key = keys.of(office, klass)
        except CannotOpen:  # what it opens is not read any more either
            continue
        box = key.seal(PURPOSE, text, table=TABLE, column=COLUMN, row=act, extra=klass)
        sealed[f"{office}{BETWEEN}{klass}"] = box.hex()
    return {RECORD: record, REOPENED: reopened, DAYS: sealed}


def place_of(case: cases.Case | cases.CaseSummary) -> dict[str, str]:
    """Where a case stood when it had ended, and when that was: its own row cannot be compared with
    what its facts would make of it once they are not folded any more.
    """
    ended = case.closed_at.isoformat() if case.closed_at else ""
    names = ("stage", "station", "end", "inner_end")
    return {**{name: getattr(case, name) for name in names}, "closed_at": ended}


def ended_at(history: Sequence[Fact], acts: Iterable[RetentionAct]) -> datetime:
    """When an ended case ended: with its last fact, or with its erasure while it was open."""
    act = _first_erasure(acts)
    place = act.later[PLACE] if act is not None else {}
    if place.get("end") == cases.ERASED:
        return datetime.fromisoformat(place["closed_at"])
    return history[-1].at


def open_later(keys: CaseKeys, acts: Iterable[RetentionAct]) -> LaterRules | None:
    """What was kept for later rules; None before the first erasure.

    Raises:
        CannotOpen: what was sealed was changed.
    """
    act = _first_erasure(acts)
    if act is None:
        return None
    days: dict[str, date] = {}
    for place, sealed in act.later[DAYS].items():
        office, _, klass = place.rpartition(BETWEEN)
        if keys.has(office, klass):
            text = _open(keys, act.id, office, klass, bytes.fromhex(sealed))
            days |= {id_: date.fromisoformat(day) for id_, day in json.loads(text).items()}
    return LaterRules(act, act.later[RECORD], act.later[REOPENED], days)


def _first_erasure(acts: Iterable[RetentionAct]) -> RetentionAct | None:
    return next((one for one in acts if one.does == DESTROY and one.later), None)


def _open(keys: CaseKeys, act: str, office: str, klass: str, sealed: bytes) -> bytes:
    key = keys.of(office, klass)
    return key.open(PURPOSE, sealed, table=TABLE, column=COLUMN, row=act, extra=klass)
