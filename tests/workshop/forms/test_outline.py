"""The outline of a form: its components in order, with what is special and what is wrong."""

from __future__ import annotations

from service.workshop.editor import FindingText
from service.workshop.forms.form_file import read_form_file
from service.workshop.forms.form_outline import outline_rows, questions_asked, unplaced
from tests.support.world import shipped

NAME = "forms/referral_decision.form"
FORM = read_form_file(shipped().files[NAME], NAME)


def a_finding(element: str) -> FindingText:
    return FindingText("F113", "E", NAME, element, "Wrong", "", element)


def test_rows_stand_in_order_with_their_marks() -> None:
    rows = outline_rows(FORM, (), "en")
    assert (rows[0].label, rows[0].kind, rows[0].can_go_up) == ("Decision", "heading", False)
    assert rows[1].marks == ("required", "routing", "buttons")
    assert (rows[1].key, rows[1].depth, rows[1].can_go_down) == ("referralDecision", 1, True)
    assert questions_asked(FORM) == 13


def test_findings_stand_at_their_question_by_path_and_id() -> None:
    found = [a_finding("budgetCeiling.amount"), a_finding("reasonCode"), a_finding("")]
    rows = outline_rows(FORM, found, "sv")
    assert [row.key for row in rows if row.findings] == ["reasonCode", "amount"]
    assert unplaced(found, FORM) == (found[2],)
