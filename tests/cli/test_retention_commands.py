"""`tresteg retention`: what falls due, holds, and the commands of the guide."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from service.store.casefile import cases
from tests.support.directory import THREE_OFFICES
from tests.support.small_plan import SIGNED, ended, spoil, with_plan
from tests.support.terminal import REAL, one_sentence, tresteg
from tests.support.tree import ROOT
from tests.support.world import World, open_world
from tests.test_docs import commands

GUIDE = ROOT / "docs/howto/retention.md"


@pytest.fixture
def installation(installed: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """An installation whose plan is signed."""
    monkeypatch.setenv("TRESTEG_AS", "disa")
    desk = open_world(
        f"sqlite:///{installed}/tresteg.db",
        REAL,
        with_plan(SIGNED),
        directory=THREE_OFFICES,
    )
    yield desk
    desk.database.close()


@pytest.fixture
def case(installation: World) -> str:
    """The number of an ended case."""
    return number_of(installation)


def number_of(desk: World) -> str:
    return desk.case(ended(desk)).number


def soon() -> str:
    return (datetime.now(UTC) + timedelta(days=5)).date().isoformat()


def test_the_commands_of_the_guide_do_what_it_says(case: str) -> None:
    """Each command of docs/howto/retention.md, in its order; its day is one that is to come."""
    said = []
    for line in commands(GUIDE):
        done = tresteg(*shlex.split(line.replace("2026-03-20", soon()))[1:])
        assert done.exit_code == 0, (line, done.stderr)
        said.append(done.stdout)
    listed, held, holds = said
    assert listed.startswith("* ")
    assert f"{case} social HEALTH destroy C2, C3" in listed
    assert held.startswith(f"Nothing of the case is erased until {soon()}")
    assert "Somebody has ordered that it is kept." in holds


def test_a_hold_is_released_and_what_is_due_is_erased(
    case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    held = tresteg("retention", "hold", case, "--until", soon(), "--reason", "Tillsyn")
    monkeypatch.setenv("TRESTEG_AS", "")
    assert tresteg("retention", "run").stdout == "0 erasures, 0 locks, 0 tasks.\n"
    monkeypatch.setenv("TRESTEG_AS", "disa")
    hold = held.stdout.split()[-1]
    assert tresteg("retention", "release", hold).stdout == "The hold is over.\n"
    monkeypatch.setenv("TRESTEG_AS", "")
    assert tresteg("retention", "run").stdout == "1 erasures, 0 locks, 0 tasks.\n"
    assert tresteg("retention", "list").stdout == "Nothing falls due within 30 days.\n"
    assert tresteg("verify").exit_code == 0


def test_a_case_that_is_refused_is_named_and_the_others_are_erased(
    installation: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = number_of(installation)
    with installation.database.transaction(write=False) as tx:
        found = cases.find(tx, case)
    assert found is not None
    spoil(installation, found.id, "snapshot")
    listed = tresteg("retention", "list").stdout
    assert f"! {case} could not be looked at" in listed
    assert f"{other} social HEALTH" in listed
    monkeypatch.setenv("TRESTEG_AS", "")
    done = tresteg("retention", "run")
    assert (done.exit_code, done.stdout) == (1, "1 erasures, 0 locks, 0 tasks.\n")
    assert f"Nothing was erased in {case}" in done.stderr
    assert f"tresteg verify {case}" in done.stderr


def test_a_day_that_is_none_is_refused_in_a_sentence(case: str) -> None:
    said = one_sentence(
        tresteg("retention", "hold", case, "--until", "soon", "--reason", "Tillsyn")
    )
    assert "2026-12-31" in said
