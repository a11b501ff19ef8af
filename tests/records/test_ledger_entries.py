"""Entries chain within a stream; reasons are sealed for their stream and person."""

from __future__ import annotations

import json

import pytest

from service.errors import CannotOpen
from service.records.ledger_append import append_entry, open_reason, seal_reason
from service.security import ledger_lines
from service.store.installation import ledger_entries
from tests.support.by_hand import entry
from tests.support.world import NOON, SEED, World


def test_an_entry_follows_the_one_before_in_its_stream(desk: World) -> None:
    with desk.database.transaction() as tx:
        append_entry(tx, "case/x", "note", by=SEED, now=NOON, body={"note": "n1"})
        append_entry(tx, "case/y", "note", by=SEED, now=NOON, body={"note": "n2"})
        append_entry(tx, "case/x", "note", by=SEED, now=NOON, body={"note": "n3"})
    with desk.database.transaction(write=False) as tx:
        second, first = ledger_entries.latest(tx, "case/x")
    assert (first.seq, second.seq) == (1, 2)
    assert second.hash == ledger_lines.leaf(ledger_lines.text(second, first.hash))
    assert json.loads(second.body)["note"] == "n3"


def test_an_entry_of_no_known_form_is_refused(desk: World) -> None:
    with desk.database.transaction() as tx, pytest.raises(ValueError, match="has no value"):
        append_entry(tx, "case/x", "note", by=SEED, now=NOON, body={"value": "secret"})


def test_a_reason_opens_for_its_stream_and_person_only(desk: World) -> None:
    with desk.database.transaction() as tx:
        key = desk.program.services.new_key(tx, "case:x", stream="case/x")
        entry(tx, "case/x")
    sealed = seal_reason(key, "case/x", "p_sara", "she asked for it")
    assert "asked" not in sealed
    assert open_reason(key, "case/x", "p_sara", sealed) == "she asked for it"
    for stream, person in (("case/y", "p_sara"), ("case/x", "p_stina")):
        with pytest.raises(CannotOpen):
            open_reason(key, stream, person, sealed)


def test_without_words_or_key_nothing_is_sealed(desk: World) -> None:
    with desk.database.transaction() as tx:
        key = desk.program.services.new_key(tx, "case:x", stream="case/x")
        entry(tx, "case/x")
    assert seal_reason(None, "case/x", "p_sara", "words") == ""
    assert seal_reason(key, "case/x", "p_sara", "") == ""
    assert open_reason(None, "case/x", "p_sara", "c2VhbGVk") == ""
