"""form-js hides the questions of a shipped form that the server hides, whatever was answered."""

from __future__ import annotations

import json
import random
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import pytest

from service.forms import Field, Form, FormContext
from service.forms.filled_form import FilledForm
from service.forms.scope import DIRECTORIES as DIRECTORY_OF
from tests.forms.paper import DIRECTORIES, NOW, ROOT, a_case, shipped
from tests.support.machine import node, packages

EACH: Final = 25
"""How many times each form is filled in."""
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


@pytest.mark.parametrize("form_id", sorted(shipped()))
def test_form_js_hides_what_the_server_hides(form_id: str) -> None:
    form, schema = shipped()[form_id], json.loads((ROOT / f"forms/{form_id}.form").read_bytes())
    sent = [a_sending(form, again(f"{form_id} {seed}")) for seed in range(EACH)]
    filled = [FilledForm(form, texts, case) for texts, case in sent]
    told = form_js({"schema": schema, "data": data_of(one)} for one in filled)
    for one, other in zip(filled, told, strict=True):
        assert other["warnings"] == []
        assert {p for p in other["hidden"] if is_in(p, one)} == set(hidden_answers(one))


def again(seed: str) -> random.Random:
    return random.Random(seed)  # noqa: S311 - the same answers each time


def a_sending(form: Form, chance: random.Random) -> tuple[dict[str, list[str]], FormContext]:
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
            fill(field.fields, path + ".", chance, texts)
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


def data_of(filled: FilledForm) -> dict[str, Any]:
    """What form-js is handed: all that the server knows, what it worked out too."""
    names = filled.names(filled.form.fields, filled.around, filled.values, "")
    options = {
        name: [{"value": code, "label": label} for code, label in listed]
        for name, listed in DIRECTORIES.items()
    }
    return {**options, **{name: plain(value) for name, value in names.items()}}


def plain(value: object) -> Any:
    match value:
        case Decimal():
            return float(value)
        case date() | datetime():
            return value.isoformat()
        case list():
            return [plain(one) for one in value]
        case dict():
            return {key: plain(one) for key, one in value.items()}
    return value


def form_js(asked: Iterable[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    module = packages("@bpmn-io/form-js-viewer") / "dist/index.cjs"
    now = NOW.timestamp() * 1000
    done = subprocess.run(
        [node(), str(Path(__file__).with_name("form_js.cjs")), str(module)],
        input="".join(json.dumps({**one, "now": now}) + "\n" for one in asked),
        capture_output=True,
        text=True,
        check=True,
    )
    return map(json.loads, done.stdout.splitlines())


def is_in(path: str, filled: FilledForm) -> bool:
    """Whether the server has the row that a path is in; form-js begins a list with an empty one."""
    parts = path.split(".")
    lists = ((".".join(parts[:n]), part) for n, part in enumerate(parts) if part.isdigit())
    return all(int(number) < len(filled.rows.get(at, ())) for at, number in lists)


def hidden_answers(filled: FilledForm) -> Iterator[str]:
    """The hidden questions, by the paths that form-js gives them; a list as a whole."""

    def inside(fields: tuple[Field, ...], ours: str, theirs: str, *, gone: bool) -> Iterator[str]:
        for field in (f for f in fields if f.key):
            path, name = ours + field.key, theirs + field.key
            away = gone or path in filled.hidden
            if field.kind == "list" and not away:
                for count, n in enumerate(filled.rows.get(path, ())):
                    yield from inside(field.fields, f"{path}.{n}.", f"{name}.{count}.", gone=away)
            elif field.kind == "list" or not field.fields or field.is_worked_out:
                if away:
                    yield name
            else:
                yield from inside(field.fields, path + ".", name + ".", gone=away)

    return inside(filled.form.fields, "", "", gone=False)
