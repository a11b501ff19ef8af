"""`tresteg export`: a proof bundle on the command line, under the name of an auditor."""

from __future__ import annotations

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from service.casework.commands.case_start import start_case
from service.forms import flatten
from service.people.accounts import load_viewer
from service.standalone import verify
from service.store.installation import ledger_entries
from service.workshop.trial.scenario_times import resolve
from tests.cli.rows import program
from tests.support.directory import THREE_OFFICES, add_directory
from tests.support.terminal import one_sentence, tresteg
from tests.support.world import SEED, START, usual

REASON = ("--reason", "Asked for by the county court")
AUDITOR = ("--as", "greta")


@pytest.fixture
def case(installed: Path) -> str:
    """The id of a case of an installation with offices, people and a release."""
    made = program(installed)
    with made.database.transaction() as tx:
        add_directory(tx, made.services, THREE_OFFICES, by=SEED, now=made.clock.now())
    made.database.close()
    assert tresteg("publish", "--as", "maja").exit_code == 0
    made = program(installed)
    with made.database.transaction() as tx:
        by, now = load_viewer(tx, "p_sara"), made.clock.now()
        assert by is not None
        typed = resolve(usual()["start_case"], now, ZoneInfo(by.zone))
        turn = start_case(tx, made.services, by=by, now=now, element=START, answers=flatten(typed))
    made.database.close()
    return turn.case_id


def test_a_bundle_is_written_and_bad_requests_are_sentences(
    case: str, installed: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    done = tresteg("export", "--proof", case, *REASON, *AUDITOR, "--reads", "--answers")
    assert done.exit_code == 0, done.stderr
    name, digest = done.stdout.split()
    assert "Inte" not in done.stdout
    assert verify.main([name, "--lang", "en"]) == 0
    assert "Opened values: 1" in capsys.readouterr().out
    made = program(installed)
    with made.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, f"reads/{case}", kinds=["export"])
    made.database.close()
    body = json.loads(entry.body)
    assert (body["digest"], body["scope"]) == (digest, ["case", "release", "C0"])
    assert REASON[1] not in entry.body
    assert tresteg("verify").exit_code == 0
    again = tresteg("export", "--proof", case, *REASON, *AUDITOR)
    assert again.exit_code == 2
    assert "is there already" in again.stderr
    unknown = tresteg("export", "--proof", "no-such-case", *REASON, *AUDITOR)
    assert (unknown.exit_code, "there is no case" in one_sentence(unknown)) == (2, True)
    other = tresteg("export", "--proof", case, *REASON, "--as", "sara")
    assert (other.exit_code, "may not do this" in one_sentence(other)) == (3, True)
    nobody = tresteg("export", "--proof", case, *REASON)
    assert (nobody.exit_code, "say who does this" in one_sentence(nobody)) == (2, True)


def test_a_bundle_of_a_case_and_of_streams_is_written(case: str, installed: Path) -> None:
    assert installed.is_dir()
    asked = ("export", "--proof", case, "--stream", "release", "--stream", "system")
    done = tresteg(*asked, *REASON, *AUDITOR)
    assert done.exit_code == 0, done.stderr
    name = done.stdout.split()[0]
    assert verify.main([name]) == 0
    found = verify.Verifier(verify.unzipped(Path(name).read_bytes()))
    assert [*found.streams] == [f"case/{case}", "release/return_case", "system"]
    unknown = tresteg("export", "--stream", "office/nowhere", *REASON, *AUDITOR)
    assert unknown.exit_code == 2
    assert "there is no stream office/nowhere: there are release, system" in one_sentence(unknown)
