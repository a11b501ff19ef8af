"""MACs of rows: what they bind, what they leave out, and how entries write them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from service.security.vault import Vault
from service.store import guarded_rows
from service.store.casefile import grants
from service.store.casefile.grants import GrantRow
from service.store.database import Database
from service.store.installation.people import Person
from service.store.row_mapping import values
from service.store.tables import metadata
from service.store.work.letters import Letter
from tests.store.sample_rows import NOON

GRANT = GrantRow("g", "c", "north", "Helper", "G1", "C0 C1", "law", "", NOON)
PERSON = Person("p", "north", b"blind", b"box", None, b"slow", "sv", {"theme": "dark"}, NOON)
LETTER = Letter(
    "c:2:0", "c", "north", "Helper", "news", "sv", {"count": 1}, "", NOON, not_before=NOON
)


def mac(vault: Vault, table: str, row: object) -> bytes:
    given = {**dict.fromkeys(metadata.tables[table].columns.keys()), **values(row)}
    return vault.row_mac(guarded_rows.content(table, given))


@pytest.mark.parametrize(
    "change",
    [
        {"id": "h"},
        {"office_id": "south"},
        {"klasses": "C0 C1 C3"},
        {"until": NOON},
        {"starts": NOON + timedelta(microseconds=1)},
    ],
)
def test_every_column_of_a_grant_is_bound(vault: Vault, change: dict[str, Any]) -> None:
    assert len(mac(vault, "case_grant", GRANT)) == 16
    assert mac(vault, "case_grant", replace(GRANT, **change)) != mac(vault, "case_grant", GRANT)


def test_a_persons_own_choices_are_not_bound(vault: Vault) -> None:
    chosen = replace(PERSON, language="en", settings={})
    assert mac(vault, "person", chosen) == mac(vault, "person", PERSON)
    assert mac(vault, "person", replace(PERSON, password=None)) != mac(vault, "person", PERSON)


def test_a_lease_changes_no_mac_and_what_became_of_a_letter_does(vault: Vault) -> None:
    leased = replace(LETTER, state="leased", tries=1, leased_by="w", lease_until=NOON, error="450")
    assert mac(vault, "letter", leased) == mac(vault, "letter", LETTER)
    held = replace(LETTER, state="held", not_before=None)
    for changed in (held, replace(LETTER, not_before=None)):
        assert mac(vault, "letter", changed) != mac(vault, "letter", LETTER)


def test_a_row_of_one_table_is_none_of_another(vault: Vault) -> None:
    row = {name: "same" for table in ("party", "membership") for name in columns(table)}
    named = {vault.row_mac(guarded_rows.content(name, row)) for name in ("party", "membership")}
    assert len(named) == 2


def columns(table: str) -> tuple[str, ...]:
    return guarded_rows.GUARDED[table].columns


def test_a_bound_mac_is_of_one_entry_alone(vault: Vault) -> None:
    macs = [
        guarded_rows.bound_mac(vault.row_mac, entry, table, key, row)
        for entry in (("case/a", 1), ("case/a", 2), ("case/b", 1))
        for table in ("letter", "note")
        for key in ("x", "y")
        for row in (b"row", b"", None)
    ]
    assert len(set(macs)) == len(macs)


def test_a_key_in_the_stream_of_its_case_is_short() -> None:
    for key in ("01J", "01J Role", "case:01J", "01J:2:0", "other"):
        written = guarded_rows.key_in("case/01J", key)
        assert "01J" not in written
        assert guarded_rows.key_from("case/01J", written) == key
    assert guarded_rows.key_in("system", "01J") == guarded_rows.key_from("system", "01J") == "01J"


def test_who_has_no_key_for_rows_writes_none(database: Database) -> None:
    database.row_mac = None
    with database.transaction() as tx, pytest.raises(RuntimeError, match="no key for rows"):
        grants.add(tx, GRANT)


def test_every_table_is_bound_or_checked_otherwise() -> None:
    otherwise = {
        "fact": "its ledger entry binds it",
        "fact_payload": "its ledger entry commits to it",
        "job": "the replay gives it",
        "document_chunk": "it opens at its place alone",
        "case_number": "the highest number of a case gives it",
        "line": "it is chained",
        "stream": "it has lines",
        "log_index": "the log is the one that was signed",
        "log_waiting": "it is what has no place in the log",
        "checkpoint": "it is signed",
        "throttle": "a rate limit",
        "once": "the answer to a repeated request",
        "held": "kept for minutes",
        "unsent": "not sent",
        "heartbeat": "a sign of life",
        "batch": "the ledger has its begin and its end",
        "batch_case": "it decides nothing: what moved a case is a fact",
        "case_access": "the case, its grants and its tasks give it",
        "open_case_count": "it is counted from what lists read",
        "release_case_count": "it is counted from the cases",
        "officer_case_count": "it is counted from who handles the cases",
        "document_choice": "the row of its case has it in its sums",
        "draft_state": "it decides nothing: whoever goes back to it saves it anew",
    }
    assert guarded_rows.GUARDED.keys() | otherwise.keys() == metadata.tables.keys()
    assert not guarded_rows.GUARDED.keys() & otherwise.keys()
