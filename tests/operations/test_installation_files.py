"""Changes of the installation's own files are entries of the ledger."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from service.application.shipped_files import config_files
from service.audit.verify import verify_all
from service.errors import UnusableWord
from service.operations.installation_files import SETTING, ChangedValue, changed_values, note_files
from service.settings import Settings
from service.store.installation import ledger_entries
from service.store.tables import setting
from tests.support.world import NOON, SEED, World

SHIPPED = config_files(Settings())
LONGER = {
    **SHIPPED,
    "log_review.toml": SHIPPED["log_review.toml"].replace("hours_to = 20", "hours_to = 21", 1),
}


def noted(desk: World, files: dict[str, str], reason: str = "") -> None:
    with desk.database.transaction() as tx:
        note_files(tx, files, by=SEED, now=NOON, reason=reason)


def entries(desk: World) -> list[dict[str, object]]:
    with desk.database.transaction(write=False) as tx:
        found = ledger_entries.latest(tx, "system", kinds=["configuration_noted"], limit=9)
    return [json.loads(entry.body) for entry in found]


def test_a_changed_value_is_noted_with_what_was_and_why(desk: World) -> None:
    noted(desk, SHIPPED)
    noted(desk, SHIPPED)
    assert [entry["values"] for entry in entries(desk)] == [[]], "noted once, and nothing changed"
    with desk.database.transaction(write=False) as tx:
        changed = changed_values(tx, LONGER)
    assert changed == (ChangedValue("log_review.toml: hours_to", "20", "21"),)
    noted(desk, LONGER, " The archive \n decided ")
    newest = entries(desk)[0]
    assert newest["values"] == [["log_review.toml: hours_to", "20", "21"]]
    assert (newest["number"], newest["reason"]) == (1, "The archive decided")


def test_before_anything_was_noted_nothing_is_another(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        assert changed_values(tx, SHIPPED) is None


def test_an_address_stands_in_no_entry(desk: World) -> None:
    channels = SHIPPED["channels.toml"] + '\n[x]\nto = "mail:somebody@example.org"\n'
    noted(desk, SHIPPED)
    noted(desk, {**SHIPPED, "channels.toml": channels})
    newest = json.dumps(entries(desk)[0])
    assert "channels.toml: x.to" in newest
    assert "somebody" not in newest


def test_a_reason_that_is_too_long_is_refused(desk: World) -> None:
    with desk.database.transaction() as tx, pytest.raises(UnusableWord, match="at most 200"):
        note_files(tx, SHIPPED, by=SEED, now=NOON, reason="x" * 201)


def test_verification_finds_notes_that_somebody_changed(desk: World) -> None:
    noted(desk, SHIPPED)
    with desk.database.transaction() as tx:
        tx.run(update(setting).where(setting.c.name == SETTING).values(value="{}"))
    with desk.database.transaction(write=False) as tx:
        assert verify_all(tx, desk.program.services, now=NOON).faults
