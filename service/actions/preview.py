"""What a button will do in this very case: the turn is played on a copy of the state, told in sentences, and thrown away.

No handler is called and nothing is written. Sending does exactly what was said, if nobody moves the case meanwhile.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.actions import asking
from service.actions.house import House
from service.actions.turn import Held
from service.engine import Advance, Complete, Element, Message, Open, Stimulus, Variables, guarded
from service.errors import EngineStopped, TrestegError
from service.forms import Raw, check
from service.store import jobs, offices, tasks
from service.store.database import Tx

SECONDS = 0.3


@dataclass(frozen=True, slots=True)
class Consequence:
    """One thing that will happen: `kind` is task, call, letter, timer, end, stays or unknown; `facts` fill the sentence."""

    kind: str
    element: Element | None = None
    office: str = ""
    due: datetime | None = None
    role: str = ""
    consent: str = ""


def of_task(tx: Tx, house: House, held: Held, task: tasks.Task, answers: Raw, reader: asking.Reader) -> tuple[Consequence, ...]:
    """What sending these answers would bring. Answers that are not finished count as far as they can be read."""
    element = held.definition.elements[task.element]
    routing = _routing(tx, house, held, element, answers, reader)
    return _play(tx, house, held, Complete(task.id, routing), reader)


def of_message(tx: Tx, house: House, held: Held, name: str, element: Element, answers: Raw, reader: asking.Reader) -> tuple[Consequence, ...]:
    """What sending this message would bring."""
    return _play(tx, house, held, Message(name, _routing(tx, house, held, element, answers, reader)), reader)


def _routing(tx: Tx, house: House, held: Held, element: Element, answers: Raw, reader: asking.Reader) -> Variables:
    form = asking.form_of(held.release, element.form)
    if form is None:
        return {}
    checked = check(form, answers, asking.context(tx, house, held.release, held, reader))
    return dict(checked.routing)


def _play(tx: Tx, house: House, held: Held, stimulus: Stimulus, reader: asking.Reader) -> tuple[Consequence, ...]:
    try:
        outcome = guarded(held.definition, held.state, stimulus, now=reader.now, seed=str(held.case.rev + 1), seconds=SECONDS)
    except EngineStopped as e:
        return (Consequence("stops", held.definition.elements.get(e.element)),)
    except TrestegError:
        return (Consequence("unknown"),)
    names = {id_: office.name for id_, office in offices.everyone(tx).items()}
    before = {t.id for t in tasks.of_case(tx, held.case.id)} | {j.work_id for j in jobs.of_case(tx, held.case.id)}
    return tuple(_told(house, held, outcome, names, before))


def _told(house: House, held: Held, outcome: Advance, names: Mapping[str, str], before: Collection[str]) -> list[Consequence]:
    """New work as sentences, in the order in which it waits: people, handlers and their letters, timers; or the end of the case."""
    found: list[Consequence] = []
    for waits in outcome.open:
        element = held.definition.elements.get(waits.element)
        if waits.id in before or element is None:
            continue
        if waits.kind == "task":
            role = element.roles[0] if element.roles else ""
            found.append(Consequence("task", element, names.get(held.parties.get(role, ""), held.release.role_name(role, "sv")), waits.due, role))
        elif waits.kind == "job":
            found.append(Consequence("call", element))
            found += _letters(house, held, waits, names)
        elif waits.kind == "timer" and element.kind == "intermediateCatchEvent":
            found.append(Consequence("timer", element, due=waits.due))
    if outcome.finished:
        end = outcome.inner_end or (outcome.ends[-1] if outcome.ends else "")
        found.append(Consequence("end", held.definition.elements.get(end)))
    return found or [Consequence("stays")]


def _letters(house: House, held: Held, waits: Open, names: Mapping[str, str]) -> list[Consequence]:
    """Every letter that a handler may send, by the declaration; the handler itself is not asked."""
    declared = house.topics.get(waits.what)
    if declared is None:
        return []
    roles = dict.fromkeys(role for role, _ in declared.letters)
    return [
        Consequence("letter", None, names.get(held.parties.get(role, ""), held.release.role_name(role, "sv")), role=role, consent=declared.needs_consent)
        for role in roles
    ]
