"""The rules of a draft are listed as people know them, and each says whether it can be drawn."""

from __future__ import annotations

import pytest

from service.errors import NotFound
from service.workshop.rules import draft_rules
from service.workshop.rules.draft_rules import find_table, rule_findings
from tests.engine.dmn.tables import file, table
from tests.support.world import shipped
from tests.workshop.rules.conftest import Rules, eligibility


def test_a_rule_is_called_as_people_of_each_language_know_it(rules: Rules) -> None:
    swedish = {entry.id: entry for entry in rules("sv").entries()}
    english = {entry.id: entry for entry in rules("en").entries()}
    assert (swedish["deadlines"].name, english["deadlines"].name) == ("Frister", "Set deadlines")
    assert (english["risk_item_level"].name, english["risk_item_level"].lang) == (
        "Nivå för en risk",
        "sv",
    ), "a form alone asks it, so it has its Swedish name, marked as such"
    names = [entry.name for entry in rules("sv").entries()]
    assert names == sorted(names, key=str.casefold)


def test_a_rule_names_the_steps_and_forms_that_ask_it(rules: Rules) -> None:
    (step,) = rules().entry("eligibility").asked_by
    assert (step.name, step.file, step.element) == (
        "In the target group?",
        "return_case.bpmn",
        "Rule_Eligibility",
    )
    (form,) = rules().entry("risk_item_level").asked_by
    assert (form.name, form.file) == ("Risk assessment", "")
    with pytest.raises(NotFound):
        rules().entry("nothing")


def test_a_file_without_a_table_is_listed_with_what_is_wrong(rules: Rules) -> None:
    literal = '<decision id="odd" name="Odd"><literalExpression><text>1</text>'
    changed = rules(odd=file(f"{literal}</literalExpression></decision>"))
    bare = changed.entries()[-1]
    assert (bare.id, bare.name, bare.errors) == ("", "odd.dmn", 1)


def test_only_one_table_of_bearable_size_is_drawn_by_the_editor(rules: Rules) -> None:
    drawn = rules()
    assert drawn.why_not(drawn.table("eligibility")) == ""
    two = rules(odd=file(table(['1 | "A"'], id="a"), table(['1 | "A"'], id="b")))
    assert two.why_not(two.table("a")) == "several"
    import_ = '<import name="x" namespace="y" importType="z"/>'
    parts = rules(odd=file(import_, table(['1 | "A"'], id="a")))
    assert parts.why_not(parts.table("a")) == "parts"
    rows = [f'{n} | "A"' for n in range(draft_rules.MOST_ROWS + 1)]
    large = rules(odd=file(table(rows, id="a")))
    assert large.why_not(large.table("a")) == "large"


def test_findings_name_the_rule_and_lead_to_row_and_column(rules: Rules) -> None:
    changed = rules("sv", eligibility=eligibility('not("YES")', 'not("YESS")'))
    found = rule_findings(changed.findings, changed.table("eligibility"), "sv")
    first = found[0]
    assert (first.rows, first.columns) == ((2,), (2,))
    assert "Hör till målgruppen?" in first.text.text
    assert "Menade du YES?" in first.text.text
    assert first.text.element == "eligibility"


def test_an_overlap_names_both_rows_and_a_gap_none(rules: Rules) -> None:
    overlapping = file(
        table(['> 10 | "A"', '> 15 | "B"'], id="odd", inputs=[("age", "number", "")])
    )
    drawn = rules(odd=overlapping.replace(b"<text>age</text>", b"<text>missedInARow</text>"))
    found = rule_findings(drawn.findings, drawn.table("odd"), "en")
    own = [one for one in found if one.text.element == "odd"]
    assert {one.text.code: one.rows for one in own} == {"R203": (1, 2), "R202": ()}


def test_problems_of_other_parts_come_after_those_of_the_rule(rules: Rules) -> None:
    changed = rules(linted=True, eligibility=eligibility('not("YES")', "nobodyKnows"))
    found = rule_findings(changed.findings, changed.table("eligibility"), "en")
    own = [one.text.element == "eligibility" for one in found]
    assert own[0]
    assert own == sorted(own, reverse=True)
    assert not own[-1]
    assert all(one.rows == () for one, mine in zip(found, own, strict=True) if not mine)


def test_a_table_is_found_by_its_id_in_the_rule_files_alone() -> None:
    assert find_table(shipped(), "deadlines").file == "deadlines.dmn"
    with pytest.raises(NotFound):
        find_table(shipped(), "nothing")
