"""What is kept of a draft as it is published, in each language."""

from __future__ import annotations

from types import SimpleNamespace

from service.errors import Finding
from service.workshop.release_dossier import Evidence, finding_row, gather_evidence
from tests.support.world import shipped
from tests.workshop.data_flow.test_wider import services, with_text

CASE = "workflows/return_case.bpmn"


def gathered() -> Evidence:
    """Of the shipped release with one promise less and another due date."""
    less = with_text(CASE, r' *<zeebe:property name="promise.1" value="[^"]*"/>\n', "")
    draft = with_text(CASE, 'dueDate="P5D"', 'dueDate="P7D"', less)
    passed = SimpleNamespace(name="All the way", passed=True)
    about = {"handlers": {}, "scenarios": (passed,)}
    return gather_evidence(services(), shipped(), draft, **about)  # type: ignore[arg-type]  # of their kinds


def test_each_sentence_stands_in_every_language() -> None:
    found = gathered()
    for rows in (found.changes, found.flows, found.promises):
        assert rows
        assert all(set(row["text"]) == {"sv", "en"} for row in rows)  # type: ignore[arg-type]  # a table of texts
    assert [row["kind"] for row in found.flows] == ["promise"]
    assert found.scenarios == ({"name": "All the way", "passed": True},)
    assert {row["verdict"] for row in found.promises} == {"holds"}


def test_a_finding_says_whether_it_was_seen() -> None:
    row = finding_row(Finding("D108", "W", CASE, "a", "No name."), seen=True)
    assert (row["code"], row["seen"], row["element"]) == ("D108", True, "a")
