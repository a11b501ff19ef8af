"""How many promises of a draft hold."""

from __future__ import annotations

from service.workshop.promises.drafted import DraftPromise, PromiseSummary


def test_what_is_broken_stands_first_and_what_holds_is_counted() -> None:
    verdicts = ("holds", "watched", "broken", "unread", "holds")
    promises = tuple(DraftPromise("p", str(n), f"P{n}", one) for n, one in enumerate(verdicts))
    found = PromiseSummary(promises)
    assert [one.number for one in found.lines] == ["2", "3", "1", "0", "4"]
    assert (found.holding, found.watched, found.broken) == (2, 1, 2)
