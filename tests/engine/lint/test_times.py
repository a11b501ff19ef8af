"""Times in the linter: timers, cycles and constants in FEEL."""

from __future__ import annotations

import pytest

from tests.engine.lint.reports import keys, only
from tests.support.diagram_files import release
from tests.support.diagrams import border, end, line, props, task, timer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('=duration("PT1S")', ["D910"]),
        ('=duration("P1D")', []),
        ('=duration("P100Y")', ["D910"]),
    ],
)
def test_a_timer_in_constant_feel_is_measured(text: str, expected: list[str]) -> None:
    assert (
        keys(
            release(
                line(task() + border("t", "a", timer("Duration", text)) + end("e2"), "s>a a>e t>e2")
            )
        )
        == expected
    )


@pytest.mark.parametrize(
    ("text", "bad"),
    [
        ("R3/P7D", False),
        ("R3/2026-12-01/P7D", False),
        ("R3/P7D/2026-12-01", True),
        ("R/-P1D", True),
        ("3/P1D", True),
    ],
)
def test_a_round_of_a_cycle_is_a_length(text: str, bad: bool) -> None:  # noqa: FBT001 - a row of the table
    files = release(
        line(
            task() + border("t", "a", timer("Cycle", text), interrupting=False) + end("e2"),
            "s>a a>e t>e2",
        )
    )
    assert ("D909" in keys(files)) is bad


@pytest.mark.parametrize(
    ("text", "code"), [("P0M", "D910"), ("PT0S", "D910"), ("-P1M", "D909"), ("P1M", "")]
)
def test_no_time_at_all_is_too_short_and_less_is_no_time(text: str, code: str) -> None:
    found = keys(
        release(
            line(task() + border("t", "a", timer("Duration", text)) + end("e2"), "s>a a>e t>e2")
        )
    )
    assert found == ([code] if code else [])


def test_each_timer_is_measured_by_its_own_text() -> None:
    def late(id_: str, text: str) -> str:
        return border(f"t{id_}", id_, timer("Duration", text)) + end(f"e{id_}")

    body = (
        task("a", extra=props(allowed_when="=1 = 1"))
        + late("a", '=duration("P1D")')
        + task("b")
        + late("b", '=duration("PT1S")')
    )
    assert only(release(line(body, "s>a a>b b>e ta>ea tb>eb")), "D910").element == "tb"
