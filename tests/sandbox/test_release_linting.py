"""What the children said of files is kept: nothing is read twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from service.sandbox.child_processes import ChildEnded
from service.sandbox.release_linting import LintProcesses
from tests.support.world import shipped

DIAGRAM, FORM = "workflows/return_case.bpmn", "forms/referral.form"


@pytest.fixture
def readers() -> Iterator[LintProcesses]:
    made = LintProcesses(60)
    yield made
    made.close()


@pytest.fixture
def asked(readers: LintProcesses, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """What was asked of the children, in order."""
    said: list[str] = []
    ask = readers._children.ask

    def listen(line: str) -> str:
        question: dict[str, Any] = json.loads(line)
        said.append(question["parts"])
        return ask(line)

    monkeypatch.setattr(readers._children, "ask", listen)
    return said


def test_the_same_files_are_read_once(readers: LintProcesses, asked: list[str]) -> None:
    first = readers.findings(shipped())
    assert readers.findings(shipped(), "workflows/return_case.bpmn") == first
    assert asked == ["files papers"]


def test_papers_are_made_anew_when_what_they_print_changed(
    readers: LintProcesses, asked: list[str]
) -> None:
    bundle = shipped()
    readers.findings(bundle)
    readers.findings(bundle.with_file(DIAGRAM, bundle.files[DIAGRAM] + b"\n"))
    readers.findings(bundle.with_file(FORM, bundle.files[FORM] + b"\n"))
    assert asked == ["files papers", "files", "files papers"]


def test_what_was_not_read_to_its_end_is_tried_again(
    readers: LintProcesses, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_line: str) -> str:
        raise ChildEnded("slow")

    with monkeypatch.context() as patch:
        patch.setattr(readers._children, "ask", ended)
        assert [found.code for found in readers.findings(shipped())] == ["X110"]
    assert "X110" not in {found.code for found in readers.findings(shipped())}
