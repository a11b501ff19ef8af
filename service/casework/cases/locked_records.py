"""Locked records: what the plan of retention has closed of an ended case, and what opens it again.

`access` decides on it (`Sight.closes`); this module reads it. Each lock is a row of `retention_act`
that has not ended; one of records that were erased since closes nothing any more. Source:
decisions/0120.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Final

from service.access import Sight, Viewer
from service.store.casefile import holds, retention_acts
from service.store.casefile.holds import Hold
from service.store.casefile.retention_acts import DESTROY, LOCK, RetentionAct
from service.text import say

if TYPE_CHECKING:
    from service.store.at_hand import Read, Reader
    from service.store.casefile import cases


@dataclass(frozen=True, slots=True)
class LockedRecords:
    """What is locked of one case."""

    by_office: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """Office to the classes of what it wrote; "" for what no office wrote."""
    holding: frozenset[str] = frozenset()
    """Offices whose hold on the case lasts."""


NONE_LOCKED: Final = LockedRecords()


def load_locked(
    reader: Reader, case: cases.Case | cases.CaseSummary, now: datetime
) -> LockedRecords:
    """Load what is locked of a case; nothing of an open one is.

    Raises:
        RowRefused: a lock, or a hold, is not as this installation left it.
    """
    if case.status != "ended":
        return NONE_LOCKED
    return locked_records(
        retention_acts.of_case(reader, case.id), holds.of_case(reader, case.id), now
    )


def reads_of_locked(case_id: str) -> list[Read]:
    """What `load_locked` reads."""
    return [retention_acts.read_of_case(case_id), holds.read_of_case(case_id)]


def load_locked_of_cases(
    reader: Reader, case_ids: Collection[str], now: datetime
) -> dict[str, LockedRecords]:
    """Load what is locked of several ended cases, by case; those of which nothing is are left out.

    Raises:
        RowRefused: a lock, or a hold, was not written by this installation.
    """
    if not case_ids:
        return {}
    acts = defaultdict[str, list[RetentionAct]](list)
    for act in retention_acts.of_cases(reader, case_ids):
        acts[act.case_id].append(act)
    if not acts:
        return {}
    ordered = defaultdict[str, list[Hold]](list)
    for row in holds.of_cases(reader, [*acts]):
        ordered[row.case_id].append(row)
    return {id_: locked_records(found, ordered[id_], now) for id_, found in acts.items()}


def locked_records(
    acts: Collection[RetentionAct], ordered: Iterable[Hold], now: datetime
) -> LockedRecords:
    """What is locked by the acts on one case, and which holds last."""
    holding = frozenset(row.office_id for row in ordered if row.lasts(now))
    return LockedRecords(locked_by_office(acts), holding)


def locked_by_office(acts: Collection[RetentionAct]) -> dict[str, frozenset[str]]:
    """Office to the classes of what it wrote that are locked, of those that have any."""
    found = defaultdict[str, frozenset[str]](frozenset)
    for act in lasting_locks(acts):
        found[act.office_id] |= left_of(act, acts)
    return {office: classes for office, classes in found.items() if classes}


def lasting_locks(acts: Iterable[RetentionAct]) -> list[RetentionAct]:
    """The locks of a case that nobody has opened, oldest first."""
    return [act for act in acts if act.does == LOCK and act.ended_at is None]


def left_of(lock: RetentionAct, acts: Iterable[RetentionAct]) -> frozenset[str]:
    """The classes of a lock of which something is there still: they were not erased since."""
    mine = (act for act in acts if act.office_id == lock.office_id and act.does == DESTROY)
    return frozenset(lock.classes) - {klass for act in mine for klass in act.classes}


def lock_sentences(
    reader: Reader,
    case: cases.Case | cases.CaseSummary,
    sight: Sight,
    viewer: Viewer,
    places: Mapping[str, str],
) -> tuple[str, ...]:
    """What is locked of a case in words, a sentence for each lock: whose records, of which classes,
    since when and under which rule, and whether they are open to the viewer all the same.

    Args:
        places: office to its name.
    """
    if not sight.locked:
        return ()
    acts = retention_acts.of_case(reader, case.id)
    left = [(act, left_of(act, acts)) for act in lasting_locks(acts)]
    return tuple(_sentence(act, classes, sight, viewer, places) for act, classes in left if classes)


def _sentence(
    act: RetentionAct,
    classes: Collection[str],
    sight: Sight,
    viewer: Viewer,
    places: Mapping[str, str],
) -> str:
    closed = any(act.office_id in sight.closed_offices(viewer, klass) for klass in classes)
    own = "_own" if act.office_id == viewer.office and viewer.lane_roles else ""
    names = (say(f"audit.classes_{klass}", viewer.lang).lower() for klass in sorted(classes))
    return say(
        f"case.locked{own}" if closed else "case.locked_open",
        viewer.lang,
        office=places.get(act.office_id) or say("case.erased_program", viewer.lang),
        classes=", ".join(names),
        date=viewer.day(act.at),
        rule=act.rule,
    )
