"""The tab of a case with its tasks, and with what waits without a person."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from service.casework.casefile.case_view import CaseView
from service.casework.cases.given_answers import may_correct
from service.casework.pages.tab_content import FIRST, ON_A_PAGE, TabContent
from service.casework.tasks.explanation import task_keys
from service.release.step_durations import Times, duration_text
from service.store.casefile import facts
from service.store.keyset import PageRequest, page_of_rows
from service.store.transaction import Tx
from service.store.work import jobs


@dataclass(frozen=True, slots=True)
class OpenTask:
    """A task that waits; without id it is not for this viewer."""

    id: str | None
    name: str
    at: str
    due: datetime | None
    claimed_by: str
    usual: str
    """How long the step usually takes, in words; empty when too few cases tell."""


def open_tasks(at: CaseView, times: Times) -> tuple[OpenTask, ...]:
    """The tasks that wait for people, whoever may do them.

    Args:
        times: how long steps usually take.
    """
    return tuple(
        OpenTask(
            t.key if at.mine(t) else None,
            at.name(t.element),
            at.places.get(t.office_id or "", "–"),
            t.due,
            at.names.get(t.claimed_by or "", ""),
            duration_text(times.get(t.element), at.lang),
        )
        for t in at.waiting
    )


@dataclass(frozen=True, slots=True)
class OpenWait:
    """A timer or a handler's call that waits."""

    text: str
    state: str
    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class FinishedTask:
    """A task that was completed or cancelled."""

    name: str
    by: str
    at: datetime
    how: str
    correct: int = 0
    """Number of the answer that the viewer may correct; 0 when she may not."""
    id: str = ""
    """Of the task, whose page tells what became of it; "" where the reader has no such page."""


@dataclass(frozen=True, slots=True)
class _Ending:
    """Where a task came to its end: with its own fact, or interrupted in that of another step."""

    fact: facts.Fact
    cancelled: str = ""
    """The element of the task that was interrupted; "" for the fact's own."""
    nth: int = 0
    """Which of the steps of the fact it was, from 1; 0 for the fact itself."""

    @property
    def key(self) -> str:
        return f"{self.fact.rev}.{self.nth}"


def all_tasks(tx: Tx, at: CaseView, step: PageRequest = FIRST) -> TabContent:
    """Open and waiting work of a case, and a page of what is finished.

    Args:
        tx: asks how long steps usually take, unless that is known lately.
        step: the page of finished tasks.
    """
    page = page_of_rows(list(_endings(at)), lambda ending: ending.key, step, ON_A_PAGE)
    times = at.services.usual.times(tx, at.case.process, at.now)
    values = {
        "open": open_tasks(at, times),
        "waits": tuple(_waits(at)),
        "finished": tuple(_finished(at, page.rows)),
        "previous": page.previous,
        "next": page.next,
    }
    return TabContent(values)


def _waits(at: CaseView) -> Iterable[OpenWait]:
    for job in jobs.of_case(at.at_hand, at.case.id):
        timer = job.kind == "timer"
        key = "case.waits_timer" if timer else "case.waits_call"
        yield OpenWait(
            text=at.say(key, task=at.name(job.element)),
            state="incident" if job.state == "stopped" else "waiting",
            since=_last_at(at, job.element) or at.case.opened_at,
            until=job.due if timer else None,
        )


def _last_at(at: CaseView, element: str) -> datetime | None:
    """When the case was last at an element."""
    passed = (f.at for f in reversed(at.history) if any(e == element for _, e, *_ in f.steps))
    return next(passed, None)


def _endings(at: CaseView) -> Iterator[_Ending]:
    """Where each task came to its end that is over, the newest first."""
    elements = at.visibility.definition.elements
    for fact in reversed(at.history):
        if fact.kind == "complete" or (fact.kind == "start" and _correctable(at, fact)):
            yield _Ending(fact)
        for nth, (what, id_, *_) in enumerate(fact.steps, 1):
            element = elements.get(id_)
            if what == "cancelled" and element is not None and element.kind == "userTask":
                yield _Ending(fact, id_, nth)


def _finished(at: CaseView, endings: Iterable[_Ending]) -> Iterator[FinishedTask]:
    """Tasks that are over."""
    linked = at.key is not None and at.visibility.by_office
    keys = task_keys(at.key, at.history) if at.key is not None and linked else {}
    for ending in endings:
        fact, name = ending.fact, at.name(ending.fact.element)
        if ending.cancelled:
            how = at.say("case.interrupted")
            yield FinishedTask(at.name(ending.cancelled), name, fact.at, how)
            continue
        by = at.who(fact.actor, fact.office)
        correct = _correctable(at, fact)
        if fact.kind == "start":
            yield FinishedTask(name, by, fact.at, "", correct)
        else:
            how = _button(at, fact.rev)
            key = keys.get(fact.rev, "")
            yield FinishedTask(name, by, fact.at, how, correct, key)


def _correctable(at: CaseView, fact: facts.Fact) -> int:
    """The number of a fact whose answers the viewer may correct, else 0."""
    element = at.visibility.definition.elements.get(fact.element)
    may = at.case.status != "ended" and may_correct(at.viewer, fact, element, at.parties)
    return fact.rev if may else 0


def _button(at: CaseView, rev: int) -> str:
    """The answer of the button that was pressed, where the viewer may see it."""
    for answer in at.answers:
        field, form = at.field_of(answer) if answer.rev == rev else (None, None)
        if field is None or form is None or not field.buttons:
            continue
        if at.visibility.see(answer):
            return at.words.text(answer)
    return ""
