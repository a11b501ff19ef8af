"""Forged entries of the ledger: they are listed, and those at the end of a stream taken out."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from click.testing import Result

from service.cli.acting import INSTALLER
from service.operations.forged_entries import KIND
from service.security import ledger_lines
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.installation import checkpoints, ledger_entries
from service.store.row_mapping import values
from tests.support.roles import two_roles
from tests.support.terminal import begin, one_sentence, tresteg

URL, OWNERS = "TRESTEG_DATABASE_URL", "TRESTEG_OWNER_DATABASE_URL"
OFFICE = ("--name", "An office", "--kind", "NGO")
NOW = datetime(2026, 5, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """An installation in which somebody forges entries."""

    url: str
    owner: str
    patch: pytest.MonkeyPatch

    def forge(self, stream: str, number: int) -> None:
        """Go on with a stream as whoever has the database could: the chain needs no key."""
        database = Database(self.url).within(WHOLE)
        with database.transaction() as tx:
            for _ in range(number):
                end = ledger_entries.end(tx, stream)
                made = ledger_lines.write(stream, end, kind="sign_out", at=NOW)
                tx.later(ledger_entries.ADD_STREAM, {"name": stream})
                tx.later(ledger_entries.ADD, values(made))
        database.close()

    def as_owner(self, *words: str) -> Result:
        """Give a command with the role that owns the tables."""
        with self.patch.context() as patch:
            if self.owner:
                patch.setenv(OWNERS, self.owner)
            return tresteg(*words)


@pytest.fixture
def place(database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """An installation with an office, whose ledger has one entry of it."""
    begin(tmp_path, monkeypatch)
    url, owner = f"sqlite:///{tmp_path / 'tresteg.db'}", ""
    if not database_url.startswith("sqlite"):
        found = two_roles(database_url)
        url, owner = found.service, found.owner
    monkeypatch.setenv(URL, url)
    made = Place(url, owner, monkeypatch)
    assert made.as_owner("db", "upgrade").exit_code == 0
    add_office("first")
    return made


def add_office(name: str) -> None:
    done = tresteg("office", "add", name, *OFFICE)
    assert done.exit_code == 0, done.stderr


@pytest.mark.parametrize("stream", ["system", "person/new"])
def test_forged_entries_are_listed_taken_out_and_told(place: Place, stream: str) -> None:
    assert (tresteg("forged", "list").exit_code, tresteg("verify").exit_code) == (0, 0)
    place.forge(stream, 2)
    assert tresteg("verify").exit_code == 1
    listed = tresteg("forged", "list")
    assert listed.exit_code == 1
    assert [line.split()[0] for line in listed.stdout.splitlines()] == [stream, stream]
    words = "forged", "remove", stream, "--reason", "an intruder"
    looked = place.as_owner(*words)
    assert (looked.exit_code, looked.stdout.startswith(listed.stdout)) == (1, True)
    assert tresteg("forged", "list").stdout == listed.stdout, "nothing was changed"
    done = place.as_owner(*words, "--yes")
    assert done.exit_code == 0, done.stderr
    assert done.stdout.startswith(listed.stdout)
    assert tresteg("forged", "list").exit_code == 0
    add_office("second")
    verified = tresteg("verify")
    assert verified.exit_code == 0, verified.stdout
    database = Database(place.url).within(WHOLE)
    with database.transaction(write=False) as tx:
        (told,) = ledger_entries.latest(tx, "system", kinds=[KIND])
        waiting = checkpoints.count_waiting(tx, limit=1)
    database.check()
    database.close()
    body = json.loads(told.body)
    assert (body["of"], body["reason"], told.actor) == (stream, "an intruder", INSTALLER.id)
    hashes = [line.split()[-1] for line in listed.stdout.splitlines()]
    assert [digest for _, digest in body["removed"]] == hashes
    assert waiting == 0, "all that is left has its place in the log"


def test_what_the_program_has_gone_on_from_cannot_be_taken_out(place: Place) -> None:
    place.forge("system", 1)
    add_office("second")
    listed = tresteg("forged", "list")
    assert listed.exit_code == 1
    assert "cannot be removed" in listed.stdout
    refused = place.as_owner("forged", "remove", "system", "--reason", "x", "--yes")
    assert "no forged entry stands at the end of the stream system" in one_sentence(refused)


def test_what_is_ours_is_never_taken_out(place: Place) -> None:
    done = place.as_owner("forged", "remove", "system", "--reason", "x", "--yes")
    assert done.exit_code != 0
    assert tresteg("verify").exit_code == 0
