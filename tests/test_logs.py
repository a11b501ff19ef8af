"""A log line holds ids and kinds, whatever somebody tries to write into it."""

from __future__ import annotations

import ast
from pathlib import Path

from service.logs import ALLOWED, DROPPED, only_allowed

ROOT = Path(__file__).parent.parent


def test_what_is_not_on_the_list_is_dropped_and_counted() -> None:
    kept = only_allowed(
        None, "info", {"event": "x", "case": "01J", "givenNames": "Fiktiva", "status": 200}
    )
    assert kept == {"event": "x", "case": "01J", "status": 200}
    assert DROPPED.pop("givenNames") == 1


def test_a_line_break_does_not_begin_another_line() -> None:
    assert only_allowed(None, "info", {"event": "a\nb\rc"})["event"] == "a b c"


def test_a_long_text_is_cut() -> None:
    assert len(only_allowed(None, "info", {"event": "x" * 999})["event"]) == 120


def test_every_log_call_names_only_keys_of_the_list() -> None:
    wrong = []
    for path in (ROOT / "service").rglob("*.py"):
        if "frontend" in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Attribute)
                and isinstance(node.func.value, ast.Name)
                and node.func.value.id == "log"
            ):
                wrong += [
                    f"{path.name}:{node.lineno} {k.arg}"
                    for k in node.keywords
                    if k.arg is not None and k.arg not in ALLOWED
                ]
    assert wrong == []
