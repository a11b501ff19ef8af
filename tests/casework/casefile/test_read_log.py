"""Who looked at what is an entry; a reason and the words of a search are sealed."""

from __future__ import annotations

import json
from datetime import timedelta

import pytest

from service.casework.casefile import read_log
from service.casework.cases import case_visibility
from service.errors import NotFound
from service.records.ledger_append import open_reason
from service.store.installation import ledger_entries
from service.store.writing import write_last
from tests.support.directory import OFFICE
from tests.support.world import NOON, World


@pytest.mark.parametrize(
    ("purpose", "kind"), [("case", "read"), ("task", "read"), ("print", "print")]
)
def test_a_read_is_an_entry_of_the_case(desk: World, case_id: str, purpose: str, kind: str) -> None:
    with desk.database.transaction() as tx:
        read_log.record_read(
            tx,
            by=desk.viewer(),
            now=NOON,
            case_id=case_id,
            purpose=purpose,
            classes={"C2", "C0"},
            about={"tab": "plan"},
        )
        write_last(tx)
        (entry,) = ledger_entries.latest(tx, f"reads/{case_id}")
    body = json.loads(entry.body)
    assert (entry.kind, entry.actor, body["purpose"]) == (kind, "p_sara", purpose)
    assert (body["classes"], body["tab"]) == (["C0", "C2"], "plan")


def test_an_unknown_purpose_is_refused(desk: World, case_id: str) -> None:
    who = desk.viewer()
    with desk.database.transaction() as tx, pytest.raises(ValueError, match="no such purpose"):
        read_log.record_read(tx, by=who, now=NOON, case_id=case_id, purpose="fun", classes=())


def test_a_reason_counts_for_its_person_and_a_while(desk: World, case_id: str) -> None:
    services, sara, stina = desk.program.services, desk.viewer(), desk.viewer("stina")
    case, facts = desk.case(case_id), {"case_id": case_id, "purpose": "SAFETY"}
    with desk.database.transaction() as tx:
        assert not case_visibility.has_lookup_reason(tx, sara, case, NOON)
        read_log.record_lookup_reason(tx, services, by=sara, now=NOON, reason="she called", **facts)
        write_last(tx)
        assert case_visibility.has_lookup_reason(tx, sara, case, NOON + timedelta(hours=7))
        assert not case_visibility.has_lookup_reason(
            tx, sara, case, NOON + case_visibility.LOOKUP_LASTS
        )
        assert not case_visibility.has_lookup_reason(tx, stina, case, NOON)
        (entry,) = ledger_entries.latest(tx, f"reads/{case_id}", kinds=["lookup"])
        key, sealed = services.key(tx, f"case:{case_id}"), json.loads(entry.body)["word"]
    assert "called" not in entry.body
    assert open_reason(key, f"reads/{case_id}", "p_sara", sealed) == "she called"


def test_a_reason_needs_a_case_and_a_known_purpose(desk: World, case_id: str) -> None:
    services, sara = desk.program.services, desk.viewer()
    wrong = [
        {"case_id": case_id, "purpose": "CURIOUS", "reason": ""},
        {"case_id": "0" * 26, "purpose": "PHONE", "reason": ""},
    ]
    with desk.database.transaction() as tx:
        for facts in wrong:
            with pytest.raises(NotFound):
                read_log.record_lookup_reason(tx, services, by=sara, now=NOON, **facts)


def test_the_words_of_a_search_are_sealed_for_the_searcher(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        key = services.key(tx, "person:p_sara")
        read_log.record_search(
            tx, by=desk.viewer(), now=NOON, key=key, kind="name", hits=3, words="Ek"
        )
        write_last(tx)
        (entry,) = ledger_entries.latest(tx, f"office/{OFFICE}", kinds=["search"])
        body = json.loads(entry.body)
    assert (body["by"], body["hits"]) == ("name", 3)
    assert open_reason(key, f"office/{OFFICE}", "p_sara", body["word"]) == "Ek"
