"""Promises watched in every case: what its facts say against the sentences of the release on which
each of them was made.

The diagram proves most promises before a release is published (`service.engine.lint.promises`).
Here the same sentences are held against what really happened. `only R does X` is no matter of a
case's facts: the lane says it, and the door asks. Source: screens.md P9, programme.md 11.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from service.actions.context import Services
from service.actions.releases.labels import element_name
from service.actions.releases.prepared import PreparedRelease
from service.engine import Definition, Promise
from service.store.casefile.cases import CaseSummary
from service.store.casefile.facts import Fact
from service.store.transaction import Tx
from service.text import say

BEGUN = frozenset({"entered", "caught", "fired"})
"""Steps with which a token comes to a place; events on a border are not entered."""
DONE = frozenset({"left", "caught", "fired"})
"""Steps with which a place is done."""
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
    """A case's history before the promises of one of its releases."""

    events: Sequence[_Event]
    release: PreparedRelease
    definition: Definition
    ended: bool
    now: datetime

    def of(self, element: str, whats: frozenset[str]) -> Iterator[tuple[int, _Event]]:
        """Where one of these happened at the element, as far as this release was in force."""
        for n, event in enumerate(self.events):
            if (
                event.element == element
                and event.what in whats
                and event.fact.release_id == self.release.id
            ):
                yield n, event

    def before(self, n: int, element: str) -> bool:
        """Whether the element was done before a place of the history."""
        return any(e.element == element and e.what in DONE for e in self.events[:n])

    def frames(self, element: str) -> frozenset[str]:
        """The sub-processes and calls around an element: when one of them is interrupted, nothing
        more is owed inside it.
        """
        found: set[str] = set()
        todo = [element]
        for id_ in todo:  # grows while it is walked
            one = self.definition.elements.get(id_)
            around = (
                [
                    one.scope,
                    *(e.id for e in self.definition.elements.values() if e.calls == one.scope),
                ]
                if one is not None
                else []
            )
            todo += [id_ for id_ in around if id_ not in found]
            found.update(around)
        return frozenset(found)


def broken_promises(
    tx: Tx, services: Services, case: CaseSummary, history: Sequence[Fact], now: datetime
) -> list[BrokenPromise]:
    """The promises that a case has broken, each once, in the order in which it broke them.

    Args:
        history: the case's facts, oldest first.
        now: aware; a deadline that has not passed is no breach yet.
    """
    events = [
        _Event(fact, str(what), str(element))
        for fact in history
        for what, element, *_ in fact.steps
    ]
    found: dict[str, BrokenPromise] = {}
    for release_id in dict.fromkeys(fact.release_id for fact in history):
        release = services.release(tx, release_id)
        watch = _PromiseCheck(
            events, release, release.definitions[case.process], case.status == "ended", now
        )
        for promise in watch.definition.promises:
            for event in _WATCHERS.get(promise.form, _nothing)(watch, promise):
                found.setdefault(
                    promise.text, BrokenPromise(case.id, promise, event.fact.rev, event.fact.at)
                )
    return sorted(found.values(), key=lambda breach: breach.rev)


def promise_text(
    release: PreparedRelease, definition: Definition, promise: Promise, lang: str
) -> str:
    """A promise in the reader's language, with the names that people know."""
    x, y = (
        element_name(definition.elements[id_], lang) if id_ in definition.elements else id_
        for id_ in (promise.x, promise.y)
    )
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


def _nothing(_watch: _PromiseCheck, _promise: Promise) -> Iterator[_Event]:
    return iter(())


def _never(watch: _PromiseCheck, promise: Promise) -> Iterator[_Event]:
    return (event for n, event in watch.of(promise.x, BEGUN) if not watch.before(n, promise.y))


def _followed(watch: _PromiseCheck, promise: Promise) -> Iterator[_Event]:
    frames = watch.frames(promise.x)
    for n, event in watch.of(promise.x, OVER):
        until = event.fact.at + timedelta(days=promise.days) if promise.days else None
        soon = [
            (m, e)
            for m, e in enumerate(watch.events)
            if e.fact.rev >= event.fact.rev and (until is None or e.fact.at <= until)
        ]
        kept = any(m > n and e.element == promise.y and e.what in DONE for m, e in soon)
        stopped = any(e.what == "cancelled" and e.element in frames for _, e in soon)
        late = watch.ended or (until is not None and watch.now > until)
        if late and not kept and not stopped:
            yield event


def _field(watch: _PromiseCheck, promise: Promise) -> Iterator[_Event]:
    for element in watch.definition.elements.values():
        form = watch.release.forms.get(element.form)
        if (
            form is None
            or promise.role not in element.roles
            or all(field.key != promise.field for field in form.fields)
        ):
            continue
        for n, event in watch.of(element.id, BEGUN):
            told_before = watch.events[:n]
            if element.id != promise.x and not any(
                e.element == promise.x and e.what in BEGUN for e in told_before
            ):
                yield event


_WATCHERS: Mapping[str, Callable[[_PromiseCheck, Promise], Iterator[_Event]]] = {
    "never": _never,
    "followed": _followed,
    "field": _field,
}
