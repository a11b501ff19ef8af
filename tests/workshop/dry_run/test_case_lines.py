"""The cases of a dry run, page by page, and both ways of one."""

from __future__ import annotations

import pytest

from service.errors import NotFound
from service.workshop.dry_run import dry_run_page
from service.workshop.dry_run.dry_run_page import CaseLine
from tests.support.dry_runs import dry_run
from tests.workshop.dry_run.conftest import SWAPPED, Trial
from tests.workshop.test_drafts import OWNER


def lines(
    trial: Trial, draft: str, verdict: str = "", after: int = 0
) -> tuple[list[CaseLine], int]:
    with trial.desk.database.transaction(write=False) as tx:
        services, run = trial.desk.program.services, trial.run(draft)
        return dry_run_page.load_lines(tx, services, OWNER, run, verdict=verdict, after=after)


def test_cases_are_listed_under_their_names(trial: Trial, monkeypatch: pytest.MonkeyPatch) -> None:
    cases = [trial.case("a", "b"), trial.case(), trial.case("a")]
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    found, more = lines(trial, draft)
    assert [line.ref for line in found] == [trial.desk.case(case).ref for case in cases]
    assert more == 0
    assert [line.verdict for line in lines(trial, draft, "decides")[0]] == ["decides"] * 2
    assert "Ja?" in found[0].reason
    assert [line.move for line in found] == ["", "moves", "moves"]
    monkeypatch.setattr(dry_run_page, "ON_A_PAGE", 2)
    first, more = lines(trial, draft)
    rest, end = lines(trial, draft, after=more)
    assert ([line.n for line in (*first, *rest)], end) == ([1, 2, 3], 0)


def test_both_ways_mark_what_is_new_and_what_is_gone(trial: Trial) -> None:
    trial.case("a", "b"), trial.case()
    draft, services = trial.draft(SWAPPED), trial.desk.program.services
    dry_run(trial.desk.program, draft, OWNER)
    with trial.desk.database.transaction(write=False) as tx:
        found = dry_run_page.two_ways(tx, services, OWNER, draft, 1)
        for n in (2, 3):
            with pytest.raises(NotFound):
                dry_run_page.two_ways(tx, services, OWNER, draft, n)
    assert ("b", "lost") in [(step.id, step.mark) for step in found.was]
    assert ("c", "gained") in [(step.id, step.mark) for step in found.becomes]
