"""The table of docs/conformance.md about Camunda's modelers says what the linter says."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.engine.definition import read
from service.engine.lint import lint
from tests.engine.lint.modeler_rows import ROWS
from tests.support.diagram_files import release

PAGE = Path(__file__).parents[3] / "docs" / "conformance.md"
NO_ERRORS = {"run", "read", "noted"}


def table() -> dict[tuple[str, str], tuple[str, str]]:
    """What is written, and on which element, to what becomes of it and the code that says so."""
    part = PAGE.read_text("utf-8").partition("<!-- modelers -->\n")[2].partition("<!-- end -->")[0]
    rows = [[cell.strip() for cell in line.split("|")] for line in part.splitlines()[2:]]
    return {(what, on): (here, code.strip("`")) for _, what, on, here, code, *_ in rows}


def test_every_row_of_the_table_has_its_diagram() -> None:
    assert list(table()) == list(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[" on ".join(row) for row in ROWS])
def test_the_linter_says_of_a_row_what_the_table_says(row: tuple[str, str]) -> None:
    files = release(ROWS[row])
    here, code = table()[row]
    found = {str(f.facts.get("sentence", f.code)): f.severity for f in lint(files)}
    if here == "refused":
        assert found[code] == "E"
        return
    assert here in NO_ERRORS
    assert found.keys() == ({code} if here == "noted" else set())
    assert "E" not in found.values()
    assert read(files)


def test_a_part_of_an_element_is_named_by_the_element() -> None:
    (found,) = lint(release(ROWS["`signalEventDefinition`", "any event"]))
    assert found.element == "a"
    notes = lint(release(ROWS["`textAnnotation`, `association`", "picture"]))
    assert [note.facts["x"] for note in notes] == ["x"]
