"""Timers (duration, date or cycle), and the due dates of user tasks.

A timer fires only by the stimulus `Due`; everything else only arms it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias, cast

from service.engine.feel import Expression
from service.engine.feel.values import Months
from service.engine.limits import ROUNDS, TIMER_LEAST
from service.engine.spiff.api import SpiffTask
from service.engine.spiff.base import nth_of
from service.engine.spiff.protocols import RunningCase, case_of
from service.engine.timing.calendars import Calendar
from service.engine.timing.cycles import Cycle, held_apart, least_not, rounds
from service.engine.timing.durations import Length, MixedDuration, time_of
from service.errors import EngineStopped

TimeSource: TypeAlias = Expression | Length | date | str
"""FEEL, or the constant of a diagram; for a cycle its text."""

Memory: TypeAlias = "list[int | None]"
"""State of a timer in its task: anchor and due time in milliseconds, rounds fired, rounds left.

Due None: no date yet; rounds left None: for ever. A cycle that FEEL gave keeps its text too
(`cycles`), since it is fixed when the timer is armed.
"""

_MILLISECOND = timedelta(milliseconds=1)
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def source_text(source: TimeSource | None) -> str:
    """A time as it is drawn."""
    return f"= {source.text}" if isinstance(source, Expression) else str(source or "")


def milliseconds(moment: datetime) -> int:
    """A moment as the state keeps it."""
    return (moment - _EPOCH) // _MILLISECOND


def at(stored: int) -> datetime:
    """The moment that the state keeps as milliseconds."""
    return _EPOCH + stored * _MILLISECOND


@dataclass(frozen=True, slots=True)
class Timer:
    """One timer of a diagram.

    Its memory is `internal_data["timers"][element]` of the task that waits for it.
    """

    element: str
    kind: str
    time: TimeSource
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
        """Set the due time once; a date is read anew in every turn, for it follows its variable."""
        case = case_of(task)
        old = self._memory(task)
        if old is not None and (self.kind != "date" or not isinstance(self.time, Expression)):
            return
        new = self._new_memory(case, task)
        if old is None or old[1] != new[1]:
            self._keep(task, new)
            due = "" if new[1] is None else at(new[1]).isoformat()
            case.note("armed", self.element, nth_of(task, self.element), due)

    def rearm(self, task: SpiffTask) -> None:
        """Begin anew, as if the token had just come."""
        for key in ("timers", "cycles"):
            task.internal_data.get(key, {}).pop(self.element, None)
        self.arm(task)

    @property
    def drawing(self) -> tuple[object, ...]:
        """All that the diagram says of this timer; two timers with equal drawings run alike."""
        zone = self.own and self.own.zone.key
        return self.kind, source_text(self.time), self.working, zone, self.every_round

    def follow(self, task: SpiffTask, before: Timer) -> None:
        """Go on as this timer where `before` ran: the next due time stays, what comes after it is
        as drawn now.

        Rounds that were used count; a timer that still had no date begins anew, unless it reads one
        from a variable.
        """
        memory = self._memory(task)
        case = case_of(task)
        if memory is None:
            return
        is_asked = self.kind == "date" and isinstance(self.time, Expression)
        _, due, fired, left = memory
        old = before._rounds(task)
        task.internal_data.get("cycles", {}).pop(self.element, None)
        if due is None and not is_asked:
            self.rearm(task)
        elif self.kind == "cycle":
            self._ask_for_cycle(case, task)
            cycle = self._cycle(task)
            used = (
                max(fired or 0, 0) if old is None or old.count is None else old.count - (left or 0)
            )
            left = None if cycle.count is None else max(cycle.count - used, 1)
            # counted from the round that is due: the next one is a period after it
            self._keep(task, [due, due, 0 if cycle.start else -1, left])
        elif not is_asked:
            self._keep(task, [memory[0], due, 0, 1])

    def use_round(self, task: SpiffTask) -> bool:
        """Count a round of a cycle as used, for what came before it was one; is any left?"""
        *begun, left = self._memory(task) or [None]
        if left is not None:
            self._keep(task, [*begun, left - 1])
        return left is None or left > 1

    def next_round(self, task: SpiffTask) -> Memory | None:
        """The memory for the round after the one that just fired; None when there is none.

        Missed rounds count as used, and their phase is kept. Of those that are made up one by one
        the last thousand are (`ROUNDS`).
        """
        memory = self._memory(task)
        cycle = self._rounds(task)
        case = case_of(task)
        if self.kind != "cycle" or memory is None or cycle is None:
            return None
        anchor, due, fired, left = memory
        if due is None or at(due) > case.turn.now:
            return memory
        calendar, begun = self._calendar(case), fired or 0

        def due_of(fired: int) -> datetime:
            periods = fired + (cycle.start is None)
            return _later(self.element, calendar, at(anchor or 0), cycle.period, times=periods)

        over = least_not(lambda more: due_of(begun + more) <= case.turn.now)
        over = over if left is None else min(over, left)
        if self.every_round:
            over = max(over - ROUNDS, 1)
        if over > 1:
            case.note("missed", self.element, nth_of(task, self.element), over - 1)
        if left == over:
            return None
        rest = None if left is None else left - over
        return [anchor, milliseconds(due_of(begun + over)), begun + over, rest]

    def remembered(self, task: SpiffTask, memory: Memory) -> dict[str, object]:
        """The `internal_data` of the task of the next round."""
        cycles = task.internal_data.get("cycles", {})
        return {"timers": {self.element: memory}, "cycles": cycles}

    def _memory(self, task: SpiffTask) -> Memory | None:
        return cast("Memory | None", task.internal_data.get("timers", {}).get(self.element))

    def _keep(self, task: SpiffTask, memory: Memory) -> None:
        task.internal_data.setdefault("timers", {})[self.element] = memory

    def _calendar(self, case: RunningCase) -> Calendar:
        return self.own or case.calendar(self.element)

    def _new_memory(self, case: RunningCase, task: SpiffTask) -> Memory:
        now, calendar = case.turn.now, self._calendar(case)
        if self.kind == "cycle":
            return self._first_round(case, task)
        value = _value(case, task, self.time)
        if self.kind == "date":
            if value is not None and not isinstance(value, date):
                raise EngineStopped("expression", self.element, "no date")
            due = None if value is None else milliseconds(_instant(self.element, calendar, value))
            return [milliseconds(now), self._held_back(case, task, due), 0, 1]
        if not isinstance(value, timedelta | Months | MixedDuration):
            raise EngineStopped("expression", self.element, "no duration")
        end = _later(self.element, calendar, now, value, working=self.working)
        if isinstance(self.time, Expression):
            # what the linter demands of constants (D910)
            end = max(end, now + TIMER_LEAST)
        return [milliseconds(now), milliseconds(end), 0, 1]

    def _held_back(self, case: RunningCase, task: SpiffTask, due: int | None) -> int | None:
        """The due time of a date, which may have passed: a timer that opens again without a
        person's act is due a minute later at the earliest, so that no loop runs without rest.
        """
        held: dict[str, int] = task.internal_data.get("not_before", {})
        least = milliseconds(case.turn.now + TIMER_LEAST)
        opens_again = self._memory(task) is None and nth_of(task, self.element) > 1
        if opens_again and case.unattended and due is not None and due < least:
            held = task.internal_data.setdefault("not_before", {})
            held[self.element] = least
        return None if due is None else max(due, held.get(self.element, due))

    def _first_round(self, case: RunningCase, task: SpiffTask) -> Memory:
        self._ask_for_cycle(case, task)
        cycle = self._cycle(task)
        calendar = self._calendar(case)
        if cycle.start:
            due = anchor = _instant(self.element, calendar, cycle.start)
        else:
            anchor = case.turn.now
            due = _later(self.element, calendar, anchor, cycle.period)
        return [milliseconds(anchor), milliseconds(due), 0, cycle.count]

    def _ask_for_cycle(self, case: RunningCase, task: SpiffTask) -> None:
        """Fix the cycle that FEEL gives now."""
        if isinstance(self.time, Expression):
            text = held_apart(case.ask(self.time, task))
            task.internal_data.setdefault("cycles", {})[self.element] = text

    def _cycle(self, task: SpiffTask) -> Cycle:
        if (cycle := self._rounds(task)) is None:
            raise EngineStopped("expression", self.element, "no repeating time")
        return cycle

    def _rounds(self, task: SpiffTask) -> Cycle | None:
        text = task.internal_data.get("cycles", {}).get(self.element, self.time)
        return rounds(text) if isinstance(text, str) else None


@dataclass(frozen=True, slots=True)
class Schedule:
    """Due and follow-up date of a user task: durations are fixed when it opens, dates follow their
    variable. It is never due after the moment that it has to be done before.
    """

    element: str
    due: TimeSource | None = None
    follow_up: TimeSource | None = None
    before: TimeSource | None = None
    working: bool = False

    def begin(self, task: SpiffTask) -> None:
        """Fix the durations when the task opens: they count from now."""
        case = case_of(task)
        for key, source in (("due", self.due), ("follow_up", self.follow_up)):
            value = None if source is None else _value(case, task, source)
            if isinstance(value, timedelta | Months | MixedDuration):
                task.internal_data[key] = milliseconds(self._end(case, case.turn.now, value))

    def dates(self, task: SpiffTask) -> tuple[datetime | None, datetime | None]:
        """Due and follow-up date as they are now."""
        due = self._date(task, "due", self.due)
        latest = None if due is None else self._date(task, "before", self.before)
        return (
            due if due is None or latest is None else min(due, latest),
            self._date(task, "follow_up", self.follow_up),
        )

    def _date(self, task: SpiffTask, key: str, source: TimeSource | None) -> datetime | None:
        if key in task.internal_data:
            return at(task.internal_data[key])
        case = case_of(task)
        value = None if source is None else _value(case, task, source)
        if isinstance(value, date):
            return _instant(self.element, case.calendar(self.element), value)
        if isinstance(value, timedelta | Months | MixedDuration):
            return self._end(case, at(round(task.last_state_change * 1000)), value)
        return None

    def _end(self, case: RunningCase, start: datetime, duration: Length) -> datetime:
        calendar = case.calendar(self.element)
        return _later(self.element, calendar, start, duration, working=self.working)


def _value(case: RunningCase, task: SpiffTask, source: TimeSource) -> object:
    """The constant, or what FEEL gives; a text is read as a date or duration."""
    value = case.ask(source, task) if isinstance(source, Expression) else source
    return time_of(value) if isinstance(value, str) else value


def _instant(element: str, calendar: Calendar, value: date) -> datetime:
    return _reckoned(element, lambda: calendar.instant(value))


def _later(
    element: str,
    calendar: Calendar,
    start: datetime,
    duration: Length,
    *,
    times: int = 1,
    working: bool = False,
) -> datetime:
    return _reckoned(element, lambda: calendar.later(start, duration, times, working=working))


def _reckoned(element: str, reckon: Callable[[], datetime]) -> datetime:
    try:
        return reckon()
    except (OverflowError, ValueError) as error:
        raise EngineStopped("expression", element, "a time beyond the calendar") from error
