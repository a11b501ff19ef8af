"""Looks of a month that stand out, and a sample of the others, read off the log of who looked.

One line is what one person did with one case in the month, or what she did in one day. Looks for a
log review are left out: their own entries are that review.
"""

from __future__ import annotations

import heapq
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.records.context import CLOCK, WORKER, Services
from service.release.programme.log_review_rules import LogReviewRules
from service.store.installation import offices
from service.store.read_models import log_review as entries
from service.store.read_models.audit_conditions import case_of
from service.store.read_models.log_review import LookEntry
from service.store.transaction import Tx

NO_TASK, OTHER_OFFICE, PROTECTED = "no_task", "other_office", "protected"
UNMASKED = "unmasked"
MANY, HOURS, SEARCHES, SAMPLE = "many", "hours", "searches", "sample"
WHY: Final = (PROTECTED, UNMASKED, OTHER_OFFICE, MANY, SEARCHES, NO_TASK, HOURS, SAMPLE)
"""Why a look is listed, the gravest first: at a protected identity; by an auditor to whom two
persons had unmasked the case; by an office without a part in the case; more cases, or more
searches, in a day than the limit; without a task; outside working hours; drawn by lot."""
BY_DUTY: Final = frozenset({"audit", "export"})
"""Purposes of who looks at the cases of all offices because that is her work. Such looks stand out
by their number, their hour, a protected identity or an unmasking; none of them is drawn by lot."""
OWN_PURPOSE: Final = "log_review"
SATURDAY: Final = 5


@dataclass
class _Group:
    """Looks of one person at one case, or in one day.

    The sample is drawn by `lot`, the smallest digest of its entries, which nobody can choose.
    """

    person: str
    office: str
    case: str
    first: datetime
    last: datetime
    lot: str
    times: int = 0
    cases: int = 0
    why: set[str] = field(default_factory=set)
    by_duty: bool = True

    def add(self, entry: LookEntry) -> None:
        """Count one entry; a stated reason (`lookup`) is no look, the look comes after it."""
        self.times += entry.kind != "lookup"
        self.last = entry.at
        self.lot = min(self.lot, entry.hash)


@dataclass(frozen=True, slots=True)
class FoundLook:
    """A look to be listed: `review.ListedLook` before it has a number."""

    person: str
    office: str
    case: str
    why: tuple[str, ...]
    first: datetime
    last: datetime
    times: int
    cases: int


@dataclass(frozen=True, slots=True)
class MonthOfLooks:
    """The looks that a review of a month lists; `left_out` is how many more stand out, `offices` as
    `review.LogReview` has it.
    """

    month: str
    looks: tuple[FoundLook, ...]
    left_out: int
    offices: Mapping[str, tuple[int, int]]


def find_looks(tx: Tx, services: Services, month: str, rules: LogReviewRules) -> MonthOfLooks:
    """Read a month, day by day, and choose what its review lists.

    Args:
        month: as 2026-10; its days are those of the installation's zone.
    """
    reader = _MonthReader(rules, {id_: one.zone for id_, one in offices.everyone(tx).items()})
    for since, until in _days(month, services.zone):
        reader.read_day(entries.looks_between(tx, since, until))
    _mark_other_offices(tx, reader.groups.values())
    every = [*reader.groups.values(), *reader.of_days]
    listed = sorted((one for one in every if one.why), key=_gravest_first)
    plain = [one for one in reader.groups.values() if not one.why and not one.by_duty]
    drawn = heapq.nsmallest(rules.sample, plain, key=lambda one: one.lot)
    for one in drawn:
        one.why.add(SAMPLE)
    standing_out = Counter(one.office for one in listed)
    counted = {id_: (n, standing_out[id_]) for id_, n in sorted(reader.looks().items())}
    shown = [*listed[: rules.most], *sorted(drawn, key=_gravest_first)]
    left_out = max(0, len(listed) - rules.most)
    return MonthOfLooks(month, tuple(map(_found, shown)), left_out, counted)


def _days(month: str, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The first moment of each day of a month, and that of the day after."""
    day = date.fromisoformat(f"{month}-01")
    while f"{day:%Y-%m}" == month:
        after = day + timedelta(days=1)
        yield tuple(datetime.combine(one, time(), ZoneInfo(zone)) for one in (day, after))  # type: ignore[misc]  # two moments
        day = after


class _MonthReader:
    """Reads the entries of one day after the other."""

    def __init__(self, rules: LogReviewRules, zones: Mapping[str, str]) -> None:
        self.rules = rules
        self.zones = {id_: ZoneInfo(zone) for id_, zone in zones.items()}
        self.groups: dict[tuple[str, str], _Group] = {}
        """By person and case."""
        self.of_days: list[_Group] = []
        """Days on which a person did more than the limits say."""

    def looks(self) -> Counter[str]:
        """Office to how many looks it had."""
        found = Counter[str]()
        for group in self.groups.values():
            found[group.office] += max(1, group.times)
        return found

    def read_day(self, found: Iterable[LookEntry]) -> None:
        """Read the entries of one day."""
        opened: dict[str, set[str]] = {}
        days: dict[tuple[str, bool], _Group] = {}
        for entry in found:
            if entry.actor in (CLOCK.id, WORKER.id):
                continue
            body: dict[str, Any] = json.loads(entry.body)
            if body.get("purpose") == OWN_PURPOSE:
                continue
            searched = entry.kind == entries.SEARCH
            day = days.setdefault((entry.actor, searched), _group(entry, ""))
            day.add(entry)
            if not searched:
                opened.setdefault(entry.actor, set()).add(case_of(entry.stream))
                self._read_look(entry, body)
        for (person, searched), day in days.items():
            day.cases = len(opened.get(person, ()))
            if searched and not day.cases and day.times > self.rules.searches_a_day:
                day.why.add(SEARCHES)
            elif not searched and day.cases > self.rules.cases_a_day:
                day.why.add(MANY)
            else:
                continue
            self.of_days.append(day)

    def _read_look(self, entry: LookEntry, body: Mapping[str, Any]) -> None:
        case = case_of(entry.stream)
        group = self.groups.setdefault((entry.actor, case), _group(entry, case))
        if entry.kind == "protected_read" or "marking" in body:
            group.why.add(PROTECTED)
        if "unmasking" in body:
            group.why.add(UNMASKED)
        if entry.kind == "protected_read":
            return  # it tells of a look that has an entry of its own
        group.add(entry)
        group.by_duty &= body.get("purpose") in BY_DUTY
        if entry.kind == "lookup":
            group.why.add(NO_TASK)
        if self._is_outside_hours(entry):
            group.why.add(HOURS)

    def _is_outside_hours(self, entry: LookEntry) -> bool:
        civil = entry.at.astimezone(self.zones.get(entry.office, ZoneInfo("UTC")))
        if civil.weekday() >= SATURDAY and not self.rules.weekends:
            return True
        return not self.rules.hours_from <= civil.hour < self.rules.hours_to


def _group(entry: LookEntry, case: str) -> _Group:
    return _Group(entry.actor, entry.office, case, entry.at, entry.at, entry.hash)


def _mark_other_offices(tx: Tx, groups: Iterable[_Group]) -> None:
    asked = [one for one in groups if not one.by_duty]
    parts = entries.offices_with_a_part(tx, {one.case for one in asked})
    for one in asked:
        if one.office not in parts[one.case]:
            one.why.add(OTHER_OFFICE)


def _gravest_first(one: _Group) -> tuple[int, datetime, str, str]:
    return min(WHY.index(why) for why in one.why), one.first, one.person, one.case


def _found(one: _Group) -> FoundLook:
    why = tuple(code for code in WHY if code in one.why)
    return FoundLook(
        one.person, one.office, one.case, why, one.first, one.last, max(1, one.times), one.cases
    )
