"""Sums hold how many cases lie in each group, and nothing of one case."""

from __future__ import annotations

from service.audit.reporting.published import CaseSums
from tests.audit.reporting.rules import RULES


def test_each_case_is_counted_once_in_each_table() -> None:
    sums = CaseSums()
    for colour, size in (("red", "big"), ("red", None), ("blue", "big")):
        sums.add(RULES, {"colour": colour, "size": size})
    assert sums.as_json() == {
        "total": 3,
        "groups": {"colour": {"RED": 2, "BLUE": 1}, "size": {"BIG": 2, "NONE": 1}},
        "pairs": {"colour size": {"RED BIG": 1, "RED NONE": 1, "BLUE BIG": 1}},
    }


def test_of_several_fields_the_first_answer_counts() -> None:
    sums = CaseSums()
    sums.add(RULES, {"colour": "", "shade": "blue"})
    assert sums.groups["colour"] == {"BLUE": 1}


def test_sums_are_taken_up_where_they_were_left() -> None:
    sums = CaseSums()
    sums.add(RULES, {"colour": "red"})
    again = CaseSums(**sums.as_json())
    again.add(RULES, {"colour": "red"})
    assert (again.total, again.groups["colour"]) == (2, {"RED": 2})
