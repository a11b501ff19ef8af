"""A test that lacks something is skipped by name, or fails where everything is required."""

from __future__ import annotations

import ast
import socket
from pathlib import Path

import pytest

from tests.support.machine import ASKED, corpus

TESTS = Path(__file__).parents[1]
OWN = frozenset({"machine.py", "test_machine.py"})


def test_missing_test_data_is_a_named_skip_elsewhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("TESTS_REQUIRE", raising=False)
    with pytest.raises(pytest.skip.Exception, match="nowhere does not lie beside the repository"):
        corpus("nowhere")


def test_missing_test_data_fails_where_everything_is_required(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TESTS_REQUIRE", "all")
    with pytest.raises(pytest.fail.Exception, match="nowhere does not lie beside the repository"):
        corpus("nowhere")


def test_no_test_asks_another_machine() -> None:
    for host in ("192.0.2.1", "db.example.org", "2001:db8::1"):
        with pytest.raises(
            PermissionError, match=f"tests ask no other machine, and this one asks {host}"
        ):
            socket.create_connection((host, 9))
    assert len(ASKED) == 3
    ASKED.clear()


def test_this_machine_may_be_asked() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()),
    ):
        assert ASKED == []


def test_no_test_skips_by_a_way_of_its_own() -> None:
    own = [
        f"{path.relative_to(TESTS)}:{node.lineno}"
        for path in sorted(TESTS.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Attribute) and path.name not in OWN
        if ast.unparse(node)
        in {"pytest.skip", "pytest.mark.skip", "pytest.mark.skipif", "pytest.importorskip"}
    ]
    assert own == []
