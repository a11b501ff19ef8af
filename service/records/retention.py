"""What falls due under the plan of retention: pure, of days and kinds of record, without a look at
any answer. Source: decisions/0115.

Nothing falls due without a rule in force, in a case that has not ended, or while a hold lasts.
What is not to be had back (`destroy`, `hand_over`) waits until the last day of the period is over;
what only closes or asks (`lock`, `review`) comes on that day.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Final, TypeAlias
from zoneinfo import ZoneInfo

from service.release.programme.retention_rules import (
    CASE_END,
    DESTROY,
    HAND_OVER,
    LOCK,
    PRESERVE,
    REVIEW,
    WRITTEN,
    RetentionMoment,
    RetentionPlan,
    RetentionRule,
)

ZONE: Final = "Europe/Stockholm"
ONE_DAY: Final = timedelta(days=1)
Moments: TypeAlias = Mapping[str, Mapping[str, date | datetime]]
"""Case to moment to when it was: an aware time, or a day. A moment has the id of its row in the
plan, one that the product knows its name there (`case_end`, `erased`)."""
Days: TypeAlias = Mapping[str, date | datetime]
"""The moments of one case."""
Rows: TypeAlias = Iterator[tuple[date, str, str]]
"""Day, rule and class."""


@dataclass(frozen=True, slots=True)
class KeptRecords:
    """What one office, or the house, still keeps of one case, or of one thing that is no case."""

    case: str
    record: str
    """Kind of record (`RetentionPlan.record_of`, `product_record`)."""
    office: str
    kind: str
    """Kind of the office, or `house`."""
    classes: frozenset[str]
    """Those of which anything is kept."""
    written: date | datetime | None = None
    """When the office wrote last in it."""
    zone: str = ZONE
    """Zone in which the office's days begin."""
    locked: frozenset[str] = frozenset()
    """Classes that are locked already."""
    done: Mapping[str, date] = field(default_factory=dict)
    """Rule that reviews or hands over, to the day on which the office was asked last."""
    handed_over: frozenset[str] = frozenset()
    """Rules by which it was handed over."""
    on_hold: bool = False
    exceptions: frozenset[str] = frozenset()
    """What holds of the case that a rule may except (`EXCEPTIONS`)."""


@dataclass(frozen=True, slots=True, order=True)
class FallingDue:
    """Something that falls due: from that day on the rule may run."""

    day: date
    case: str
    office: str
    rule: str
    does: str
    classes: tuple[str, ...]


@dataclass(frozen=True, slots=True, order=True)
class MissingMoment:
    """A rule that cannot be counted, for the case lacks the moment: it never falls due."""

    case: str
    office: str
    rule: str
    moment: str


def due(
    plan: RetentionPlan, kept: Iterable[KeptRecords], moments: Moments, today: date
) -> list[FallingDue]:
    """What has fallen due by a day, earliest first; the order of what is handed in plays no part.

    A class is in one row at most of what is destroyed, and of what is locked. Where several rules
    destroy it, the last of them counts: the linter refuses such a plan, and what is erased cannot
    be had back.

    Args:
        moments: of each case the moments that it has.
        today: the day; a later one asks what will have fallen due by then, as things are now.
    """
    rules = _RulesInForce(plan, today)
    return sorted(row for one in kept for row in _due_of(one, moments.get(one.case, {}), rules))


def missing_moments(
    plan: RetentionPlan, kept: Iterable[KeptRecords], moments: Moments, today: date
) -> list[MissingMoment]:
    """Rules in force that cannot be counted in a case that has ended, for it lacks the moment."""
    rules = _RulesInForce(plan, today)
    return sorted(
        MissingMoment(one.case, one.office, applied.rule.id, applied.rule.counted)
        for one in kept
        for at in [moments.get(one.case, {})]
        for applied in rules.about(one, at)
        if applied.rule.counted
        and one.classes & {*applied.rule.classes}
        and applied.start(one, at) is None
    )


def office_day(when: date | datetime, zone: str) -> date:
    """The day of a moment where an office is; a day stays as it is."""
    return when.astimezone(ZoneInfo(zone)).date() if isinstance(when, datetime) else when


@dataclass(frozen=True, slots=True)
class _RuleInForce:
    """A rule, the first day on which it is in force, the moment that it counts from, and the one
    that it waits for.
    """

    rule: RetentionRule
    first: date
    moment: RetentionMoment | None
    not_before: RetentionMoment | None

    def start(self, kept: KeptRecords, at: Days) -> date | None:
        """The day from which it counts; None where the case lacks the moment."""
        return _day_of(self.moment, kept, at)

    def day(self, kept: KeptRecords, at: Days) -> date | None:
        """The day on which it falls due; None where it never does, or has run."""
        start, ran = self.start(kept, at), kept.done.get(self.rule.id)
        if start is None or kept.exceptions & {*self.rule.unless}:
            return None
        day: date | None = self.rule.period.last_day(start)
        if self.rule.does in (DESTROY, HAND_OVER):
            asked = _day_of(self.not_before, kept, at) or start
            day = _day_after(max(self.rule.period.last_day(start), asked))
        if ran is not None and self.rule.does in (REVIEW, HAND_OVER):
            day = _next_review(self.rule, start, ran)
        if day is None:
            return None
        end = office_day(at[CASE_END], kept.zone) if CASE_END in at else day
        return max(self.first, day, end)


def _day_of(moment: RetentionMoment | None, kept: KeptRecords, at: Days) -> date | None:
    if moment is None:
        return None
    when = kept.written if moment.product == WRITTEN else at.get(moment.product or moment.id)
    return None if when is None else office_day(when, kept.zone)


class _RulesInForce:
    """The rules in force on a day, by kind of record and of office."""

    def __init__(self, plan: RetentionPlan, today: date) -> None:
        self.plan, self.today = plan, today
        self._of_processes = {one.id for one in plan.records if one.process}
        self._known: dict[tuple[str, str], tuple[_RuleInForce, ...]] = {}

    def about(self, kept: KeptRecords, at: Days) -> tuple[_RuleInForce, ...]:
        """Those that are about some records; none while a process of theirs is still open."""
        if kept.record in self._of_processes and CASE_END not in at:
            return ()
        key = (kept.record, kept.kind)
        if key not in self._known:
            self._known[key] = tuple(self._in_force(*key))
        return self._known[key]

    def _in_force(self, record: str, kind: str) -> Iterator[_RuleInForce]:
        for rule in self.plan.rules:
            if rule.counts_for(record, kind):
                first, last = self.plan.in_force(rule)
                if first <= self.today <= last:
                    counted, asked = rule.counted, rule.not_before
                    yield _RuleInForce(
                        rule, first, self.plan.moment(counted), self.plan.moment(asked)
                    )


def _due_of(kept: KeptRecords, at: Days, rules: _RulesInForce) -> Iterator[FallingDue]:
    if kept.on_hold:
        return
    about = rules.about(kept, at)
    days = {one.rule.id: one.day(kept, at) for one in about if one.rule.does != PRESERVE}
    known = {one.rule.id: one.rule for one in about}
    due_now = {id_: day for id_, day in days.items() if day is not None and day <= rules.today}
    destroyed = list(_destroyed(kept, known, days, rules.today)) if due_now else []
    gone = {klass: day for day, _, klass in destroyed}
    rows = defaultdict[tuple[date, str], list[str]](list)
    for day, id_, klass in (*destroyed, *_others(kept, known, due_now, gone)):
        rows[day, id_].append(klass)
    for (day, id_), listed in rows.items():
        classes = tuple(sorted(listed))
        yield FallingDue(day, kept.case, kept.office, id_, known[id_].does, classes)


def _destroyed(
    kept: KeptRecords,
    rules: Mapping[str, RetentionRule],
    days: Mapping[str, date | None],
    today: date,
) -> Rows:
    """What is destroyed: a class that nothing preserves and that is not to be handed over first,
    once all rules have fallen due that destroy it.
    """
    for klass in kept.classes:
        mine = [rule for rule in rules.values() if klass in rule.classes]
        kept_back = any(
            rule.does == PRESERVE or (rule.does == HAND_OVER and rule.id not in kept.handed_over)
            for rule in mine
        )
        found = [(days[rule.id], rule.id) for rule in mine if rule.does == DESTROY]
        certain = [(day, id_) for day, id_ in found if day is not None and day <= today]
        if certain and len(certain) == len(found) and not kept_back:
            yield (*max(certain), klass)


def _others(
    kept: KeptRecords,
    rules: Mapping[str, RetentionRule],
    due_now: Mapping[str, date],
    gone: Mapping[str, date],
) -> Rows:
    """What is locked, by the earliest rule, and what is reviewed and handed over, before the day
    from which it is gone.
    """
    locks: dict[str, tuple[date, str]] = {}
    for id_, day in due_now.items():
        does = rules[id_].does
        for klass in kept.classes & {*rules[id_].classes}:
            if gone.get(klass, date.max) <= day:
                continue
            if does == LOCK and klass not in kept.locked:
                locks[klass] = min(locks.get(klass, (day, id_)), (day, id_))
            elif does in (REVIEW, HAND_OVER):
                yield day, id_, klass
    for klass, (day, id_) in locks.items():
        yield day, id_, klass


def _day_after(day: date) -> date | None:
    """The next day; None after the last one that there is: so far away nothing falls due."""
    return day + ONE_DAY if day < date.max else None


def _next_review(rule: RetentionRule, start: date, ran: date) -> date | None:
    """The first day of a review after the last one; None where none comes, or nothing is to be
    done again.
    """
    interval = rule.interval
    day, number = ran, 0
    while interval is not None and day <= ran < date.max:
        day = rule.period.plus(interval.times(number)).last_day(start)
        number += 1
    return day if day > ran else None
