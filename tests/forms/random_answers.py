"""Forms that somebody filled in at random, the same each time."""

from __future__ import annotations

import random
from collections.abc import Iterable, Mapping
from typing import Any, Final

from service.forms import Field, Form, FormContext
from service.forms.scope import DIRECTORIES as DIRECTORY_OF
from tests.forms.paper import DIRECTORIES, a_case

KNOWN: Final[Mapping[str, tuple[Any, ...]]] = {
    "accompanyingChildren": (None, 0, 2),
    "activities": (None, [{"kind": "JOB", "state": "PLANNED"}]),
    "arrivalOn": (None, "2026-12-01"),
    "documentRight": (None, True, False),
    "eligibility": (None, {"result": "ELIGIBLE"}, {"result": "NOT_ELIGIBLE"}),
    "healthShared": (None, True, False),
    "isMinor": (None, True, False),
    "leftToUndo": (None, 0, 2),
    "referralDecision": (None, "APPROVED", "RETURNED"),
    "riskAssessedOn": (None, "2026-11-20"),
    "safeToTalk": (None, True, False),
}
"""Earlier answers of a case that conditions read."""


def again(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same answers each time


def random_sending(form: Form, chance: random.Random) -> tuple[dict[str, list[str]], FormContext]:
    """Some of the questions answered, in a case that knows something already."""
    texts: dict[str, list[str]] = {}
    fill(form.fields, "", chance, texts)
    known = {key: chance.choice(values) for key, values in KNOWN.items()}
    live = chance.sample(["REFER", "SHARE_HEALTH", "CONTACT_FAMILY"], chance.randint(0, 3))
    return texts, a_case(*live, **{key: v for key, v in known.items() if v is not None})


def fill(
    fields: Iterable[Field], prefix: str, chance: random.Random, texts: dict[str, list[str]]
) -> None:
    for field in fields:
        path = prefix + field.key
        if field.kind == "list":
            for number in range(chance.randint(0, 3)):
                fill(field.fields, f"{path}.{number}.", chance, texts)
        elif field.fields:
            if chance.random() < 0.7:
                fill([f for f in field.fields if not f.asked_in], path + ".", chance, texts)
        elif chance.random() < 0.7:
            texts[path] = [chance.choice(answers_of(field))]


def answers_of(field: Field) -> list[str]:
    """Texts that may be sent for one question."""
    if field.values:
        return list(field.values)
    if field.kind in DIRECTORY_OF:
        return [code for code, _ in DIRECTORIES[DIRECTORY_OF[field.kind]]]
    return {
        "number": ["0", "1", "3"],
        "date": ["2026-11-24", "2024-01-01", "2012-05-05"],
        "datetime": ["2026-11-20 10:00"],
    }.get(field.kind, ["x"])
