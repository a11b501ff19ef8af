"""What the page of a dry run shows."""

from __future__ import annotations

from service.workshop.dry_run.dry_run_page import DryRunPage, counts_on_diagram, load_dry_run
from tests.support.dry_runs import begin_dry_run, dry_run
from tests.workshop.dry_run.conftest import LONGER, SWAPPED, Trial
from tests.workshop.test_drafts import OWNER


def page(trial: Trial, draft: str) -> DryRunPage:
    with trial.desk.database.transaction(write=False) as tx:
        return load_dry_run(tx, trial.desk.program.services, OWNER, draft)


def test_before_the_first_run_it_says_how_many_cases_there_are(trial: Trial) -> None:
    trial.case("a")
    found = page(trial, trial.draft(SWAPPED))
    assert (found.run, found.cases, found.fresh, found.numbers) == (None, 1, False, [])


def test_while_it_runs_there_are_no_sums(trial: Trial) -> None:
    trial.case("a")
    draft = trial.draft(SWAPPED)
    begin_dry_run(trial.desk.program, draft, OWNER)
    found = page(trial, draft)
    assert (found.is_running, found.numbers, found.groups) == (True, [], [])


def test_sums_are_named_in_words(trial: Trial) -> None:
    trial.case("a", "b"), trial.case("a", "b"), trial.case()
    draft = trial.draft(SWAPPED)
    dry_run(trial.desk.program, draft, OWNER)
    found = page(trial, draft)
    assert found.fresh
    assert found.numbers == [("same", 1), ("decides", 2)]
    assert [(group.name, group.n) for group in found.groups] == [("", 1), ("Ja?", 2)]
    assert [(name, *numbers) for name, numbers in found.ends.rows][-1][1:] == (1,)
    assert {(one.was, one.becomes) for one in found.changed} >= {(2, 0), (0, 2)}
    counts = counts_on_diagram(found.detail)
    assert counts["g_b"] == ["2 → 0", "changed"]
    trial.draft(LONGER)
    assert not page(trial, draft).fresh
