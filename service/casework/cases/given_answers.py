"""Stored answers of a case: opened by class, as the newest of each key or as a series; what a
correction corrects, and who may correct.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.access import CLASSES, Viewer
from service.engine import Element
from service.records import fact_format
from service.records.case_keys import CaseKeys
from service.store.at_hand import Reader, worked_out
from service.store.casefile import facts

CORRECTED_KINDS: Final = frozenset({"start", "complete"})
"""Kinds of facts whose answers can be corrected: a message is followed by another one."""
REASON: Final = "correction.why"
"""Name under which the reason of a correction lies among its answers, in the class of the most
sensitive of them. No field can have it: keys have no full stop."""
OPENED: Final = "opened answers"
"""Key of opened answers among what was worked out of rows at hand: a case, and its answers by
number of the fact and class."""


@dataclass(frozen=True, slots=True)
class GivenAnswer:
    """One answer to one field: the value, its class, who gave it for which office, when, and at
    which step.
    """

    key: str
    value: Any
    klass: str
    by: str
    office: str
    at: datetime
    form: str
    element: str
    nth: int
    rev: int
    correction: bool = False
    """Whether it stands in the place of what was answered at the same step before."""

    @property
    def place(self) -> tuple[str, str, int]:
        """The question and the step at which it was asked; the same for a correction."""
        return self.key, self.element, self.nth


def load_answers(
    reader: Reader,
    keys: CaseKeys,
    case_id: str,
    classes: Collection[str] = CLASSES,
    *,
    upto: int | None = None,
    forms: Collection[str] | None = None,
) -> list[GivenAnswer]:
    """Load and open the answers of a case in these classes, oldest first.

    Args:
        upto: number of the last fact whose answers count; None for all.
        forms: ids of the forms whose answers are wanted; None for all.
    Raises:
        CannotOpen: a row is not what was sealed.
    """
    rows = facts.answers(reader, case_id, classes=classes, upto=upto, forms=forms)
    of_case, opened = worked_out(reader).get(OPENED, ("", {}))
    if of_case != case_id:
        opened = {}
        worked_out(reader)[OPENED] = case_id, opened
    new = [row for row in rows if (row.rev, row.klass) not in opened]
    newest_keys = keys.newest(reader) if new else keys
    for row in new:
        opened[row.rev, row.klass] = [*open_answers(newest_keys, [row])]
    found = (answer for row in rows for answer in opened[row.rev, row.klass])
    return [answer for answer in found if answer.key != REASON]


def load_reasons(
    reader: Reader, keys: CaseKeys, case_id: str, classes: Collection[str] = CLASSES
) -> dict[int, GivenAnswer]:
    """Load why answers of a case were corrected, by the number of the correction."""
    rows = facts.answers(reader, case_id, classes=classes)
    corrections = [row for row in rows if row.kind == facts.CORRECTION]
    opened = open_answers(keys.newest(reader), corrections) if corrections else ()
    return {answer.rev: answer for answer in opened if answer.key == REASON}


def open_answers(keys: CaseKeys, rows: Iterable[facts.Answers]) -> Iterable[GivenAnswer]:
    """Open stored answers of a case.

    Raises:
        CannotOpen: a row is not what was sealed.
    """
    for row in rows:
        column = facts.COLUMN[row.klass]
        key = keys.of(row.office, row.klass)
        content, _ = fact_format.open_value(key, row.case_id, row.rev, column, row.sealed)
        for name, value in json.loads(content).items():
            yield GivenAnswer(
                key=name,
                value=value,
                klass=row.klass,
                by=row.actor,
                office=row.office,
                at=row.at,
                form=row.form,
                element=row.element,
                nth=row.nth,
                rev=row.rev,
                correction=row.kind == facts.CORRECTION,
            )


def newest(answers: Sequence[GivenAnswer]) -> dict[str, GivenAnswer]:
    """The last answer of each key."""
    return {answer.key: answer for answer in answers}


def series(answers: Sequence[GivenAnswer]) -> dict[str, list[Any]]:
    """Key to all its values, oldest first; a corrected one is as it was corrected last."""
    values: dict[str, list[Any]] = {}
    where: dict[tuple[str, str, int], int] = {}
    for answer in answers:
        listed = values.setdefault(answer.key, [])
        if answer.correction and answer.place in where:
            listed[where[answer.place]] = answer.value
        else:
            where[answer.place] = len(listed)
            listed.append(answer.value)
    return values


def by_class(
    values: Mapping[str, Any], fields: Mapping[str, tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Answers of one form by the class of their field; a field without class counts as the
    narrowest.
    """
    classes: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        klass, _ = fields.get(key, ("C3", ""))
        classes.setdefault(klass, {})[key] = value
    return classes


def texts_of(value: object) -> Iterator[str]:
    """Every text in an answer, however deep: the ids of its documents are among them."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from texts_of(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts_of(inner)


def corrected_fact(history: Collection[facts.Fact], correction: facts.Fact) -> facts.Fact | None:
    """The fact whose answers a correction corrects."""
    step = (correction.element, correction.nth, correction.form)
    earlier = (f for f in history if f.rev < correction.rev and f.kind in CORRECTED_KINDS)
    return next((f for f in earlier if (f.element, f.nth, f.form) == step), None)


def first_fact(history: Collection[facts.Fact], answer: GivenAnswer) -> int:
    """Number of the fact that gave an answer first, before any correction of it."""
    made = (f for f in history if f.rev == answer.rev and f.kind == facts.CORRECTION)
    first = next((corrected_fact(history, fact) for fact in made), None)
    return first.rev if first is not None else answer.rev


def may_correct(
    viewer: Viewer, fact: facts.Fact, element: Element | None, holders: Mapping[str, str]
) -> bool:
    """Whether a person may correct what a fact answered: her office sent it and has the role of the
    step still, and she holds that role.

    Args:
        element: the step, as the case's release has it.
        holders: role to office.
    """
    if (
        element is None
        or fact.kind not in CORRECTED_KINDS
        or not fact.form
        or fact.office != viewer.office
    ):
        return False
    return any(
        role in viewer.lane_roles and holders.get(role) == viewer.office for role in element.roles
    )
