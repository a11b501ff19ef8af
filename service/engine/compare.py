"""A case told twice: as it was, and as it would have been on a draft.

`replay.compare` is the way in.

Source: engine.md 13.3.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Final, TypeAlias

from service.engine.advance import advance
from service.engine.spiff.variable_checks import fits
from service.engine.types import (
    Advance,
    Answer,
    Complete,
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
from service.errors import CaseEnded, DueFirst, EngineStopped, NotWaiting, SeveralWait

if TYPE_CHECKING:
    from service.engine.definition import Definition

Lived: TypeAlias = "tuple[Stimulus, datetime, Advance]"
"""A fact: what happened, when, and what it brought."""
Address: TypeAlias = "tuple[str, str, int]"
"""Kind, element and number: the name of a piece of work on every definition."""
_Told: TypeAlias = "tuple[str, str, int]"

_OWN_TIME: Final = 100
"""Firings between two facts that happen at their own times; the rest comes late, as after downtime:
an hourly reminder is not told for years."""
_MOST: Final = 200
"""Timers and sample answers between two facts, and behind the last one; a draft that needs more
never rests."""
_PATH = frozenset({"entered", "left", "cancelled", "fired", "caught", "threw", "ended"})
"""Steps that tell the way; the others repeat it, or name what ids and words of a version are."""
_WORK = frozenset({"task", "job", "message"})


@dataclass(frozen=True, slots=True)
class RerunVerdict:
    """What would have become of a case on another definition.

    `kind`: `same` (same steps and ends), `other way` (decided otherwise, and still ends), `asks
    more` (work opens that has no recorded answer),
    `no longer asked` (recorded acts find no work), `stops` (the case could not go on; `detail` is
    the kind of the stop).
    """

    kind: str
    element: str = ""
    """Where it shows: the new question, the act without work, the place of the stop, the first step
    that differs."""
    fact: int = 0
    """Number of the fact, from 1, at which the first difference showed; 0 when there is none."""
    visited: frozenset[str] = frozenset()
    """Elements that the case passed on the draft."""
    ends: tuple[str, ...] = ()
    """Ends that it reached there."""
    detail: str = ""


class Rerun:
    """One case on a draft."""

    def __init__(
        self, draft: Definition, history: Sequence[Lived], samples: Mapping[str, Variables]
    ) -> None:
        self.draft = draft
        self.history = history
        self.samples = samples
        self.now = history[0][1]
        self.turn: Advance | None = None
        """The draft's last turn."""
        self.turns = 0
        self.number = 0
        """Of the fact that happens now."""
        self.told: list[tuple[_Told, int]] = []
        """The way on the draft, each step with its fact."""
        self.without_work: list[tuple[str, int]] = []
        """Recorded acts that found nothing: element and fact."""
        self.states: list[bytes] = []
        """The draft's state after each fact."""
        self.opened = {_address(o) for _, _, turn in history for o in turn.open}
        self.answered = {
            _address(work) for number in range(len(history)) if (work := self.work(number))
        }

    def work(self, number: int) -> Open | None:
        """The work that a fact named, as it was open before it."""
        stimulus, _, _ = self.history[number]
        before = self.history[number - 1][2].open if number else ()
        match stimulus:
            case Complete(id_) | Answer(id_) | Fail(id_) | Due(id_):
                return next((o for o in before if o.id == id_), None)
        return None

    # ---- the run

    def verdict(self) -> RerunVerdict:
        """Let everything happen again, and judge."""
        try:
            for number in range(1, len(self.history) + 1):
                self.follow(number)
            self.afterwards()
        except EngineStopped as stop:
            return self._verdict("stops", stop.element, self.number, stop.kind)
        return self.judge()

    def follow(self, number: int) -> None:
        """One fact."""
        self.number = number
        stimulus, now, _ = self.history[self.number - 1]
        self.ring(now)
        self.now = now
        if self.turn is None and not isinstance(stimulus, Start):
            # the draft has no such start, so nothing of the case happens on it
            self.nothing()
        elif (translated := self.translated(stimulus)) is not None:
            self.act(translated, now)
        self.states.append(self.turn.state if self.turn is not None else b"")

    def act(self, stimulus: Stimulus, now: datetime) -> None:
        """One turn on the draft, and the sample answers that it asks for."""
        self.turns += 1
        state = self.turn.state if self.turn is not None else b""
        try:
            self.turn = advance(self.draft, state, stimulus, now=now, seed=str(self.turns))
        except (CaseEnded, NotWaiting, SeveralWait):
            self.nothing()
            return
        except DueFirst:
            # a sample answer, while history has yet to fire what is due; the turn after that gives
            # it
            return
        self.told += [(step, self.number) for step in _way(self.turn)]
        asked = next(
            (
                o
                for o in self.turn.open
                if o.kind == "job" and o.what in self.samples and _address(o) not in self.answered
            ),
            None,
        )
        if asked is not None and self.turns < _MOST * (self.number + 1):
            self.act(Answer(asked.id, self.fitting(self.samples[asked.what])), now)

    def nothing(self) -> None:
        """A recorded act finds no work."""
        stimulus, work = self.history[self.number - 1][0], self.work(self.number - 1)
        named = (
            self.taken(stimulus.name)
            if isinstance(stimulus, Message)
            else getattr(stimulus, "element", None)
        )
        self.without_work.append((work.element if work is not None else named or "", self.number))

    def ring(self, now: datetime) -> None:
        """Fire the draft's timers that are due by now at their own times, but leave to history what
        it fired itself.
        """
        for place in range(_MOST):
            timer = self.due(now)
            if timer is None or timer.due is None:
                return
            self.act(Due(timer.id), max(timer.due, self.now) if place < _OWN_TIME else now)

    def due(self, now: datetime) -> Open | None:
        """The oldest timer that is due and did not wait, just so, in the case as it was: what
        waited there was fired by history, or taken away.
        """
        before = self.history[self.number - 2][2].open if self.number > 1 else ()
        kept = {(_address(o), o.due) for o in before if o.kind == "timer"}
        waiting = self.turn.open if self.turn is not None else ()
        late = [
            (o.due, o.id, o)
            for o in waiting
            if o.kind == "timer"
            and o.due is not None
            and o.due <= now
            and (_address(o), o.due) not in kept
        ]
        return min(late, key=lambda found: found[:2])[2] if late else None

    def afterwards(self) -> None:
        """A case that has ended goes on until the draft has ended too, or asks somebody."""
        if not self.history[-1][2].finished:
            return
        for _ in range(_MOST):
            if self.turn is None or self.turn.finished or self.questions():
                return
            timers = [
                (o.due, o.id) for o in self.turn.open if o.kind == "timer" and o.due is not None
            ]
            if not timers:
                return
            when, id_ = min(timers)
            self.now = max(when, self.now)
            self.act(Due(id_), self.now)

    def translated(self, stimulus: Stimulus) -> Stimulus | None:
        """The stimulus in the draft's ids; None when the draft has nothing to do with it."""
        match stimulus:
            case Start(variables, element, calendars):
                return Start(self.fitting(variables), element, calendars)
            case Message(name, variables, _, calendars):
                return Message(name, self.fitting(variables), self.taken(name), calendars)
            case Restore(then):
                return Restore(
                    self.states[
                        next(n for n, (_, _, turn) in enumerate(self.history) if turn.state == then)
                    ]
                )
            case Move():
                return None
        return self.addressed(stimulus)

    def addressed(self, stimulus: Stimulus) -> Stimulus | None:
        """An act on a piece of work, which has another id on the draft."""
        work = self.work(self.number - 1)
        here = self.there(work) if work is not None else None
        match stimulus:
            case Due():
                return (
                    Due(here.id)
                    if here is not None
                    and here.due is not None
                    and here.due <= self.history[self.number - 1][1]
                    else None
                )
            case _ if here is None:
                self.nothing()
            case Complete(_, variables, calendars):
                return Complete(here.id, self.fitting(variables), calendars)
            case Answer(_, variables, calendars):
                return Answer(here.id, self.fitting(variables), calendars)
            case Fail(_, code):  # pragma: no branch - the others name no work
                return Fail(here.id, code)
        return None

    def there(self, work: Open) -> Open | None:
        """The same work on the draft; in an activity for each item of a list it is the item that
        counts, should the order have changed.
        """
        alike = [
            o
            for o in (self.turn.open if self.turn is not None else ())
            if (o.kind, o.element, o.item) == (work.kind, work.element, work.item)
        ]
        return next(
            (o for o in alike if o.nth == work.nth),
            alike[0] if alike and work.item is not None else None,
        )

    def taken(self, name: str) -> str | None:
        """Who took the message in the case as it was."""
        return next(
            (
                s.element
                for s in self.history[self.number - 1][2].steps
                if s.what == "caught" and name in s.detail
            ),
            None,
        )

    def fitting(self, values: Variables) -> dict[str, Json]:
        """The values that the draft declares."""
        types = self.draft.types
        return {
            name: value
            for name, value in values.items()
            if name in types and fits(value, types[name])
        }

    # ---- the judgement

    def questions(self) -> list[Open]:
        """Work that is open on the draft and never was in the case."""
        return [o for o in self.waiting() if _address(o) not in self.opened]

    def waiting(self) -> list[Open]:
        """What somebody has to do before the draft goes on; a message at a border may come or not."""
        return (
            [
                o
                for o in self.turn.open
                if o.kind in _WORK and self.draft.elements[o.element].kind != "boundaryEvent"
            ]
            if self.turn is not None
            else []
        )

    def judge(self) -> RerunVerdict:
        """The verdict on a run that did not stop."""
        place, fact = self.difference()
        if questions := self.questions():
            order = {
                step[1:]: -n
                for n, (step, _) in enumerate(reversed(self.told))
                if step[0] == "entered"
            }
            return self._verdict(
                "asks more",
                min(questions, key=lambda o: order.get((o.element, o.nth), 1)).element,
                fact,
            )
        if unanswered := self.unanswered():
            return self._verdict("asks more", unanswered[0].element, fact)
        if self.without_work:
            return self._verdict(
                "no longer asked", self.without_work[0][0], fact or self.without_work[0][1]
            )
        return self._verdict("other way" if fact else "same", place, fact)

    def unanswered(self) -> list[Open]:
        """Work that waits on the draft although the case has ended, or no longer waited for it."""
        last = {_address(o) for o in self.history[-1][2].open}
        return [o for o in self.waiting() if _address(o) not in last]

    def difference(self) -> tuple[str, int]:
        """Where the two ways part: element and fact."""
        lived = [
            (step, number)
            for number, (_, _, turn) in enumerate(self.history, 1)
            for step in _way(turn)
        ]
        for (one, number), (other, there) in zip(self.told, lived, strict=False):
            if one != other:
                return one[1], min(number, there)
        if len(self.told) == len(lived):
            return "", 0
        (_, element, _), number = max(self.told, lived, key=len)[min(len(self.told), len(lived))]
        return element, number

    def _verdict(self, kind: str, element: str, fact: int, detail: str = "") -> RerunVerdict:
        visited = frozenset(element for (what, element, _), _ in self.told if what == "entered")
        return RerunVerdict(
            kind, element, fact, visited, self.turn.ends if self.turn is not None else (), detail
        )


def _address(work: Open) -> Address:
    return work.kind, work.element, work.nth


def _way(turn: Advance) -> Iterator[_Told]:
    """The steps of a turn without ids."""
    for step in turn.steps:
        if step.what in _PATH:
            yield step.what, step.element, step.nth
