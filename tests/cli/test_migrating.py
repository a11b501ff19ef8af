"""`tresteg migrate`: what can be moved, a trial, and no way round the second person."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.access import Viewer
from service.people.accounts import load_viewer
from service.store.installation import people
from service.workshop.migrations.plans import make_plan
from tests.cli.rows import ANNA, SOCIAL, program
from tests.support.terminal import one_sentence, tresteg

AS = ("--as", "anna@example.org")


@pytest.fixture
def published(installed: Path) -> Path:
    """An installation with a release and its owner."""
    assert tresteg(*SOCIAL).exit_code == 0
    anna = [word.replace("ReferringPartner", "owner") for word in ANNA]
    assert tresteg(*anna).exit_code == 0
    assert tresteg("publish", *AS).exit_code == 0
    return installed


def planned(folder: Path) -> str:
    """A plan that the owner has made; gives its id."""
    made = program(folder)
    with made.database.transaction() as tx:
        (known,) = people.of_office(tx, "social")
        by = load_viewer(tx, known.person.id)
        assert isinstance(by, Viewer)
        plan_id = make_plan(tx, made.services, by, made.clock.now())
    made.database.close()
    return plan_id


def test_what_can_be_moved_is_listed_as_json(published: Path) -> None:
    done = tresteg("migrate", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"release": "v1", "open": {}, "plans": []}
    plan_id = planned(published)
    (row,) = json.loads(tresteg("migrate", "--json").stdout)["plans"]
    assert row["plan"] == plan_id
    assert plan_id in tresteg("migrate").stdout


def test_a_plan_is_tried_and_its_state_is_told(published: Path) -> None:
    plan_id = planned(published)
    done = tresteg("migrate", plan_id, "--try", "--json")
    assert done.exit_code == 0
    assert json.loads(done.stdout) == {"plan": plan_id, "total": 0, "would": {}, "left": {}}
    assert "planned" in tresteg("migrate", plan_id).stdout


def test_no_plan_runs_without_its_approval(published: Path) -> None:
    plan_id = planned(published)
    done = tresteg("migrate", plan_id, "--run", *AS)
    assert done.exit_code == 3
    assert one_sentence(done)
    assert tresteg("migrate", plan_id, "--run").exit_code == 2


def test_what_is_asked_wrongly_ends_with_two(published: Path) -> None:
    assert published.is_dir()
    for words in (("--try",), ("--run",), ("x", "--try", "--run"), ("no-such-plan", "--try")):
        assert tresteg("migrate", *words).exit_code == 2
