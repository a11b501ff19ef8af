"""The open figures of the programme report: process facts (class C0) of the cases that began in a
period, counted when somebody asks. Nothing that is sealed in another class is opened.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from service.audit.reporting.durations import CaseCourse, DurationFigures, durations_of, read_course
from service.audit.reporting.open_answers import AT_ONCE, CostSum, open_answers
from service.casework.history.promises import broken_promises
from service.engine import Definition, Element, Promise
from service.records.context import Services
from service.store.casefile import facts
from service.store.casefile.cases import CaseSummary
from service.store.casefile.facts import Fact
from service.store.read_models import reporting
from service.store.read_models.reporting import ReferralTimes, WaitingTasks
from service.store.transaction import Tx

MOST: Final = 1000
"""Cases whose facts are read for one page: about five thousandths of a second each."""


@dataclass(frozen=True, slots=True)
class PromiseFigure:
    """A promise, and how many of the cases that ran on releases with it broke it."""

    promise: Promise
    broken: int
    cases: int


@dataclass(frozen=True, slots=True)
class MonthFigure:
    """A month of the period: cases that began in it, and of these how many have ended."""

    month: str
    """As YYYY-MM."""
    begun: int
    ended: int
    length: timedelta | None
    """Median of those that have ended, from beginning to end."""


@dataclass(frozen=True, slots=True)
class OpenFigures:
    """The open figures of some cases. Elements, stations and offices are ids."""

    older: int
    """Cases of the period that are not in the figures, because there are more than `MOST`."""
    elements: Mapping[str, tuple[str, Element]]
    """Element to a release that has it, and how it is drawn there; the newest that was used."""
    cases: int
    ended: int
    length: DurationFigures | None
    """Of the cases that have ended, from beginning to end."""
    steps: Mapping[str, DurationFigures]
    roles: Mapping[str, DurationFigures]
    """Role to the tasks that it completed."""
    passed: Mapping[str, int]
    stations: Mapping[str, DurationFigures]
    waiting: Sequence[WaitingTasks]
    ends: Mapping[str, int]
    outcomes: Mapping[str, int]
    """Value of the programme's field for the result to cases; "" to those that ended without."""
    referrals: Mapping[str, tuple[int, DurationFigures | None]]
    """Office to the referrals that it got, and how long the answered ones took."""
    costs: Sequence[CostSum]
    promises: Sequence[PromiseFigure]
    months: Sequence[MonthFigure]


@dataclass(slots=True)
class _Courses:
    """What all cases together give."""

    elements: dict[str, tuple[str, Element]] = field(default_factory=dict)
    steps: dict[str, list[timedelta]] = field(default_factory=dict)
    stations: dict[str, list[timedelta]] = field(default_factory=dict)
    passed: Counter[str] = field(default_factory=Counter)
    promises: dict[str, Promise] = field(default_factory=dict)
    owed: Counter[str] = field(default_factory=Counter)
    broken: Counter[str] = field(default_factory=Counter)

    def add(self, course: CaseCourse) -> None:
        for kept, found in ((self.steps, course.steps), (self.stations, course.stations)):
            for id_, times in found.items():
                kept.setdefault(id_, []).extend(times)
        self.passed.update(course.passed)


def load_open_figures(
    tx: Tx,
    services: Services,
    *,
    start: datetime,
    until: datetime,
    office: str = "",
    now: datetime,
    most: int = MOST,
    barred: Collection[str] = (),
) -> OpenFigures:
    """Count the cases that began in a period.

    Args:
        until: the first moment after it.
        office: only cases in which it takes part; "" for all.
        most: so many are counted, the newest.
        barred: cases that do not exist for who asks.
    """
    process = services.programme.process
    every = reporting.begun(tx, process, start, until, office=office, barred=barred)
    found = every[-most:]
    ids = [case.id for case in found]
    ended = [case for case in found if case.closed_at is not None]
    courses = _courses(tx, services, found, now)
    outcomes, costs = open_answers(tx, services, found)
    lengths = [case.closed_at - case.opened_at for case in ended if case.closed_at is not None]
    return OpenFigures(
        older=len(every) - len(found),
        elements=courses.elements,
        cases=len(found),
        ended=len(ended),
        length=durations_of(lengths),
        steps=dict(_figures(courses.steps)),
        roles=dict(_figures(_by_role(courses))),
        passed=courses.passed,
        stations=dict(_figures(courses.stations)),
        waiting=reporting.waiting(tx, ids, now),
        ends=Counter(case.inner_end or case.end for case in ended),
        outcomes=Counter(outcomes.get(case.id, "") for case in ended),
        referrals=_referrals(reporting.referrals_of(tx, ids)),
        costs=costs,
        promises=[
            PromiseFigure(promise, courses.broken[text], courses.owed[text])
            for text, promise in courses.promises.items()
        ],
        months=_months(found, ZoneInfo(services.zone)),
    )


def _courses(tx: Tx, services: Services, found: Sequence[CaseSummary], now: datetime) -> _Courses:
    courses = _Courses()
    for case, history in _histories(tx, found):
        definitions = _definitions(tx, services, case, history)
        courses.add(read_course(history, definitions))
        for id_, one in definitions.items():
            courses.elements |= {e.id: (id_, e) for e in one.elements.values()}
        owed = {p.text: p for one in definitions.values() for p in one.promises}
        courses.promises |= owed
        courses.owed.update(owed.keys())
        broken = broken_promises(tx, services, case, history, now)
        courses.broken.update({breach.promise.text for breach in broken})
    return courses


def _histories(
    tx: Tx, found: Sequence[CaseSummary]
) -> Iterator[tuple[CaseSummary, Sequence[Fact]]]:
    """Each case with its facts, which are read of some at once."""
    for start in range(0, len(found), AT_ONCE):
        some = found[start : start + AT_ONCE]
        histories = facts.of_cases(tx, [case.id for case in some])
        yield from ((case, histories[case.id]) for case in some)


def _definitions(
    tx: Tx, services: Services, case: CaseSummary, history: Sequence[Fact]
) -> dict[str, Definition]:
    used = dict.fromkeys(fact.release_id for fact in history)
    return {id_: services.release(tx, id_).definitions[case.process] for id_ in used}


def _by_role(courses: _Courses) -> dict[str, list[timedelta]]:
    found: dict[str, list[timedelta]] = {}
    for id_, times in courses.steps.items():
        _, element = courses.elements[id_]
        if is_task(element):
            found.setdefault(element.roles[0], []).extend(times)
    return found


def is_task(element: Element) -> bool:
    """Whether a step waits for people of a role."""
    return element.kind == "userTask" and bool(element.roles)


def _figures(
    times: Mapping[str, Sequence[timedelta]],
) -> Iterator[tuple[str, DurationFigures]]:
    for id_, taken in times.items():
        figures = durations_of(taken)
        if figures is not None:
            yield id_, figures


def _referrals(
    found: Sequence[ReferralTimes],
) -> dict[str, tuple[int, DurationFigures | None]]:
    offices = dict.fromkeys(one.office for one in found)
    return {
        office: (
            sum(one.office == office for one in found),
            durations_of(
                [
                    one.answered_at - one.sent_at
                    for one in found
                    if one.office == office and one.answered_at is not None
                ]
            ),
        )
        for office in offices
    }


def _months(found: Sequence[CaseSummary], zone: ZoneInfo) -> list[MonthFigure]:
    """Every month from the first case to the last one, those without a case too."""
    begun = Counter[str]()
    took = dict[str, list[timedelta]]()
    for case in found:
        month = f"{case.opened_at.astimezone(zone):%Y-%m}"
        begun[month] += 1
        if case.closed_at is not None:
            took.setdefault(month, []).append(case.closed_at - case.opened_at)
    return [
        MonthFigure(month, begun[month], len(times := took.get(month, [])), _median(times))
        for month in _between(sorted(begun))
    ]


def _median(times: Sequence[timedelta]) -> timedelta | None:
    found = durations_of(times)
    return found.median if found is not None else None


def _between(months: Sequence[str]) -> Iterator[str]:
    if not months:
        return
    (year, month), last = map(int, months[0].split("-")), months[-1]
    while (name := f"{year}-{month:02}") <= last:
        yield name
        year, month = (year, month + 1) if month < _DECEMBER else (year + 1, 1)


_DECEMBER = 12
