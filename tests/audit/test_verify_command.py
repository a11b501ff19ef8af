"""`tresteg verify` prints one line a fault, and folds a snapshot anew when asked."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import delete

from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.security.keyring import Keyring, write_keyring
from service.settings import Settings
from service.store.tables import metadata
from service.workshop.trial.scenario_file import ScenarioStep
from tests.support import small
from tests.support.damaged_case import DamagedCase
from tests.support.filled_case import TWO, end_path, erased, fill_case
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped
from tests.support.terminal import tresteg
from tests.support.world import NOON, World, open_world


def test_the_command_prints_one_line_a_fault_and_exits_with_one(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keyring(keyring, tmp_path / "keys")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys"))
    program = make_program(Settings(database_url=database_url), keyring, SetClock(NOON))
    people = seed.seed_directory(program, NOON)
    publish_shipped(program, NOON)
    case = make_player(program, SetClock(NOON), people).act(
        ScenarioStep(by="sara", start="Start_PersonIdentified"), ""
    )
    assert tresteg("verify").stdout.endswith("1 cases: unbroken\n")
    with program.database.transaction() as tx:
        DamagedCase(World(program, SetClock(NOON), {}), case, b"", tx).flip(
            "fact_payload", "routing", "case_id = :case AND rev = 1"
        )
    found = tresteg("verify")
    assert found.exit_code == 1
    said = found.stdout.splitlines()
    assert (
        said[0] == f"{case}: Fact 1, what was answered: a sealed value or a bound row was changed. "
        "(I11 · payload of fact 1 · expected a box that opens, found one that does not)"
    )
    assert said[1].endswith(": 1 faults")
    assert len(said) == 2
    kept = tresteg("verify", "--rebuild", case, "--as", "tor@demo")
    assert kept.exit_code == 1
    assert kept.stdout.endswith("stays as it is: its history does not hold\n")
    program.database.close()


def test_the_command_says_with_which_entry_a_path_was_erased(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keyring(keyring, tmp_path / "keys")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys"))
    desk = open_world(database_url, keyring, TWO)
    case = fill_case(desk)
    erased(desk, case)
    end_path(desk, case)
    sentence = f"{case}: the path was erased at entry 7, under the rule PATH; the chain is whole"
    said = tresteg("verify")
    assert (said.stdout.splitlines()[0], said.exit_code) == (sentence, 0)
    assert json.loads(tresteg("verify", "--json").stdout)["paths"] == [sentence]
    desk.database.close()


def test_the_command_folds_one_case_anew_or_looks_at_some(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keyring(keyring, tmp_path / "keys")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys"))
    desk = open_world(database_url, keyring, small.row_of_tasks(1))
    case = desk.start().case_id
    desk.start()
    with desk.database.transaction() as tx:
        DamagedCase(desk, case, b"", tx).flip("cases", "snapshot", "id = :case")
    assert tresteg("verify", "--case", case).exit_code == 1
    done = tresteg("verify", "--rebuild", case, "--json")
    assert (json.loads(done.stdout), done.exit_code) == (
        {"case": case, "rebuilt": True, "lists": False, "faults": []},
        0,
    )
    again = tresteg("verify", "--rebuild", desk.case(case).ref)
    assert again.stdout.endswith("was right already; nothing was written\n")
    swedish = tresteg("verify", "--rebuild", case, "--lang", "sv")
    assert swedish.stdout.endswith("var redan rätt; inget skrevs\n")
    assert [
        tresteg("verify", *words).exit_code
        for words in (["--case", case], ["--all"], ["--sample", "1"], ["--sample", "9"])
    ] == [0, 0, 0, 0]
    assert " of 1 cases: " in tresteg("verify", "--sample", "1").stdout
    assert " of 2 cases: " in tresteg("verify", "--sample", "9").stdout
    assert tresteg("verify", "--rebuild", "nobody").exit_code == 2
    assert tresteg("verify", "--sample", "1", "--all").exit_code == 2
    desk.database.close()


def test_without_a_keyring_it_says_what_it_did_not_check(
    database_url: str, keyring: Keyring, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.delenv("TRESTEG_KEYS_FILE", raising=False)
    monkeypatch.delenv("TRESTEG_KEYS", raising=False)
    program = make_program(Settings(database_url=database_url), keyring, SetClock(NOON))
    seed.seed_directory(program, NOON)
    whole = tresteg("verify")
    said = whole.stdout.splitlines()
    assert whole.exit_code == 0
    assert len([line for line in said if line.startswith("Not checked, without a keyring: ")]) == 4
    assert said[-1].endswith("0 cases: unbroken")
    swedish = tresteg("verify", "--lang", "sv").stdout.splitlines()
    assert len([line for line in swedish if line.startswith("Inte kontrollerat, ")]) == 4
    assert swedish[-1].endswith(" i 0 ärenden: inga fel")
    with program.database.transaction() as tx:
        membership = metadata.tables["membership"]
        tx.run(delete(membership).where(membership.c.role == "operator"))
    damaged = tresteg("verify", "--json")
    found = json.loads(damaged.stdout)
    assert (damaged.exit_code, len(found["unchecked"])) == (1, 4)
    assert {fault.split()[1] for fault in found["faults"]} == {"membership"}
    one = tresteg("verify", "--case", "klar-lind")
    assert "there is no keyring" in one.stderr
    program.database.close()
