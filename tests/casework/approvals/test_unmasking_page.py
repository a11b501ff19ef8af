"""What pages show of unmaskings: to who asks, to who decides, and what is open now."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from service.casework.approvals.unmasking_page import load_open_unmaskings, load_request
from service.errors import InvalidAnswers, NotAllowed, NotFound, Stale
from service.release.programme.approval_rules import ApprovalRules
from tests.casework.approvals.conftest import REASON, Audit
from tests.support.audits import MATTER


def test_a_no_has_a_reason_that_the_auditor_reads(audit: Audit) -> None:
    id_ = audit.ask("C2")
    with pytest.raises(InvalidAnswers):
        audit.decide(id_, approve=False)
    audit.decide(id_, approve=False, reason="Ask the office first")
    last = audit.page().last
    assert last is not None
    assert (last.state, last.refusal) == ("refused", "Ask the office first")
    assert all("Ask the office" not in entry.body for entry in audit.entries("case"))
    assert audit.ask("C2") != id_, "she may ask anew"


def test_who_decides_reads_why_and_for_what(audit: Audit) -> None:
    id_ = audit.ask("C1", "C2")
    with audit.world.database.transaction(write=False) as tx:
        now = audit.world.clock.now()
        asked = load_request(tx, audit.services, audit.disa, id_, now)
        assert (asked.reason, asked.matter, asked.who) == (REASON, MATTER, "Greta")
        assert asked.classes == ("Identity and contact", "Sensitive facts")
        assert load_open_unmaskings(tx, audit.services, audit.disa, now) == ()
        with pytest.raises(NotFound):
            load_request(tx, audit.services, audit.world.loaded_viewer("nils"), id_, now)
    for entry in audit.entries("case"):
        assert REASON not in entry.body
        assert MATTER not in entry.body
    audit.decide(id_)
    with audit.world.database.transaction(write=False) as tx:
        found = load_open_unmaskings(tx, audit.services, audit.disa, now)
    assert [one.id for one in found] == [id_]


def test_a_request_that_nobody_answers_runs_out(audit: Audit) -> None:
    id_ = audit.ask("C1")
    audit.world.clock.set(audit.world.clock.now() + timedelta(hours=72))
    last = audit.page().last
    assert last is not None
    assert last.state == "expired"
    with pytest.raises(Stale):
        audit.decide(id_)
    assert audit.ask("C1") != id_


def test_an_installation_without_the_rule_says_so(audit: Audit) -> None:
    programme = replace(audit.services.programme, approvals=ApprovalRules())
    audit.services = replace(audit.services, programme=programme)
    assert audit.page().why_not == "nobody"
    with pytest.raises(NotAllowed):
        audit.ask("C1")
