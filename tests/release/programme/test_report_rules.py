"""What the programme report counts, by its file; what would give a person away is refused."""

from __future__ import annotations

import pytest

from service.release.programme.report_rules import ReportRules, read_report
from service.settings import ROOT

ROW = """
[[dimension]]
id = "{id}"
sv = "Ett"
en = "One"
fields = ["{field}"]
{more}

[[dimension.group]]
id = "A"
sv = "A"
en = "A"
values = ["a", "b"]

[[dimension.group]]
id = "N"
sv = "N"
en = "N"
prefixes = ["2"]
"""
MISSING = 'missing = { id = "NONE", sv = "Inget", en = "None" }'


def rows(*pairs: tuple[str, str], more: str = MISSING) -> str:
    return "".join(ROW.format(id=id_, field=field, more=more) for id_, field in pairs)


def crossing(rows: str, columns: str) -> str:
    return f'\n[[crossing]]\nrows = "{rows}"\ncolumns = "{columns}"\n'


def test_no_file_counts_nothing_that_is_sealed() -> None:
    assert read_report("") == ReportRules()


def test_the_shipped_file_can_be_read() -> None:
    rules = read_report((ROOT / "workflows/config/report.toml").read_text("utf-8"))
    assert len(rules.dimensions) == 5
    assert rules.outcome


def test_every_answer_lies_in_one_group() -> None:
    [one] = read_report(rows(("one", "f"))).dimensions
    given = [one.group_of(answer) for answer in ("a", "2580", None, "", [], ["a", "b"])]
    assert given == ["A", "N", "NONE", "NONE", "NONE", "A"]


def test_an_answer_without_a_group_goes_where_the_file_says() -> None:
    [plain] = read_report(rows(("one", "f"))).dimensions
    assert plain.group_of("z") == plain.group_of(["a", "2"]) == "NONE"
    further = MISSING + (
        '\notherwise = { id = "OTHER", sv = "Annat", en = "Other" }'
        '\nseveral = { id = "MANY", sv = "Flera", en = "Several" }'
    )
    [full] = read_report(rows(("one", "f"), more=further)).dimensions
    assert (full.group_of("z"), full.group_of(["a", "2"])) == ("OTHER", "MANY")
    assert [group.id for group in full.groups] == ["A", "N", "OTHER", "MANY", "NONE"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (rows(("one", "f"), ("two", "f")), "both read f"),
        ('[count]\nleave = "STATISTICS"', "count: leave means nothing here"),
        (rows(("one", "f"), ("one", "g")), "dimension: one is there twice"),
        (rows(("one", "f"), more=""), "dimension 1: it lacks missing"),
        (rows(("one", "f")).replace('sv = "Ett"\n', ""), "dimension 1: it lacks sv"),
        (
            rows(("one", "f")).replace('["2"]', "[]"),
            "dimension one, N: a group needs values or prefixes",
        ),
        (rows(("one", "f")).replace('["2"]', '["b"]'), "dimension one: b lies in A and in N"),
        (
            rows(("one", "f")).replace('fields = ["f"]', "fields = []"),
            "dimension 1, fields: this is empty",
        ),
        (rows(("one", "f")) + crossing("one", "two"), "crossing 1: there is no two; there are one"),
        (
            rows(("one", "f"), ("two", "g"), ("three", "h"))
            + crossing("one", "two")
            + crossing("two", "three")
            + crossing("three", "one"),
            "closes a circle",
        ),
        (rows(("one", "f")) + crossing("one", "one"), "closes a circle"),
    ],
)
def test_what_is_wrong_is_said(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        read_report(text)
