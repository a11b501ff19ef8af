"""What a sent answer says now, and which of its fields are corrected elsewhere."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from service.casework.cases import protection
from service.casework.corrections.sent_answer import LATER, SentAnswer, load_sent_answer
from service.casework.pages.case_commands import record_lookup_reason
from service.errors import NotFound, NotNamed
from tests.casework.corrections.conftest import START, correct, fact_of
from tests.support.world import World


def sent(desk: World, case: str, element: str, by: str = "sara") -> SentAnswer:
    with desk.database.transaction(write=False) as tx:
        rev, now = fact_of(desk, case, element), desk.clock.now()
        return load_sent_answer(tx, desk.program.services, desk.viewer(by), case, rev, now)


def test_it_begins_with_what_was_answered_and_corrected(desk: World, case_id: str) -> None:
    correct(desk, case_id, {"note": ["second"]})
    found = sent(desk, case_id, "a", by="stina")
    assert found.values == {
        "answer": "YES",
        "day": "2026-04-01",
        "note": "second",
        "contact": "0700",
    }
    assert (found.fixed, found.is_decision) == ({}, False)


def test_a_field_that_was_answered_later_is_corrected_there(desk: World, case_id: str) -> None:
    assert dict(sent(desk, case_id, START).fixed) == {"note": LATER, "contact": LATER}


def test_of_a_protected_identity_only_named_persons_open_it(desk: World, case_id: str) -> None:
    now = desk.clock.now()
    with desk.database.transaction() as tx:
        about: dict[str, Any] = {"case_id": case_id, "marking": "SEKRETESSMARKERING"}
        about["reason"] = "asked for"
        protection.set_marking(tx, desk.program.services, by=desk.viewer(), now=now, **about)
    for name in ("sara", "stina"):
        why = partial(record_lookup_reason, case_id=case_id, purpose="PHONE", reason="")
        with desk.database.transaction() as tx:
            why(tx, desk.program.services, desk.viewer(name), now)
    assert sent(desk, case_id, "a").values["note"] == "She said so"
    with pytest.raises(NotNamed):
        sent(desk, case_id, "a", by="stina")
    correct(desk, case_id, {"note": ["other"]})
    assert desk.faults() == []


def test_a_fact_that_answered_nothing_is_not_found(desk: World, case_id: str) -> None:
    with desk.database.transaction(write=False) as tx:
        about = (desk.program.services, desk.viewer(), case_id, 99, desk.clock.now())
        with pytest.raises(NotFound):
            load_sent_answer(tx, *about)
