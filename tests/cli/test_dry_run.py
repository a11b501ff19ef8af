"""`tresteg dry-run`: what would become of each case on a draft, for a person and for a script."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.terminal import REAL, one_sentence, tresteg
from tests.support.world import open_world
from tests.workshop.dry_run.conftest import CHOICE, SWAPPED, Trial


@pytest.fixture
def trial(installed: Path) -> Iterator[Trial]:
    """An installation with two cases, one of which has ended."""
    made = Trial(open_world(f"sqlite:///{installed}/tresteg.db", REAL, CHOICE))
    made.case("a", "b"), made.case()
    yield made
    made.desk.database.close()


@pytest.mark.usefixtures("trial")
def test_without_a_draft_of_that_name_there_is_nothing_to_run() -> None:
    done = tresteg("dry-run", "v9")
    assert (one_sentence(done), done.exit_code) == ("no open draft is called v9", 2)


def test_an_unchanged_draft_ends_with_0(trial: Trial) -> None:
    trial.draft(CHOICE)
    done = tresteg("dry-run", "v2")
    assert (done.stdout, done.exit_code) == ("2 cases: 2 same way\n", 0)
    swedish = tresteg("dry-run", "v2", locale="sv_SE.UTF-8")
    assert (swedish.stdout, swedish.exit_code) == ("2 ärenden: 2 samma väg\n", 0)


def test_what_goes_otherwise_is_told_and_ends_with_1(trial: Trial) -> None:
    draft = trial.draft(SWAPPED)
    done = tresteg("dry-run", draft, "--lang", "en")
    told, sums = done.stdout.splitlines()
    assert "decides otherwise. “Ja?” leads to" in told
    assert (sums, done.exit_code) == ("2 cases: 1 same way, 1 decides otherwise", 1)
    only = tresteg("dry-run", draft, "--cases", "open")
    assert (only.stdout, only.exit_code) == ("1 cases: 1 same way\n", 0)
    as_json = json.loads(tresteg("dry-run", draft, "--json").stdout)
    assert as_json["numbers"] == {"decides": 1, "same": 1}
    assert [row["element"] for row in as_json["differences"]] == ["g"]
    assert json.loads(tresteg("dry-run", draft, "--sample", "1", "--json").stdout)["cases"] == 1
