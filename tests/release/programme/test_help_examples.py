"""The examples of the Help pages are true: the evaluator that runs cases runs each of them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from service.engine import Expression, Survey, Type, plain, survey, try_decision, typed
from service.release.prepared import files_of
from service.release.programme.help_examples import (
    FILE,
    CellExample,
    FeelExample,
    RuleExample,
    read_help_examples,
)
from service.sandbox.handlers import declared
from tests.support.tree import ROOT
from tests.support.world import shipped

ZONE = ZoneInfo("Europe/Stockholm")
NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
EXAMPLES = read_help_examples((ROOT / "workflows" / "config" / FILE).read_text("utf-8"))
EXPRESSIONS = [one for group in EXAMPLES.feel for one in group.examples]


@pytest.fixture(scope="module")
def drawn() -> Survey:
    """The shipped release: its names with their types, and its rules."""
    return survey(files_of(shipped(), declared())[0])


def with_types(drawn: Survey, values: Any) -> dict[str, Any]:
    """Values as the engine has them; a name that the release does not have fails."""
    return {name: typed(value, drawn.types[name], ZONE) for name, value in values.items()}


@pytest.mark.parametrize(
    "one", EXPRESSIONS, ids=[f"{n} {one.text[:30]}" for n, one in enumerate(EXPRESSIONS)]
)
def test_an_expression_gives_what_the_page_says(drawn: Survey, one: FeelExample) -> None:
    expression = Expression(one.text, drawn.types)
    assert expression.warnings == ()
    found = plain(
        expression.evaluate(with_types(drawn, one.values), now=NOW, zone=ZONE), expression.type
    )
    assert found == one.result
    assert set(one.values) <= expression.reads


@pytest.mark.parametrize("one", EXAMPLES.cells, ids=[one.text for one in EXAMPLES.cells])
def test_a_cell_fits_as_the_page_says(drawn: Survey, one: CellExample) -> None:
    kind = drawn.types[one.name]
    if one.text == "-":  # the table's sign for a cell that is not asked
        assert one.fits
        return
    cell = Expression(one.text, drawn.types, unary=True, tested=kind)
    assert cell.matches({}, typed(one.value, kind, ZONE), now=NOW, zone=ZONE) is one.fits


@pytest.mark.parametrize("one", EXAMPLES.rules, ids=[one.rule for one in EXAMPLES.rules])
def test_a_rule_answers_as_the_page_says(drawn: Survey, one: RuleExample) -> None:
    values = {
        name: typed(value, drawn.types.get(name, Type("any")), ZONE)
        for name, value in one.values.items()
    }
    said = try_decision(drawn.decisions, one.rule, values, now=NOW, zone=ZONE)
    assert said.rows == one.rows
    assert said.outputs[0] == one.outputs


def test_each_example_is_said_in_both_languages() -> None:
    said = [*(group.words for group in EXAMPLES.feel), *(one.words for one in EXPRESSIONS)]
    said += [*(one.words for one in EXAMPLES.cells), *(one.words for one in EXAMPLES.rules)]
    assert [words for words in said if set(words) != {"sv", "en"}] == []
    assert all(word.strip() for words in said for word in words.values())
