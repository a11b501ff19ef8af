"""Promises of the process, checked against the facts of each case.

The linter proves most promises before a release is published (`service.engine.lint.promises`); here
the same sentences are checked against what really happened. `only R does X` cannot be seen in a
case's facts: the lane says it, and the commands require it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.casework.casefile.step_list import kind_name
from service.engine import Definition, Promise
from service.records.context import Services
from service.release.labels import element_name
from service.release.prepared import PreparedRelease
from service.store.at_hand import Reader
from service.store.casefile.cases import CaseSummary
from service.store.casefile.facts import Fact
from service.text import say

BEGUN = frozenset({"entered", "caught", "fired"})
"""Steps with which a token arrives at an element; boundary events are not entered."""
DONE = frozenset({"left", "caught", "fired"})
"""Steps with which an element is completed."""
OVER = DONE | {"cancelled"}


@dataclass(frozen=True, slots=True)
class BrokenPromise:
    """A promise that a case broke, and the fact with which it did."""

    case: str
    promise: Promise
    rev: int
    at: datetime

    def __str__(self) -> str:
        return f"{self.case} fact {self.rev}: the promise was broken: {self.promise.text}"


@dataclass(frozen=True, slots=True)
class _Event:
    fact: Fact
    what: str
    element: str


@dataclass(frozen=True, slots=True)
class _PromiseCheck:
    """The history of a case, to be checked against the promises of one of its releases."""

    events: Sequence[_Event]
    release: PreparedRelease
    definition: Definition
    ended: bool
    now: datetime

    def days_after(self, start: datetime, days: int) -> datetime:
        """When so many days are over, as civil days and as days of 24 hours."""
        length = timedelta(days=days)
        return max(start + length, self.definition.calendar.later(start, length))

    def of(self, element: str, whats: frozenset[str]) -> Iterator[tuple[int, _Event]]:
        """Yield the events of these kinds at an element, with their places in the history.

        Only those of facts that were made on this release.
        """
        for n, event in enumerate(self.events):
            at_element = event.element == element and event.what in whats
            if at_element and event.fact.release_id == self.release.id:
                yield n, event

    def before(self, n: int, element: str) -> bool:
        """Whether the element was completed before a place of the history."""
        return any(e.element == element and e.what in DONE for e in self.events[:n])

    def frames(self, element: str) -> frozenset[str]:
        """Find the sub-processes and call activities around an element.

        When one of them is interrupted, no promise inside it is owed any more.
        """
        elements = self.definition.elements
        frames: set[str] = set()
        todo = [element]
        for id_ in todo:  # grows while it is walked
            inner = elements.get(id_)
            if inner is None:
                continue
            calls = [outer.id for outer in elements.values() if outer.calls == inner.scope]
            around = [inner.scope, *calls]
            todo += [outer for outer in around if outer not in frames]
            frames.update(around)
        return frozenset(frames)


def broken_promises(
    reader: Reader, services: Services, case: CaseSummary, history: Sequence[Fact], now: datetime
) -> list[BrokenPromise]:
    """List the promises that a case has broken, each once, in the order in which it broke them.

    Args:
        history: the case's facts, oldest first.
        now: aware; a deadline that has not passed is no breach yet.
    """
    events = [
        _Event(fact, str(what), str(element))
        for fact in history
        for what, element, *_ in fact.steps
    ]
    broken: dict[str, BrokenPromise] = {}
    for release_id in dict.fromkeys(fact.release_id for fact in history):
        release = services.release(reader, release_id)
        definition, ended = release.definitions[case.process], case.status == "ended"
        check = _PromiseCheck(events, release, definition, ended, now)
        for promise in definition.promises:
            for event in _CHECKS.get(promise.form, _unchecked)(check, promise):
                breach = BrokenPromise(case.id, promise, event.fact.rev, event.fact.at)
                broken.setdefault(promise.text, breach)
    return sorted(broken.values(), key=lambda breach: breach.rev)


def promise_text(
    release: PreparedRelease, definition: Definition, promise: Promise, lang: str
) -> str:
    """Write out a promise in a language, with the names of its elements, role and field."""
    x, y = (_step_name(definition, id_, lang) for id_ in (promise.x, promise.y))
    fields = (
        form.say(field.label, lang)
        for form in release.forms.values()
        for field in form.fields
        if field.key == promise.field
    )
    return say(
        f"promise.{promise.form}",
        lang,
        x=x,
        y=y,
        role=release.role_name(promise.role, lang),
        field=next(fields, promise.field),
        n=promise.days,
    )


def _step_name(definition: Definition, id_: str, lang: str) -> str:
    """The name of a step; of one without a name its kind, and what it is part of."""
    element = definition.elements.get(id_)
    if element is None or element.names:
        return element_name(element, lang) if element is not None else id_
    around = definition.elements.get(element.scope)
    kind = kind_name(element, lang)
    return f"{kind}: {element_name(around, lang)}" if around is not None else kind


def _unchecked(_check: _PromiseCheck, _promise: Promise) -> Iterator[_Event]:
    return iter(())


def _never(check: _PromiseCheck, promise: Promise) -> Iterator[_Event]:
    """`never X before Y`: X began, and Y was not completed."""
    return (event for n, event in check.of(promise.x, BEGUN) if not check.before(n, promise.y))


def _followed(check: _PromiseCheck, promise: Promise) -> Iterator[_Event]:
    """`X always followed by Y within N days`: X is over, and Y did not come in time."""
    frames = check.frames(promise.x)
    for n, event in check.of(promise.x, OVER):
        until = check.days_after(event.fact.at, promise.days) if promise.days else None
        soon = [
            (m, e)
            for m, e in enumerate(check.events)
            if e.fact.rev >= event.fact.rev and (until is None or e.fact.at <= until)
        ]
        kept = any(m > n and e.element == promise.y and e.what in DONE for m, e in soon)
        stopped = any(e.what == "cancelled" and e.element in frames for _, e in soon)
        late = check.ended or (until is not None and check.now > until)
        if late and not kept and not stopped:
            yield event


def _field(check: _PromiseCheck, promise: Promise) -> Iterator[_Event]:
    """`field F never reaches R before X`: a task of R asks for F, and X had not begun."""
    for element in check.definition.elements.values():
        form = check.release.forms.get(element.form)
        if form is None or promise.role not in element.roles:
            continue
        if all(field.key != promise.field for field in form.fields):
            continue
        for n, event in check.of(element.id, BEGUN):
            earlier = [e for e in check.events[:n] if e.element == promise.x]
            if element.id != promise.x and not any(e.what in BEGUN for e in earlier):
                yield event


_CHECKS: Mapping[str, Callable[[_PromiseCheck, Promise], Iterator[_Event]]] = {
    "never": _never,
    "followed": _followed,
    "field": _field,
}
