"""Timers in three ways (duration, date, cycle), and the dates of tasks.

A timer fires only by the stimulus `Due`; whoever else asks just arms it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, TypeAlias, cast

from service.engine.feel import Expression
from service.engine.feel.values import Months
from service.engine.limits import ROUNDS, TIMER_LEAST
from service.engine.spiff.api import SpiffTask
from service.engine.timing.calendars import Calendar
from service.engine.timing.durations import Length, MixedDuration, time_of
from service.errors import EngineStopped

if TYPE_CHECKING:
    from service.engine.spiff.execution import CaseExecution

Step: TypeAlias = Length
Given: TypeAlias = Expression | Step | date | str
"""FEEL, or the constant that a diagram gives; for a cycle its text."""

Memory: TypeAlias = "list[int | None]"
"""What a timer remembers in its task: anchor, due, rounds fired, rounds left.

Milliseconds; no due: no date yet; no rounds left said: for ever.

A cycle that FEEL gave keeps its text beside it (`cycles`), since it is fixed when the timer is
armed.
"""

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PARTS = 2
"""Of a cycle behind its count: a start and a period."""


def milliseconds(moment_: datetime) -> int:
    """A moment as the state keeps it."""
    return (moment_ - _EPOCH) // _MILLISECOND


def at(stored: int) -> datetime:
    """And back."""
    return _EPOCH + stored * _MILLISECOND


@dataclass(frozen=True, slots=True)
class Cycle:
    """A cycle: `R3/P7D`, `R/P1M`, `R/2026-03-01T09:00:00/P1D`."""

    count: int | None
    start: date | None
    period: Step


def rounds(text: str) -> Cycle | None:
    """Read a cycle; None when the text is none, or repeats too often."""
    head, *middle = text.strip().split("/")
    count, period = head[1:], time_of(middle[-1]) if middle else None
    start = time_of(middle[0]) if len(middle) > 1 else None
    if (
        not head.startswith("R")
        or len(middle) > _PARTS
        or (len(middle) == _PARTS and not isinstance(start, date))
        or not _repeats(period)
    ):
        return None
    if count and not (count.isascii() and count.isdigit() and 1 <= int(count) <= ROUNDS):
        return None
    return Cycle(
        int(count) if count else None,
        start if isinstance(start, date) else None,
        cast("Step", period),
    )


def _repeats(period: object) -> bool:
    """Is that a period that may come again and again?"""
    if isinstance(period, Months):
        return period >= 1
    return isinstance(period, MixedDuration) or (
        isinstance(period, timedelta) and period >= TIMER_LEAST
    )


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer of a diagram.

    Its memory is `internal_data["timers"][element]` of the task that waits for it.
    """

    element: str
    way: str
    given: Given
    working: bool = False
    """Days are working days."""
    own: Calendar | None = None
    """The zone that the timer names; else the calendar of its role counts."""
    every_round: bool = False
    """Rounds missed while the service was down are made up, one by one."""

    def due(self, task: SpiffTask) -> datetime | None:
        """When it fires; None while its date is unknown."""
        memory = self._memory(task)
        return None if memory is None or memory[1] is None else at(memory[1])

    def arm(self, task: SpiffTask) -> None:
        """Set the due time once; a date is asked again in every turn, for it follows its variable."""
        case, old = task.workflow.top_workflow, self._memory(task)
        if old is not None and (self.way != "date" or not isinstance(self.given, Expression)):
            return
        new = self._new_memory(case, task)
        if old is None or old[1] != new[1]:
            task.internal_data.setdefault("timers", {})[self.element] = new
            case.note(
                "armed",
                self.element,
                self._nth(task),
                at(new[1]).isoformat() if new[1] is not None else "",
            )

    def rearm(self, task: SpiffTask) -> None:
        """Begin anew, as if the token had just come."""
        task.internal_data.get("timers", {}).pop(self.element, None)
        self.arm(task)

    def next_round(self, task: SpiffTask) -> Memory | None:
        """The memory for the round after the one that just fired; None when there is none.

        Missed rounds count as used, and their phase is kept.
        """
        memory, cycle, case = self._memory(task), self._rounds(task), task.workflow.top_workflow
        if self.way != "cycle" or memory is None or cycle is None:
            return None
        anchor, due, fired, left = memory
        missed = -1
        while (
            due is not None
            and left != 0
            and at(due) <= case.turn.now
            and not (self.every_round and missed == 0)
        ):
            fired, missed, left = (fired or 0) + 1, missed + 1, None if left is None else left - 1
            due = milliseconds(
                self._calendar(case).later(
                    at(anchor or 0), cycle.period, fired + (cycle.start is None)
                )
            )
        if missed > 0:
            case.note("missed", self.element, self._nth(task), missed)
        return [anchor, due, fired, left] if left != 0 else None

    def _memory(self, task: SpiffTask) -> Memory | None:
        return cast("Memory | None", task.internal_data.get("timers", {}).get(self.element))

    def _nth(self, task: SpiffTask) -> int:
        names = task.internal_data.get("nths", {})
        return int(names.get(self.element, task.internal_data.get("nth", 0)))

    def _calendar(self, case: CaseExecution) -> Calendar:
        return self.own or case.calendar(self.element)

    def _new_memory(self, case: CaseExecution, task: SpiffTask) -> Memory:
        now, calendar = case.turn.now, self._calendar(case)
        if self.way == "cycle":
            if isinstance(self.given, Expression):
                task.internal_data.setdefault("cycles", {})[self.element] = case.ask(
                    self.given, task
                )
            cycle = self._rounds(task)
            if cycle is None:
                raise EngineStopped("expression", self.element, "no repeating time")
            anchor = calendar.instant(cycle.start) if cycle.start else now
            due = anchor if cycle.start else _checked(self.element, calendar, anchor, cycle.period)
            return [milliseconds(anchor), milliseconds(due), 0, cycle.count]
        value = _value(case, task, self.given)
        if self.way == "date":
            if value is not None and not isinstance(value, date):
                raise EngineStopped("expression", self.element, "no date")
            return [
                milliseconds(now),
                None if value is None else milliseconds(calendar.instant(value)),
                0,
                1,
            ]
        if not isinstance(value, timedelta | Months | MixedDuration):
            raise EngineStopped("expression", self.element, "no duration")
        return [
            milliseconds(now),
            milliseconds(_checked(self.element, calendar, now, value, working=self.working)),
            0,
            1,
        ]

    def _rounds(self, task: SpiffTask) -> Cycle | None:
        text = task.internal_data.get("cycles", {}).get(self.element, self.given)
        return rounds(text) if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Due and follow-up date of a task for a person: durations are fixed when it opens, dates
    follow their variable.
    """

    element: str
    due: Given | None = None
    follow_up: Given | None = None
    working: bool = False

    def begin(self, task: SpiffTask) -> None:
        """The task opens: durations count from now."""
        case = task.workflow.top_workflow
        for key, given in (("due", self.due), ("follow_up", self.follow_up)):
            value = None if given is None else _value(case, task, given)
            if isinstance(value, timedelta | Months | MixedDuration):
                moment_ = _checked(
                    self.element,
                    case.calendar(self.element),
                    case.turn.now,
                    value,
                    working=self.working,
                )
                task.internal_data[key] = milliseconds(moment_)

    def dates(self, task: SpiffTask) -> tuple[datetime | None, datetime | None]:
        """Due and follow-up date as they are now."""
        return self._date(task, "due", self.due), self._date(task, "follow_up", self.follow_up)

    def _date(self, task: SpiffTask, key: str, given: Given | None) -> datetime | None:
        if key in task.internal_data:
            return at(task.internal_data[key])
        case = task.workflow.top_workflow
        value = None if given is None else _value(case, task, given)
        if isinstance(value, date):
            return case.calendar(self.element).instant(value)
        if isinstance(value, timedelta | Months | MixedDuration):
            opened = at(round(task.last_state_change * 1000))
            return _checked(
                self.element, case.calendar(self.element), opened, value, working=self.working
            )
        return None


def _value(case: CaseExecution, task: SpiffTask, given: Given) -> object:
    """The constant, or what FEEL gives; a text is read as a date or duration."""
    value = case.ask(given, task) if isinstance(given, Expression) else given
    return time_of(value) if isinstance(value, str) else value


def _checked(
    element: str, calendar: Calendar, start: datetime, step: Step, *, working: bool = False
) -> datetime:
    try:
        return calendar.later(start, step, working=working)
    except (OverflowError, ValueError) as error:
        raise EngineStopped("expression", element, "a time beyond the calendar") from error
