"""What a draft changes, sentence by sentence and class by class."""

from __future__ import annotations

import re
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from service.application.shipped_files import shipped_bundle
from service.release.bundle import Bundle
from service.sandbox import handlers
from service.settings import Settings
from service.workshop.comparison.diff import diff_bundles

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
        ("who", "“New case: offer information”, due: was 5 days, is now 7 days.")
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


def test_a_cell_of_a_rule_is_named_by_its_row_and_column() -> None:
    assert changes_after(
        "workflows/deadlines.dmn",
        r"(<(?:\w+:)?outputEntry[^>]*>\s*<(?:\w+:)?text>)[^<]*",
        r"\g<1>1",
    ) == [
        (
            "rule",
            'The rule “Frister”, row 1, “Beslut om hänvisning (arbetsdagar)”: was "P3D", is now 1.',
        )
    ]


def test_a_changed_label_is_text() -> None:
    assert (
        changes_after("forms/new_case.form", '"label": "', '"label": "Ny: ', times=3)[0][0]
        == "text"
    )


def test_a_drawing_that_only_moved_says_so() -> None:
    assert changes_after(CASE, r'(<dc:Bounds x=")\d+', r"\g<1>7") == [
        (
            "text",
            "1 part of the drawing “Return in three steps” lies elsewhere or looks different.",
        )
    ]


def test_what_is_only_written_otherwise_says_so() -> None:
    ((kind, sentence),) = changes_after(CASE, "\n", "\n\n")
    assert kind == "text"
    assert sentence.endswith("Nothing that runs or is shown is different.")


def test_an_unknown_change_stands_beside_a_known_one() -> None:
    text = shipped().text(CASE)
    task = '<bpmn:userTask id="Task_OfferReturnInformation"'
    assert task in text
    other = '<bpmn:userTask xmlns:q="urn:q" q:colour="red" id="Task_OfferReturnInformation"'
    after = text.replace(task, other).replace('dueDate="P5D"', 'dueDate="P7D"', 1)
    found = diff_bundles(
        shipped(), shipped().with_file(CASE, after.encode()), handlers.declared(), "en"
    )
    assert [(one.kind, one.element) for one in found] == [
        ("who", "Task_OfferReturnInformation"),
        ("config", "Task_OfferReturnInformation"),
    ]


def test_every_file_that_comes_or_goes_is_named() -> None:
    topics, none = handlers.declared(), Bundle({})
    came = {one.file: one.sign for one in diff_bundles(none, shipped(), topics, "sv")}
    went = {one.file: one.sign for one in diff_bundles(shipped(), none, topics, "sv")}
    assert came.keys() >= shipped().files.keys()
    assert went.keys() >= shipped().files.keys()
    assert (set(came.values()), set(went.values())) == ({"added"}, {"removed"})


@pytest.mark.slow
@settings(max_examples=25, deadline=None)
@given(
    name=st.sampled_from(sorted(shipped().files)),
    at=st.floats(0, 1, exclude_max=True),
    cut=st.integers(0, 30),
    put=st.binary(max_size=3),
)
def test_any_change_of_bytes_is_told(name: str, at: float, cut: int, put: bytes) -> None:
    before = shipped().files[name]
    start = int(at * len(before))
    after = before[:start] + put + before[start + cut :]
    found = diff_bundles(shipped(), shipped().with_file(name, after), handlers.declared(), "en")
    assert (name in {one.file for one in found}) == (before != after)


def test_what_weighs_most_stands_first() -> None:
    text = shipped().text(CASE).replace('dueDate="P5D"', 'dueDate="P7D"', 1)
    text = text.replace("NYTT ÄRENDE – erbjud", "NYTT ÄRENDE – ge", 1)
    text = text.replace('interestInReturn = "YES"', 'interestInReturn = "NO"', 1)
    changed = shipped().with_file(CASE, text.encode())
    found = diff_bundles(shipped(), changed, handlers.declared(), "sv")
    assert [one.kind for one in found][:3] == ["route", "who", "text"]
