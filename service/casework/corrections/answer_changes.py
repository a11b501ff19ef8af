"""Changes of a correction: each value with the one before, the steps that were passed on it, and
the offices that it concerns.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from service.access import CLASSES
from service.casework.cases import given_answers
from service.casework.cases.given_answers import REASON
from service.casework.commands.button_preview import element_reads
from service.casework.corrections.sent_answer import SentAnswer
from service.engine import Element, Variables
from service.forms import CheckedAnswers, Json
from service.security import ledger_lines
from service.security.purposes import CORRECTION
from service.security.records import LedgerEntry
from service.store.at_hand import Read, Reader
from service.store.installation import ledger_entries, offices
from service.store.work import tasks

READS = 400
"""Reads of a case among which those of the value are looked for."""


@dataclass(frozen=True, slots=True)
class AnswerChanges:
    """Differences that a correction makes; empty when there are none."""

    answers: Mapping[str, Json] = field(default_factory=dict)
    """Field to its new value; None where it has no answer any more."""
    variables: Variables = field(default_factory=dict)
    """Routing name to its new value. A name that another step has set since is left out: the case
    goes by the later value."""

    @classmethod
    def between(
        cls, sent: SentAnswer, before: CheckedAnswers, after: CheckedAnswers
    ) -> AnswerChanges:
        """Compare two readings of a form as of the same moment, so that values which only time has
        changed do not count as changes.
        """
        known = sent.loaded.variables
        variables = {
            name: after.routing.get(name)
            for name in _differing(before.routing, after.routing, sent.fixed)
            if known.get(name) == before.routing.get(name)
        }
        changed = _differing(before.answers, after.answers, sent.fixed)
        return cls({key: after.answers.get(key) for key in changed}, variables)

    def classes(self, sent: SentAnswer) -> list[str]:
        """The classes of the fields, the most sensitive last."""
        of_field = _classes(sent)
        return sorted({of_field.get(key, ("C3", ""))[0] for key in self.answers}, key=CLASSES.index)

    def sealed(self, sent: SentAnswer, reason: str) -> dict[str, dict[str, Json]]:
        """The new answers by class, and among the most sensitive of them the reason."""
        by_class = given_answers.by_class(self.answers, _classes(sent))
        by_class[self.classes(sent)[-1]][REASON] = reason
        return by_class

    def digest(self, sent: SentAnswer) -> str:
        """A keyed digest of exactly this correction, for who approves it: hex."""
        what: dict[str, Any] = {"fact": sent.fact.rev, "answers": dict(self.answers)}
        return sent.loaded.key.digest(CORRECTION, ledger_lines.canonical(what))


@dataclass(frozen=True, slots=True)
class CorrectedAnswer:
    """A field that was corrected: what it said before, and what it says since."""

    new: given_answers.GivenAnswer
    old: given_answers.GivenAnswer | None


def corrected_answers(
    answers: Collection[given_answers.GivenAnswer],
) -> dict[int, list[CorrectedAnswer]]:
    """The fields that each correction of a case changed, by the number of its fact.

    Args:
        answers: of the case, oldest first.
    """
    before: dict[tuple[str, str, int], given_answers.GivenAnswer] = {}
    found: dict[int, list[CorrectedAnswer]] = {}
    for answer in answers:
        if answer.correction:
            old = before.get(answer.place)
            found.setdefault(answer.rev, []).append(CorrectedAnswer(answer, old))
        before[answer.place] = answer
    return found


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
    """Value of the routing name that says who weighs the correction; "" when no passed step rested
    on the value, or the diagram has no message for it.
    """
    rules, steps = sent.configuration.corrections, passed_steps(sent, changes)
    if not steps or rules.weigh.message not in sent.loaded.definition.messages:
        return ""
    return rules.weigher({role for step in steps for role in step.roles})


def reads_of_concerned(case_id: str) -> list[Read]:
    """What `concerned_offices` reads besides what a correction reads anyway."""
    return [_read_of_looks(case_id), (offices.DIRECTORY, {})]


def _read_of_looks(case_id: str) -> Read:
    """Entries of the read log in which it is looked who has seen a value."""
    kinds = ("read", "print")
    return ledger_entries.read_of_latest(f"reads/{case_id}", kinds=kinds, limit=READS)


def concerned_offices(
    reader: Reader, sent: SentAnswer, changes: AnswerChanges, since: datetime
) -> list[str]:
    """Offices that get a letter about a correction: other offices of the case that have seen the
    value since it was given, or have an open task whose form asks for it or reads it.
    """
    holders = set(sent.loaded.parties.values())
    found = {*_readers(reader, sent, changes, since), *_with_task(reader, sent, changes)}
    found &= holders - {sent.visibility.viewer.office}
    known = offices.everyone(reader)
    return sorted(id_ for id_ in found if id_ in known and known[id_].address is not None)


def _differing(
    before: Mapping[str, Json], after: Mapping[str, Json], fixed: Collection[str]
) -> list[str]:
    names = [name for name in {**before, **after} if name not in fixed]
    return [name for name in names if before.get(name) != after.get(name)]


def _classes(sent: SentAnswer) -> Mapping[str, tuple[str, str]]:
    return {one.key: (one.data_class, one.group) for one in sent.form.fields}


def _readers(
    reader: Reader, sent: SentAnswer, changes: AnswerChanges, since: datetime
) -> Iterable[str]:
    """Offices that have read answers of these classes since."""
    classes = set(changes.classes(sent))
    for entry in reader.all(LedgerEntry, *_read_of_looks(sent.loaded.case.id)):
        if entry.at >= since and classes & set(json.loads(entry.body).get("classes", ())):
            yield entry.office


def _with_task(reader: Reader, sent: SentAnswer, changes: AnswerChanges) -> Iterable[str]:
    for task in tasks.of_case(reader, sent.loaded.case.id):
        element = sent.loaded.definition.elements.get(task.element)
        reads = _form_reads(sent, element) if element is not None else set()
        if task.office_id is not None and reads & changes.answers.keys():
            yield task.office_id


def _form_reads(sent: SentAnswer, element: Element) -> set[str]:
    """The names that the form of a step asks for or reads."""
    form = sent.loaded.release.forms.get(element.form)
    return {*form.uses, *(field.key for field in form.fields)} if form is not None else set()
