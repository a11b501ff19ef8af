"""Check of a migration: may a case move to another definition, and what would that change?

The move is tried, and what waits after it is compared with what waited before: each deadline that
the move changes gives a note.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import TypeAlias

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.migration.findings import (
    NO_DATE,
    NOTES,
    MigrationCheck,
    MigrationNote,
    label,
    problem,
)
from service.engine.migration.refusals import refusals
from service.engine.migration.state_rows import awaited_events, place_of
from service.engine.spiff import codec
from service.engine.spiff.activities import UserTask
from service.engine.spiff.open_work import open_work
from service.engine.spiff.patches import turn
from service.engine.spiff.timers import Timer, source_text
from service.engine.types import Move, Open
from service.errors import EngineStopped, WrongDefinition

_DATED = frozenset({"timer", "task"})
_Work: TypeAlias = "dict[tuple[str, str], Open]"
"""Timers and tasks for people, by kind and id."""

_SEED = "check"


def check(
    state: bytes,
    old: Definition,
    new: Definition,
    relocate: Mapping[str, str] | None = None,
    rearm: frozenset[str] = frozenset(),
    *,
    now: datetime,
) -> MigrationCheck:
    """Check whether a case may move from one definition to another at a moment.

    Args:
        old: the definition that the case is on.
        relocate, rearm: as of `Move`.
        now: aware, UTC, cut to the millisecond; new deadlines count from it.
    Raises:
        TaskClosed: a relocated task, or a timer to be armed anew, is not open.
        WrongDefinition: the case is not on `old`.
    """
    stored = codec.unpack(state)
    if stored.digest != old.digest:
        raise WrongDefinition(f"made for definition {stored.digest}, not {old.digest}")
    if old.digest == new.digest and not relocate and not rearm:
        return MigrationCheck()
    moved = relocate or {}
    if problems := refusals(stored, old, new, moved):
        return MigrationCheck(tuple(problems))
    with turn(now, _SEED):
        before = open_work(codec.decode(old, stored))
    try:
        after = advance(new, state, Move(moved, rearm), now=now, seed=_SEED, old=old)
    except EngineStopped as stop:
        place = {"x": label(stop.element, old, new)}
        return MigrationCheck((problem("stops", stop.element, place),))
    if after.finished:
        place = {"x": label(after.ends[-1], new, old)}
        return MigrationCheck((problem("ends", after.ends[-1], place),))
    notes = tuple(_changed_deadlines(old, new, before, after.open))
    return MigrationCheck(notes=notes, timers=tuple(_timers_that_go_on(new, before, after.open)))


def _changed_deadlines(
    old: Definition, new: Definition, before: Iterable[Open], after: Iterable[Open]
) -> list[MigrationNote]:
    """Tell every deadline that a move changes, in the order in which it is open.

    Timers, and the due dates of tasks for people: moved, gone, new; and those that keep their
    moment although they are drawn otherwise.
    """
    return list(_Deadlines(old, new, _dated(before), _dated(after)).notes())


class _Deadlines:
    """Compares the deadlines before a move with those after it."""

    def __init__(self, old: Definition, new: Definition, before: _Work, after: _Work) -> None:
        self.old = old
        self.new = new
        self.before = before
        self.after = after
        self.drawn_before, self.drawn_now = _drawn(old), _drawn(new)

    def notes(self) -> Iterator[MigrationNote]:
        """One note for each deadline."""
        for key, was in self.before.items():
            if key in self.after:
                yield from self._stays(was, self.after[key])
        gone = [work for key, work in self.before.items() if key not in self.after]
        begun = [work for key, work in self.after.items() if key not in self.before]
        gone, begun = ([w for w in works if w.kind == "timer"] for works in (gone, begun))
        for was in gone:
            becomes = self._successor(was, begun)
            if becomes is None:
                yield self._note("ended", was, None)
                continue
            begun.remove(becomes)
            yield self._note("anew" if becomes.element == was.element else "redrawn", was, becomes)
        for becomes in begun:
            yield self._note("again" if self._repeats_now(becomes) else "added", None, becomes)

    def _repeats_now(self, begun: Open) -> bool:
        """Is it a cycle that came once in the same place, as the old version had it?"""
        element = begun.element
        before = self.drawn_before.get(element)
        now = self.drawn_now.get(element)
        if before is None or now is None:
            return False
        is_here = place_of(self.old, element) == place_of(self.new, element)
        return is_here and before[0] != "cycle" and now[0] == "cycle"

    def _stays(self, was: Open, becomes: Open) -> Iterator[MigrationNote]:
        """What is open stays open: does its deadline?"""
        if was.due != becomes.due:
            yield self._note("due", was, becomes)
            return
        drawn, now = (d.get(was.element) for d in (self.drawn_before, self.drawn_now))
        if drawn == now or was.due is None:
            return
        if was.kind == "timer" and now is not None and now[0] == "cycle":
            yield self._note("repeats", was, becomes)
        elif was.kind == "timer" and drawn is not None and drawn[0] == "cycle":
            yield self._note("once", was, becomes)
        else:
            yield self._note("kept", was, becomes)

    def _successor(self, was: Open, begun: list[Open]) -> Open | None:
        """The timer that begins in place of one that is gone: the same element, else one on the
        same activity, of the same name if there is one.
        """
        host = place_of(self.old, was.element)
        same_host = [work for work in begun if host and place_of(self.new, work.element) == host]
        names = label(was.element, self.old)
        return next(
            (
                work
                for works, fits in (
                    (begun, lambda work: work.element == was.element),
                    (same_host, lambda work: label(work.element, self.new) == names),
                    (same_host, lambda work: work.element not in self.old.elements),
                )
                for work in works
                if fits(work)
            ),
            None,
        )

    def _note(self, code: str, was: Open | None, becomes: Open | None) -> MigrationNote:
        facts, element = dict[str, str](), ""
        if becomes is not None:
            element = becomes.element
            name = label(element, self.new, self.old)
            facts |= {"y" if was is not None else "x": name, "becomes": self._moment(becomes.due)}
        if was is not None:
            element = was.element
            facts |= {"x": label(element, self.old, self.new), "was": self._moment(was.due)}
        words = {key: text or NO_DATE for key, text in facts.items()}
        return MigrationNote(
            code,
            element,
            NOTES[code].format(**words),
            facts,
            was.due if was is not None else None,
            becomes.due if becomes is not None else None,
        )

    def _moment(self, due: datetime | None) -> str:
        """Civil time, to the minute; empty when there is none."""
        return "" if due is None else f"{due.astimezone(self.new.calendar.zone):%Y-%m-%d %H:%M}"


def _timers_that_go_on(
    new: Definition, before: Iterable[Open], after: Iterable[Open]
) -> Iterator[Open]:
    """Timers that a move lets run on, as they stand after it, and that count from a moment: to
    begin a date anew would change nothing.
    """
    ran = {work.id for work in before if work.kind == "timer"}
    events = awaited_events(new)
    for work in after:
        event = events.get(work.element)
        runs_on = work.kind == "timer" and work.id in ran
        if runs_on and isinstance(event, Timer) and event.kind != "date":
            yield work


def _dated(work: Iterable[Open]) -> _Work:
    return {(open_.kind, open_.id): open_ for open_ in work if open_.kind in _DATED}


def _drawn(definition: Definition) -> Mapping[str, tuple[object, ...]]:
    """How the time of every timer and of every task is drawn, by element."""
    drawn = {
        element: event.drawing
        for element, event in awaited_events(definition).items()
        if isinstance(event, Timer)
    }
    for scope in definition.scopes.values():
        for spec in scope.task_specs.values():
            if isinstance(spec, UserTask) and spec.schedule.due is not None:
                drawn[spec.element] = (source_text(spec.schedule.due), spec.schedule.working)
    return drawn
