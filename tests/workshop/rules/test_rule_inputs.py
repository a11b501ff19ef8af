"""What a rule can ask for, with the words of the forms and an example that may be copied."""

from __future__ import annotations

import pytest

from service.engine import Expression, Type
from service.workshop.rules.rule_inputs import EXAMPLES, all_inputs, asked_inputs, column_labels
from tests.engine.dmn.tables import file, table
from tests.workshop.rules.conftest import Rules


def test_a_rule_asks_for_its_columns_in_their_order(rules: Rules) -> None:
    asked = asked_inputs(rules("sv"), "eligibility")
    assert [one.label for one in asked] == [
        "Utländsk medborgare",
        "Vill gå vidare",
        "Målgrupp",
        "Rätt att bo där",
    ]
    assert (asked[0].kind, asked[0].choices) == ("boolean", ())
    assert ("UNSURE", "Osäkert") in asked[2].choices
    assert asked[2].example == '"YES"'


def test_headings_are_those_of_the_forms_in_another_language(rules: Rules) -> None:
    assert column_labels(rules("en"), "eligibility")[0] == "Foreign citizen"
    assert column_labels(rules("sv"), "eligibility")[0] == "Utländsk medborgare"
    assert column_labels(rules("en"), "journey_checks")[2] == "Risknivån är inte godtagbar"


def test_of_a_value_with_parts_only_the_parts_that_are_read(rules: Rules) -> None:
    names = [one.name for one in asked_inputs(rules(), "escort_type")]
    assert [name for name in names if name.startswith("risk")] == ["risk.level"]
    every = {one.name for one in all_inputs(rules())}
    assert {"risk.level", "risk.reason", "risk.reviewDays"} <= every
    assert "risk" not in every


def test_what_only_a_result_or_a_required_rule_reads_is_asked(rules: Rules) -> None:
    inner = table(["> 10 | missedInARow"], id="inner", inputs=[("homeAsked", "number", "")])
    outer = table(['"A" | "X"'], id="odd", inputs=[("inner", "string", "")], requires=["inner"])
    drawn = rules(odd=file(inner, outer))
    assert {one.name for one in asked_inputs(drawn, "odd")} == {"homeAsked", "missedInARow"}
    assert asked_inputs(drawn, "nothing") == ()


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_example_is_a_cell_that_runs(kind: str) -> None:
    Expression(EXAMPLES[kind], (), unary=True, tested=Type(kind))


def test_every_example_of_the_release_is_a_cell_that_runs(rules: Rules) -> None:
    drawn = rules()
    for one in all_inputs(drawn):
        if one.example:
            Expression(one.example, (), unary=True, tested=Type(one.kind))
