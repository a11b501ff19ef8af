"""What a draft changes, sentence by sentence and class by class."""

from __future__ import annotations

import re
from functools import cache

from service.actions.publishing.comparison.diff import diff_bundles
from service.actions.releases.bundle import Bundle
from service.application.shipped_files import shipped_bundle
from service.sandbox import handlers
from service.settings import Settings

CASE = "workflows/return_case.bpmn"


@cache
def shipped() -> Bundle:
    return shipped_bundle(Settings())


def changes_after(file: str, pattern: str, by: str, *, times: int = 1) -> list[tuple[str, str]]:
    """Classes and sentences after a text of a file was replaced."""
    text, n = re.subn(pattern, by, shipped().text(file), count=times)
    assert n, f"{file} has no {pattern}"
    return [
        (one.kind, one.text)
        for one in diff_bundles(
            shipped(), shipped().with_file(file, text.encode()), handlers.declared(), "en"
        )
    ]


def test_the_same_files_have_no_difference() -> None:
    assert diff_bundles(shipped(), Bundle(dict(shipped().files)), handlers.declared(), "sv") == ()


def test_a_due_date_is_about_who_and_when() -> None:
    assert changes_after(CASE, 'dueDate="P5D"', 'dueDate="P7D"') == [
        ("who", "“New case: offer information”, due: was P5D, is now P7D.")
    ]


def test_a_name_is_text() -> None:
    assert changes_after(CASE, "NYTT ÄRENDE – erbjud information", "Nytt ärende") == [
        ("text", "“NYTT ÄRENDE – erbjud information” is now called “Nytt ärende” (sv).")
    ]


def test_a_condition_is_about_the_way() -> None:
    ((kind, sentence),) = changes_after(
        CASE,
        r'(<bpmn:conditionExpression[^>]*>)= interestInReturn = "YES"',
        r'\1=interestInReturn = "NO"',
    )
    assert kind == "route"
    assert 'was interestInReturn = "YES", is now interestInReturn = "NO"' in sentence


def test_a_topic_is_code_and_a_form_is_a_form() -> None:
    assert changes_after(CASE, 'type="letters.notify_iom"', 'type="letters.other"')[0][0] == "code"
    assert changes_after(CASE, 'formId="new_case"', 'formId="referral"')[0][0] == "form"


def test_a_cell_of_a_rule_is_named_by_its_row() -> None:
    found = changes_after(
        "workflows/deadlines.dmn",
        r"(<(?:\w+:)?outputEntry[^>]*>\s*<(?:\w+:)?text>)[^<]*",
        r"\g<1>1",
    )
    assert [kind for kind, _ in found] == ["route"]
    assert "row 1" in found[0][1]


def test_a_changed_label_is_text() -> None:
    assert (
        changes_after("forms/new_case.form", '"label": "', '"label": "Ny: ', times=3)[0][0]
        == "text"
    )


def test_a_drawing_that_only_moved_says_so() -> None:
    assert changes_after(CASE, r'(<dc:Bounds x=")\d+', r"\g<1>7") == [
        ("text", f"Only the drawing in {CASE} changed.")
    ]
