"""form-js hides the questions of a shipped form that the server hides, whatever was answered."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final, TypeAlias

import pytest

from service.forms import Field
from service.forms.filled_form import FilledForm
from service.forms.scope import DIRECTORIES as DIRECTORY_OF
from tests.forms.paper import DIRECTORIES, NOW, ROOT, shipped
from tests.forms.random_answers import again, random_sending
from tests.support.machine import node, packages

EACH: Final = 25
"""How many times each form is filled in."""
FormJs: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]
"""Answers a question of `form_js.cjs`."""


@pytest.fixture(scope="module")
def form_js() -> Iterator[FormJs]:
    """form-js in a process of its own, one for all forms: to load it costs more than to ask it."""
    module = packages("@bpmn-io/form-js-viewer") / "dist/index.cjs"
    now = NOW.timestamp() * 1000
    with subprocess.Popen(
        [node(), str(Path(__file__).with_name("form_js.cjs")), str(module)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        bufsize=1,
    ) as process:
        asked, told = process.stdin, process.stdout
        assert asked is not None
        assert told is not None

        def ask(question: Mapping[str, Any]) -> dict[str, Any]:
            asked.write(json.dumps({**question, "now": now}) + "\n")
            answer: dict[str, Any] = json.loads(told.readline())
            return answer

        yield ask
    assert process.returncode == 0


@pytest.mark.parametrize("form_id", sorted(shipped()))
def test_form_js_hides_what_the_server_hides(form_id: str, form_js: FormJs) -> None:
    form, schema = shipped()[form_id], json.loads((ROOT / f"forms/{form_id}.form").read_bytes())
    sent = [random_sending(form, again(f"{form_id} {seed}")) for seed in range(EACH)]
    for one in (FilledForm(form, texts, case) for texts, case in sent):
        other = form_js({"schema": schema, "data": data_of(one)})
        assert other["warnings"] == []
        assert {p for p in other["hidden"] if is_in(p, one)} == set(hidden_answers(one))


def data_of(filled: FilledForm) -> dict[str, Any]:
    """What form-js is handed: all that the server knows, what it worked out too."""
    names = filled.names(filled.form.fields, filled.around, filled.values, "")
    options = {
        f"{kind}List": [{"value": code, "label": label} for code, label in DIRECTORIES[name]]
        for kind, name in DIRECTORY_OF.items()
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


def is_in(path: str, filled: FilledForm) -> bool:
    """Whether the server has the row that a path is in; form-js begins a list with an empty one."""
    parts = path.split(".")
    lists = ((".".join(parts[:n]), part) for n, part in enumerate(parts) if part.isdigit())
    return all(int(number) < len(filled.rows.get(at, ())) for at, number in lists)


def hidden_answers(filled: FilledForm) -> Iterator[str]:
    """The hidden questions, by the paths that form-js gives them; a list as a whole."""

    def inside(fields: tuple[Field, ...], ours: str, theirs: str, *, gone: bool) -> Iterator[str]:
        for field in (f for f in fields if f.key and not f.asked_in):
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
