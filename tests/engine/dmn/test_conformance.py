"""The page about conformance tells what the run says, and explains every case that is no pass."""

from __future__ import annotations

import pytest

from tests.support.machine import corpus
from tests.tools import conformance


@pytest.fixture(scope="module")
def cases() -> list[conformance.Case]:
    corpus("dmn-tck")
    return conformance.run()


def test_the_table_of_the_page_is_that_of_the_run(cases: list[conformance.Case]) -> None:
    page = conformance.PAGE.read_text("utf-8")
    assert conformance.table(cases) in page, "run `python3 dev.py conformance --write`"


def test_no_case_differs_and_every_refused_one_is_explained(
    cases: list[conformance.Case],
) -> None:
    reasons = conformance.PAGE.read_text("utf-8").partition("What is refused")[2]
    for case in cases:
        assert case.verdict != conformance.DIFFERS, case
        if case.verdict != conformance.PASSES:
            assert f"`{case.folder}`" in reasons
            assert f"`{case.verdict}`" in reasons
    assert sum(case.verdict == conformance.PASSES for case in cases) >= 104
