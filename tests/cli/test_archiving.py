"""`tresteg archive`: packages of what an office hands over, for their maker alone."""

from __future__ import annotations

import re
import shlex
import stat
import zipfile
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import pytest

from service.release.programme.retention_rules import HAND_OVER, read_retention
from service.release.retention_checks import retention_findings
from service.store.casefile import cases
from service.store.installation import ledger_entries
from tests.audit.archive.conftest import PLAN, filled, world_of
from tests.release.test_retention_checks import shipped_parts
from tests.support.plans import FILE
from tests.support.terminal import REAL, one_sentence, tresteg
from tests.support.tree import ROOT
from tests.support.world import World, shipped
from tests.test_docs import commands

GUIDE = ROOT / "docs/howto/archive.md"
FOLDER = "/srv/handed-over"


@pytest.fixture
def installation(installed: Path) -> Iterator[World]:
    """An installation with a case that the plan has asked to hand over."""
    world = world_of(f"sqlite:///{installed}/tresteg.db", REAL, PLAN)
    filled(world)
    yield world
    world.database.close()


@pytest.mark.usefixtures("installation")
def test_the_command_of_the_guide_writes_a_package_for_its_maker(tmp_path: Path) -> None:
    """The command of docs/howto/archive.md; its folder is one of the test."""
    to = tmp_path / "handed-over"
    to.mkdir()
    (line,) = [one for one in commands(GUIDE) if one.startswith("tresteg archive")]
    words = shlex.split(line.replace(FOLDER, str(to)))[1:]
    done = tresteg(*words)
    assert done.exit_code == 0, done.stderr
    (file,) = to.iterdir()
    assert done.stdout.split() == [str(file), sha256(file.read_bytes()).hexdigest()]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert zipfile.is_zipfile(file)
    again = tresteg(*words)
    assert again.exit_code == 0, again.stderr
    assert len([*to.iterdir()]) == 2, "another package, and the first is there still"
    assert tresteg("verify").exit_code == 0


def test_only_a_records_officer_gives_it(installation: World, tmp_path: Path) -> None:
    for name in ("stina", "greta"):
        refused = tresteg("archive", "2026-0001", "--to", str(tmp_path), "--as", name)
        assert refused.exit_code != 0
        assert "records-officer" in one_sentence(refused)
    other = tresteg("archive", "2026-0001", "--to", str(tmp_path), "--as", "omar")
    assert other.exit_code != 0
    assert not [*tmp_path.glob("*2026-0001*")]
    assert installation.faults() == []


def test_without_the_folder_nothing_is_made(installation: World, tmp_path: Path) -> None:
    nowhere = tmp_path / "nowhere"
    refused = tresteg("archive", "2026-0001", "--to", str(nowhere), "--as", "sara")
    assert refused.exit_code != 0
    assert str(nowhere) in one_sentence(refused)
    with installation.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
        stream = f"case/{case.id}"
        assert ledger_entries.latest(tx, stream, kinds=["case_packaged"]) == []


def test_the_rule_of_the_guide_asks_an_office_of_the_shipped_plan() -> None:
    """It stands at the end of the shipped plan without an error, and names no office of IOM."""
    (rule,) = re.findall(r"```toml\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    more = shipped().with_file(FILE, f"{shipped().text(FILE)}\n{rule}".encode())
    plan = read_retention(more.text(FILE))
    (added,) = [one for one in plan.rules if one.does == HAND_OVER]
    assert added.owner == ("MYNDIGHET",)
    assert {found.code for found in retention_findings(more, *shipped_parts())} == {"K121"}
