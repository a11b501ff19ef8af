"""Run of a case's recorded facts on a draft; `compare` judges it.

An act finds its work by kind, element and number, since ids differ between definitions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, TypeAlias

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.shared_turns import SpecName, TurnSource, alike
from service.engine.stored_state import LastState, with_digest
from service.engine.types import (
    Advance,
    Answer,
    Complete,
    Correct,
    Due,
    Fail,
    Json,
    Message,
    Move,
    Open,
    Restore,
    Start,
    Stimulus,
    Variables,
)
from service.engine.variable_checks import fits
from service.errors import CaseEnded, DueFirst, NotWaiting, SeveralWait

RecordedFact: TypeAlias = "tuple[Stimulus, datetime, Advance]"
"""A fact: what happened, when, and what it brought."""
Address: TypeAlias = "tuple[str, str, int]"
"""Kind, element and number: the name of a piece of work on every definition."""
PathStep: TypeAlias = "tuple[str, str, int]"
"""A step without ids: what happened, element and number."""

_OWN_TIME: Final = 100
"""Firings between two facts that happen at their own times; the rest comes late, as after downtime:
an hourly reminder is not fired one by one for years."""
_MOST: Final = 200
"""Timers and sample answers between two facts, and behind the last one; a draft that needs more
never rests."""
_READS_MORE = (Correct, Move, Restore)
"""Acts that read more of a definition than the specs of the tasks that exist."""
_PATH = frozenset({"entered", "left", "cancelled", "fired", "caught", "threw", "ended"})
"""Steps that make up the path; the others repeat it, or hold ids and words of a version."""
_WORK = frozenset({"task", "job", "message"})


class Rerun:
    """One case on a draft."""

    def __init__(
        self,
        draft: Definition,
        history: Sequence[RecordedFact],
        samples: Mapping[str, Variables],
        sources: Sequence[TurnSource] = (),
    ) -> None:
        self.draft = draft
        self.history = history
        self.sources = sources
        self.samples = samples
        self.now = history[0][1]
        self.turn: Advance | None = None
        """The draft's last turn."""
        self.applied: list[RecordedFact] = []
        """What happened on the draft, in its ids: a history as if the case had been on it."""
        self.applied_sources: list[TurnSource] = []
        """The source of each of those turns, in the same order."""
        self.last = LastState()
        self.turns = 0
        self.number = 0
        """Number of the fact that happens now, from 1."""
        self.path: list[tuple[PathStep, int]] = []
        """The path on the draft, each step with its fact."""
        self.without_work: list[tuple[str, int]] = []
        """Recorded acts that found no work: element and fact."""
        self.states: list[bytes] = []
        """The draft's state after each fact."""
        self.opened = {address(work) for _, _, turn in history for work in turn.open}
        works = (self._work(number) for number in range(1, len(history) + 1))
        self.answered = {address(work) for work in works if work}

    def run(self) -> None:
        """Let every fact happen again, and go on until the draft rests.

        Raises:
            EngineStopped: the case could not go on at `number`.
        """
        for number in range(1, len(self.history) + 1):
            self._follow(number)
        self._finish()

    def open_now(self) -> tuple[Open, ...]:
        """Open work on the draft now."""
        return self.turn.open if self.turn is not None else ()

    def waiting(self) -> list[Open]:
        """What somebody has to do before the draft goes on; a message at a boundary may come or
        not.
        """
        kinds = self.draft.elements
        return [
            work
            for work in self.open_now()
            if work.kind in _WORK and kinds[work.element].kind != "boundaryEvent"
        ]

    def questions(self) -> list[Open]:
        """Work that is open on the draft and never was in the case."""
        return [work for work in self.waiting() if address(work) not in self.opened]

    # ---- one fact

    def _follow(self, number: int) -> None:
        """Let one fact happen on the draft."""
        self.number = number
        stimulus, now, _ = self.history[number - 1]
        self._fire_timers(now)
        self.now = now
        if self.turn is None and not isinstance(stimulus, Start):
            # the draft has no such start, so nothing of the case happens on it
            self._note_without_work()
        elif (translated := self._translated(stimulus)) is not None:
            self._apply(translated, now)
        self.states.append(self.turn.state if self.turn is not None else b"")

    def _apply(self, stimulus: Stimulus, now: datetime) -> None:
        """Run one turn on the draft, and give the sample answers that it asks for."""
        self.turns += 1
        state = self.turn.state if self.turn is not None else b""
        try:
            self.turn, source = self._played(state, stimulus, now)
        except (CaseEnded, NotWaiting, SeveralWait):
            self._note_without_work()
            return
        except DueFirst:
            # a sample answer, while history has yet to fire what is due; the turn after that gives
            # it
            return
        self.applied.append((stimulus, now, self.turn))
        self.applied_sources.append(source)
        self.path += [(step, self.number) for step in path_steps(self.turn)]
        asked = next((work for work in self.turn.open if self._wants_sample(work)), None)
        if asked is not None and self.turns < _MOST * (self.number + 1):
            self._apply(Answer(asked.id, self._declared(self.samples[asked.what])), now)

    def _played(
        self, state: bytes, stimulus: Stimulus, now: datetime
    ) -> tuple[Advance, TurnSource]:
        """One turn on the draft: taken over from the history where the draft does the same, else
        run.
        """
        seed = str(self.turns)
        used = set[SpecName]()
        if (known := self._same_turn(state, stimulus, now, seed)) is not None:
            return known
        turn = advance(self.draft, state, stimulus, now=now, seed=seed, last=self.last, used=used)
        return turn, TurnSource(self.draft, seed, frozenset(used))

    def _same_turn(
        self, state: bytes, stimulus: Stimulus, now: datetime, seed: str
    ) -> tuple[Advance, TurnSource] | None:
        """The turn of the fact that happens now, if the draft would do just that."""
        if not self.sources:
            return None
        source, (recorded, at, turn) = self.sources[self.number - 1], self.history[self.number - 1]
        if isinstance(stimulus, _READS_MORE) or (seed, now, stimulus) != (
            source.seed,
            at,
            recorded,
        ):
            return None
        digest = self.draft.digest
        before = self.history[self.number - 2][2].state if self.number > 1 else b""
        if not source.used <= alike(source.definition, self.draft):
            return None
        if state != with_digest(before, digest):
            return None
        same = replace(turn, state=with_digest(turn.state, digest))
        return same, TurnSource(self.draft, seed, source.used)

    def _wants_sample(self, work: Open) -> bool:
        """Is it a call that was never made, for which there is a sample answer?"""
        sampled = work.kind == "job" and work.what in self.samples
        return sampled and address(work) not in self.answered

    def _note_without_work(self) -> None:
        """Note that a recorded act finds no work."""
        stimulus, work = self.history[self.number - 1][0], self._work(self.number)
        if work is not None:
            element = work.element
        elif isinstance(stimulus, Message):
            element = self._receiver(stimulus.name) or ""
        else:
            element = getattr(stimulus, "element", None) or ""
        self.without_work.append((element, self.number))

    def _work(self, number: int) -> Open | None:
        """The work that a fact named, as it was open before it."""
        stimulus, _, _ = self.history[number - 1]
        before = self.history[number - 2][2].open if number > 1 else ()
        match stimulus:
            case Complete(id_) | Answer(id_) | Fail(id_) | Due(id_):
                return next((work for work in before if work.id == id_), None)
            case Message(id=id_) if id_:
                return next((work for work in before if work.id == id_), None)
        return None

    # ---- timers of the draft

    def _fire_timers(self, now: datetime) -> None:
        """Fire the draft's timers that are due by now at their own times, but leave to history what
        it fired itself.
        """
        for fired in range(_MOST):
            timer = self._due_timer(now)
            if timer is None or timer.due is None:
                return
            self._apply(Due(timer.id), max(timer.due, self.now) if fired < _OWN_TIME else now)

    def _due_timer(self, now: datetime) -> Open | None:
        """The oldest timer that is due and did not wait, just so, in the case as it was: what
        waited there was fired by history, or taken away.
        """
        before = self.history[self.number - 2][2].open if self.number > 1 else ()
        kept = {(address(work), work.due) for work in before if work.kind == "timer"}
        late = [
            (due, work.id, work)
            for due, work in _dated(self.open_now())
            if due <= now and (address(work), due) not in kept
        ]
        return min(late, key=lambda timer: timer[:2])[2] if late else None

    def _finish(self) -> None:
        """Let a draft go on behind a case that has ended, until it ends too or asks somebody."""
        if not self.history[-1][2].finished:
            return
        for _ in range(_MOST):
            if self.turn is None or self.turn.finished or self.questions():
                return
            timers = [(due, work.id) for due, work in _dated(self.turn.open)]
            if not timers:
                return
            due, id_ = min(timers)
            self.now = max(due, self.now)
            self._apply(Due(id_), self.now)

    # ---- stimuli in the draft's ids

    def _translated(self, stimulus: Stimulus) -> Stimulus | None:
        """The stimulus in the draft's ids; None when the draft has nothing to do with it."""
        match stimulus:
            case Start(variables, element, calendars):
                return Start(self._declared(variables), element, calendars)
            case Message(name, variables, _, calendars, id_):
                recorded = self._work(self.number) if id_ else None
                work = self._same_work(recorded) if recorded is not None else None
                return Message(
                    name,
                    self._declared(variables),
                    self._receiver(name),
                    calendars,
                    work.id if work is not None else None,
                )
            case Restore(then):
                earlier = (n for n, (_, _, turn) in enumerate(self.history) if turn.state == then)
                return Restore(self.states[next(earlier)])
            case Correct(element, variables):
                known = element in self.draft.elements
                return Correct(element, self._declared(variables)) if known else None
            case Move():
                return None
        return self._addressed(stimulus)

    def _addressed(self, stimulus: Stimulus) -> Stimulus | None:
        """An act on a piece of work, which has another id on the draft."""
        recorded = self._work(self.number)
        work = self._same_work(recorded) if recorded is not None else None
        match stimulus:
            case Due():
                is_due = work is not None and work.due is not None and work.due <= self.now
                return Due(work.id) if work is not None and is_due else None
            case _ if work is None:
                self._note_without_work()
            case Complete(_, variables, calendars):
                return Complete(work.id, self._declared(variables), calendars)
            case Answer(_, variables, calendars):
                return Answer(work.id, self._declared(variables), calendars)
            case Fail(_, code):  # pragma: no branch - the others name no work
                return Fail(work.id, code)
        return None

    def _same_work(self, recorded: Open) -> Open | None:
        """The same work on the draft; in an activity for each item of a list it is the item that
        counts, should the order have changed.
        """
        wanted = (recorded.kind, recorded.element, recorded.item)
        alike = [w for w in self.open_now() if (w.kind, w.element, w.item) == wanted]
        any_of_item = alike[0] if alike and recorded.item is not None else None
        return next((work for work in alike if work.nth == recorded.nth), any_of_item)

    def _receiver(self, message: str) -> str | None:
        """The element that took the message in the case as it was."""
        steps = self.history[self.number - 1][2].steps
        caught = (s.element for s in steps if s.what == "caught" and message in s.detail)
        return next(caught, None)

    def _declared(self, values: Variables) -> dict[str, Json]:
        """The values that the draft declares."""
        types = self.draft.types
        return {
            name: value
            for name, value in values.items()
            if name in types and fits(value, types[name])
        }


def address(work: Open) -> Address:
    """The name of a piece of work on every definition."""
    return work.kind, work.element, work.nth


def path_steps(turn: Advance) -> Iterator[PathStep]:
    """The steps of a turn that make up its path, without ids."""
    for step in turn.steps:
        if step.what in _PATH:
            yield step.what, step.element, step.nth


def _dated(waiting: Sequence[Open]) -> Iterator[tuple[datetime, Open]]:
    """The timers that have a due time."""
    for work in waiting:
        if work.kind == "timer" and work.due is not None:
            yield work.due, work
