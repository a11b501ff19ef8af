"""A log line holds ids and kinds, whatever somebody tries to write into it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError
from structlog import DropEvent

from service.errors import Busy
from service.logs import ALLOWED, DROPPED, EVENTS, described, leave_out, only_allowed

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


def test_what_a_demo_does_on_purpose_is_left_out_meanwhile() -> None:
    with leave_out("job_failed"):
        with pytest.raises(DropEvent):
            only_allowed(None, "error", {"event": "job_failed"})
        assert only_allowed(None, "error", {"event": "round_failed"})
    assert only_allowed(None, "error", {"event": "job_failed"})


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


def test_every_event_is_told_in_the_reference() -> None:
    found = {"request"}  # its level is chosen by the status
    for path in (ROOT / "service").rglob("*.py"):
        if "frontend" not in path.parts:
            text = path.read_text("utf-8")
            found |= set(re.findall(r'\blog\.\w+\(\s*"(\w+)"', text))
            found |= set(re.findall(r'\.failed\([\w."]+, "(\w+)"', text))
    assert found == set(EVENTS)
    keys = {key for about in EVENTS.values() for key in re.findall(r"`(\w+)`", about)}
    assert keys <= ALLOWED


def test_a_fault_is_described_without_its_words() -> None:
    secret = "a name of somebody"
    try:
        described(None)  # type: ignore[arg-type]  # so that it breaks inside our own code
    except AttributeError as e:
        said = described(e)
    assert said["where"].startswith("service.logs:")
    assert (said["fault"], said["error"]) == ("AttributeError", "error")
    assert described(Busy(secret, driver="SQLITE_FULL"))["driver"] == "SQLITE_FULL"
    assert described(DataError("INSERT", {}, ValueError(secret)))["driver"] == "ValueError"
    assert secret not in str([described(Busy(secret)), described(KeyError(secret))])
