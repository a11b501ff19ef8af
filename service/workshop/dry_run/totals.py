"""Sums of a dry run over all its cases: how many of each verdict, which ends, how often each way
was taken.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from service.store.work.batches import BatchCase
from service.workshop.dry_run import verdicts

OPEN: Final = ""
"""In the table of ends: a case that goes on."""
GROUPS: Final = 500
"""Most groups of verdict and place that are kept."""


def sum_up(found: Iterable[BatchCase]) -> dict[str, Any]:
    """The sums, as they are kept with the batch.

    Returns: `numbers` (verdict to cases), `groups` ([verdict, element, cases]), `ends` ([old end,
        new end, cases]), `moves` (what could be done with open cases), `earlier` (cases
        of other releases than the one in force, and how many could be followed on it in part
        alone), `times` (`was` and `becomes`: element or flow to how often).
    """
    numbers = Counter[str]()
    moves = Counter[str]()
    earlier = Counter[str]()
    groups = Counter[tuple[str, str]]()
    ends = Counter[tuple[str, str]]()
    was = Counter[str]()
    becomes = Counter[str]()
    for case in found:
        numbers[case.verdict] += 1
        groups[case.verdict, case.element] += 1
        if case.verdict in verdicts.NOT_SHOWN or "times" not in case.detail:
            continue
        was.update(case.detail["times"]["was"])
        becomes.update(case.detail["times"]["becomes"])
        ends[_end(case, "was"), _end(case, "becomes")] += 1
        if "earlier" in case.detail:
            earlier.update(["cases", *(["partly"] if case.detail["partly"] else [])])
        if "move" in case.detail:
            moves[case.detail["move"]["verdict"]] += 1
    return {
        "numbers": dict(numbers),
        "groups": [[*group, n] for group, n in groups.most_common(GROUPS)],
        "ends": [[*pair, n] for pair, n in sorted(ends.items())],
        "moves": dict(moves),
        "earlier": dict(earlier),
        "times": {"was": dict(was), "becomes": dict(becomes)},
    }


def _end(case: BatchCase, which: str) -> str:
    """The end that a case reached; `OPEN` while it goes on."""
    places: list[str] = case.detail[which]
    return places[0] if case.detail["ended"][which] and places else OPEN
