"""What a case was told: its answers, opened by class, the newest of each key and all before it."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import CLASSES
from service.security.vault import OwnerKey
from service.store.casefile import answers
from service.store.transaction import Tx


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


def load_answers(
    tx: Tx,
    key: OwnerKey,
    case_id: str,
    classes: Collection[str] = CLASSES,
    *,
    upto: int | None = None,
    forms: Collection[str] | None = None,
) -> list[GivenAnswer]:
    """Every answer of a case in these classes, oldest first; `forms` narrows it to what these forms
    were answered.

    Raises:
        CannotOpen: a row is not what was sealed.
    """
    return list(_opened(key, answers.of_case(tx, case_id, classes=classes, upto=upto, forms=forms)))


def _opened(key: OwnerKey, rows: Iterable[answers.Answers]) -> Iterable[GivenAnswer]:
    for row in rows:
        content, _ = key.open_committed(
            f"answers/{row.klass}",
            row.sealed,
            table="answers",
            column="sealed",
            row=row.id,
            extra=row.klass,
        )
        for name, value in json.loads(content).items():
            yield GivenAnswer(
                name,
                value,
                row.klass,
                row.by,
                row.office,
                row.at,
                row.form,
                row.element,
                row.nth,
                row.rev,
            )


def newest(all_told: Sequence[GivenAnswer]) -> dict[str, GivenAnswer]:
    """The last answer of each key."""
    return {one.key: one for one in all_told}


def series(all_told: Sequence[GivenAnswer]) -> dict[str, list[Any]]:
    """All answers of each key, oldest first."""
    found: dict[str, list[Any]] = {}
    for one in all_told:
        found.setdefault(one.key, []).append(one.value)
    return found


def by_class(
    values: Mapping[str, Any], fields: Mapping[str, tuple[str, str]]
) -> dict[str, dict[str, Any]]:
    """Answers of one form by the class of their field; a field without class counts as the
    narrowest.
    """
    found: dict[str, dict[str, Any]] = {}
    for key, value in values.items():
        klass, _ = fields.get(key, ("C3", ""))
        found.setdefault(klass, {})[key] = value
    return found
