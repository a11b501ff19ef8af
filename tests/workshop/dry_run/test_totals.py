"""Sums over the cases of a dry run."""

from __future__ import annotations

from typing import Any

from service.store.work.batches import BatchCase
from service.workshop.dry_run.dry_runs import sum_up


def case(verdict: str, element: str = "", **detail: Any) -> BatchCase:
    return BatchCase("b", "c", 1, verdict, element, detail, "blue-hill")


def played(was: str, becomes: str, **more: Any) -> dict[str, Any]:
    return {
        "was": [was],
        "becomes": [becomes],
        "ended": {"was": True, "becomes": becomes != "task"},
        "times": {"was": {was: 1}, "becomes": {becomes: 1}},
        **more,
    }


def test_verdicts_places_ends_and_ways_are_counted() -> None:
    found = sum_up(
        [
            case("same", **played("e", "e")),
            case("decides", "g", **played("e", "f", move={"verdict": "moves"})),
            case("decides", "g", **played("e", "task", earlier=True, partly=True)),
            case("erased"),
        ]
    )
    assert found["numbers"] == {"same": 1, "decides": 2, "erased": 1}
    assert ["decides", "g", 2] in found["groups"]
    assert found["ends"] == [["e", "", 1], ["e", "e", 1], ["e", "f", 1]]
    assert found["moves"] == {"moves": 1}
    assert found["earlier"] == {"cases": 1, "partly": 1}
    assert found["times"] == {"was": {"e": 3}, "becomes": {"e": 1, "f": 1, "task": 1}}
