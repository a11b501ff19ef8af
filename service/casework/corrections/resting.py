"""Dependents of a corrected value: steps passed, open tasks, and offices that have seen it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime

from service.casework.corrections.changes import AnswerChanges
from service.casework.corrections.sent_answer import SentAnswer
from service.casework.tasks.explanation import element_reads
from service.engine import Element
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.store.work import tasks

READS = 400
"""Reads of a case among which those of the value are looked for."""


def passed_steps(sent: SentAnswer, changes: AnswerChanges) -> list[Element]:
    """Decisions, rules and gateways that read the corrected value and were passed since the answer
    was given, in the order of passing.
    """
    definition, changed = sent.loaded.definition, {*changes.answers, *changes.variables}
    decisions = sent.configuration.corrections.decisions
    found: dict[str, Element] = {}
    for fact in sent.history:
        if fact.rev < sent.fact.rev:
            continue
        passed = [place for what, place, *_ in fact.steps if what in ("took", "decided")]
        element = definition.elements.get(fact.element)
        decided = element is not None and element.id in decisions and fact.kind == "complete"
        if element is not None and decided and changed & _form_reads(sent, element):
            found.setdefault(element.id, element)
        for place in filter(None, map(definition.elements.get, passed)):
            if element_reads(definition, place) & changes.variables.keys():
                found.setdefault(place.id, place)
    return list(found.values())


def weigher(sent: SentAnswer, changes: AnswerChanges) -> str:
    """Who is to weigh the correction, as the programme's routing name says it; "" when nothing that
    was passed rested on the value, or the diagram knows no such message.
    """
    rules, steps = sent.configuration.corrections, passed_steps(sent, changes)
    if not steps or rules.message not in sent.loaded.definition.messages:
        return ""
    return rules.weigher({role for step in steps for role in step.roles})


def concerned_offices(
    tx: Tx, sent: SentAnswer, changes: AnswerChanges, since: datetime
) -> list[str]:
    """Offices that get a letter about a correction: other offices of the case that have seen the
    value since it was given, or have an open task whose form asks for it or reads it.
    """
    holders = set(sent.loaded.parties.values())
    found = {*_readers(tx, sent, changes, since), *_with_task(tx, sent, changes)}
    found &= holders - {sent.visibility.viewer.office}
    known = offices.everyone(tx)
    return sorted(id_ for id_ in found if id_ in known and known[id_].address is not None)


def _readers(tx: Tx, sent: SentAnswer, changes: AnswerChanges, since: datetime) -> Iterable[str]:
    """Offices that have read answers of these classes since."""
    classes, stream = set(changes.classes(sent)), f"reads/{sent.loaded.case.id}"
    kinds = ("read", "print")
    for entry in ledger_entries.latest(tx, stream, kinds=kinds, limit=READS):
        if entry.at >= since and classes & set(json.loads(entry.body).get("classes", ())):
            yield entry.office


def _with_task(tx: Tx, sent: SentAnswer, changes: AnswerChanges) -> Iterable[str]:
    for task in tasks.of_case(tx, sent.loaded.case.id):
        element = sent.loaded.definition.elements.get(task.element)
        reads = _form_reads(sent, element) if element is not None else set()
        if task.office_id is not None and reads & changes.answers.keys():
            yield task.office_id


def _form_reads(sent: SentAnswer, element: Element) -> set[str]:
    """The names that the form of a step asks for or reads."""
    form = sent.loaded.release.forms.get(element.form)
    return {*form.uses, *(field.key for field in form.fields)} if form is not None else set()
