"""Asking for a second person's approval, deciding about it, and using what was approved."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from service.access import Viewer
from service.casework.approvals import requests
from service.errors import (
    ApprovalNeeded,
    FourEyes,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    RowRefused,
    Stale,
)
from service.release.programme.approval_rules import ApprovalRules, read_approvals
from service.store.casefile import approvals
from service.store.casefile.approvals import Approval
from service.store.installation import ledger_entries
from service.store.row_scope import as_system
from service.store.tables import approval
from service.store.work import letters
from tests.support.world import World

RULES = read_approvals(
    """
[[approval]]
kind = "publish"
ask = ["owner"]
decide = ["owner", "reviewer"]
waits = 72
lasts = 8

[[approval]]
kind = "print_case"
ask = ["ReferringPartner"]
decide = ["ReferringPartner", "data-protection"]
waits = 72
lasts = 8

[[approval]]
kind = "own_records"
ask = ["ReferringPartner", "records-officer"]
decide = ["ReferringPartner", "records-officer", "data-protection"]
same_office = true
waits = 72
lasts = 8
"""
)
CONTENT = "ab" * 32
REASON = "a court asks for KANARIE"


class Office:
    """A world in which the rules above hold, and its people."""

    def __init__(self, world: World) -> None:
        self.world = world
        programme = replace(world.program.services.programme, approvals=RULES)
        self.services = replace(world.program.services, programme=programme)

    def viewer(self, name: str, *roles: str) -> Viewer:
        found = self.world.viewer(name)
        return replace(found, roles=frozenset(roles)) if roles else found

    def do(self, act: Any, by: Viewer, **more: Any) -> Any:
        with self.world.database.transaction() as tx:
            return act(tx, self.services, by=by, now=self.world.clock.now(), **more)

    def ask(self, by: Viewer, kind: str = "publish", case: str = "", digest: str = CONTENT) -> str:
        subjects = {"content": digest}
        about = {"kind": kind, "case_id": case, "subjects": subjects, "digest": digest}
        return str(self.do(requests.ask, by, reason=REASON, **about))

    def use(self, by: Viewer, kind: str = "publish", case: str = "", digest: str = CONTENT) -> None:
        with self.world.database.transaction() as tx:
            about = {"kind": kind, "case_id": case, "digest": digest}
            requests.use(tx, by=by, now=self.world.clock.now(), **about)

    def row(self, id_: str) -> Approval:
        with self.world.database.transaction(write=False) as tx:
            found = approvals.get(tx, id_)
        assert found is not None
        return found

    def entries(self, stream: str) -> list[tuple[str, str, dict[str, Any]]]:
        with self.world.database.transaction(write=False) as tx:
            found = ledger_entries.of_stream(tx, stream)
        kept = (entry for entry in found if entry.kind.startswith("approval"))
        return [(e.kind, e.actor, json.loads(e.body)) for e in kept]


@pytest.fixture
def office(desk: World) -> Office:
    return Office(desk)


@pytest.fixture
def maja(office: Office) -> Viewer:
    return office.viewer("sara", "owner")


@pytest.fixture
def nils(office: Office) -> Viewer:
    return office.viewer("stina", "reviewer")


def test_what_was_approved_is_used_once_for_exactly_that(
    office: Office, maja: Viewer, nils: Viewer
) -> None:
    id_ = office.ask(maja)
    with pytest.raises(ApprovalNeeded):
        office.use(maja)
    office.do(requests.decide, nils, id_=id_, approve=True)
    with pytest.raises(ApprovalNeeded):
        office.use(maja, digest="cd" * 32)
    with pytest.raises(ApprovalNeeded):
        office.use(nils)
    office.use(maja)
    with pytest.raises(ApprovalNeeded):
        office.use(maja)
    row = office.row(id_)
    assert (row.state, row.decided_by, row.subjects) == ("used", "p_stina", {"content": CONTENT})


def test_each_step_is_an_entry_and_the_reason_is_sealed(
    office: Office, maja: Viewer, nils: Viewer
) -> None:
    id_ = office.ask(maja)
    office.do(requests.decide, nils, id_=id_, approve=True)
    office.use(maja)
    found = office.entries("system")
    assert [(kind, who) for kind, who, _ in found] == [
        ("approval_asked", "p_sara"),
        ("approval_given", "p_stina"),
        ("approval_used", "p_sara"),
    ]
    assert all(body["digest"] == CONTENT and body["approval"] == id_ for *_, body in found)
    assert "KANARIE" not in str(found)
    assert b"KANARIE" not in (office.row(id_).reason or b"KANARIE")


def test_the_second_person_is_never_the_first(office: Office, maja: Viewer) -> None:
    id_ = office.ask(maja)
    both = replace(maja, roles=frozenset({"owner", "reviewer"}))
    with pytest.raises(FourEyes):
        office.do(requests.decide, both, id_=id_, approve=True)
    assert office.row(id_).state == "asked"


def test_rules_say_who_asks_and_who_decides(office: Office, maja: Viewer, nils: Viewer) -> None:
    with pytest.raises(NotAllowed):
        office.ask(nils)
    with pytest.raises(NotFound):
        office.ask(maja, kind="unknown")
    id_ = office.ask(maja)
    with pytest.raises(NotFound):
        office.do(requests.decide, office.viewer("stina"), id_=id_, approve=True)
    with pytest.raises(NotFound):
        office.do(requests.decide, nils, id_="none", approve=True)


def test_what_was_used_is_not_used_again_by_putting_it_back(office: Office, case_id: str) -> None:
    sara, stina = office.viewer("sara"), office.viewer("stina")
    id_ = office.ask(sara, "print_case", case_id)
    office.do(requests.decide, stina, id_=id_, approve=True)
    wanted, kept = select(*approval.columns).where(approval.c.id == id_), approval.c.id == id_
    with office.world.database.transaction() as tx:
        before = dict(tx.conn.execute(as_system("approve", wanted)).mappings().one())
    office.use(sara, "print_case", case_id)
    with office.world.database.transaction() as tx:
        tx.run(as_system("approve", update(approval).where(kept).values(before)))
    assert office.row(id_).state == "approved"
    with pytest.raises(RowRefused):
        office.use(sara, "print_case", case_id)


def test_a_request_of_no_case_that_was_put_back_is_left_alone(
    office: Office, maja: Viewer, nils: Viewer
) -> None:
    """The ledger tells what became of it; the clock does not end it either."""
    id_ = office.ask(maja)
    kept = approval.c.id == id_
    states = []
    for step in (lambda: office.do(requests.decide, nils, id_=id_, approve=True), lambda: None):
        with office.world.database.transaction() as tx:
            wanted = as_system("approve", select(*approval.columns).where(kept))
            states.append(dict(tx.conn.execute(wanted).mappings().one()))
        step()
    office.use(maja)
    asked, approved = states
    for before in (approved, asked):
        with office.world.database.transaction() as tx:
            tx.run(as_system("approve", update(approval).where(kept).values(before)))
        if before is approved:
            with pytest.raises(RowRefused):
                office.use(maja)
        else:
            with pytest.raises(RowRefused):
                office.do(requests.decide, nils, id_=id_, approve=True)
    office.world.clock.set(office.world.clock.now() + timedelta(hours=80))
    with office.world.database.transaction() as tx:
        assert requests.expire(tx, now=office.world.clock.now()) == 0
        assert [refused.facts["table"] for refused in tx.refused] == ["approval"]


def test_a_lane_role_decides_in_its_own_cases_alone(office: Office, case_id: str) -> None:
    case, sara, stina = case_id, office.viewer("sara"), office.viewer("stina")
    stranger = replace(stina, office="elsewhere")
    id_ = office.ask(sara, "print_case", case)
    assert office.ask(sara, "print_case", case) == id_, "asked once"
    with pytest.raises(NotAllowed):
        office.ask(replace(sara, office="elsewhere"), "print_case", case)
    with pytest.raises(NotFound):
        office.do(requests.decide, stranger, id_=id_, approve=True)
    office.do(requests.decide, stina, id_=id_, approve=True)
    with pytest.raises(ApprovalNeeded):
        office.use(sara, "print_case", "another")
    office.use(sara, "print_case", case)
    assert [kind for kind, *_ in office.entries(f"case/{case}")] == [
        "approval_asked",
        "approval_given",
        "approval_used",
    ]


def test_about_records_of_an_office_only_its_people_decide(office: Office, case_id: str) -> None:
    """Who answers for records counts for those of her own office, and nobody of another decides."""
    sara = office.viewer("sara")
    officer = office.viewer("stina", "records-officer")
    elsewhere = replace(officer, person="p_eva", office="elsewhere")
    asked = office.ask(sara, "own_records", case_id)
    data_protection = replace(elsewhere, roles=frozenset({"data-protection"}))
    for stranger in (elsewhere, data_protection):
        with pytest.raises(NotFound):
            office.do(requests.decide, stranger, id_=asked, approve=True)
    office.do(requests.decide, officer, id_=asked, approve=True)
    by_officer = office.ask(officer, "own_records", case_id, digest="cd" * 32)
    with pytest.raises(NotFound):
        office.do(requests.decide, elsewhere, id_=by_officer, approve=True)
    office.do(requests.decide, sara, id_=by_officer, approve=True)
    with office.world.database.transaction(write=False) as tx:
        written = [one for one in letters.of_case(tx, case_id) if one.key.startswith("approval")]
    assert {one.office_id for one in written} == {sara.office}


def test_what_was_refused_or_ran_out_is_used_by_nobody(
    office: Office, maja: Viewer, nils: Viewer
) -> None:
    refused, late = office.ask(maja), office.ask(maja, digest="cd" * 32)
    office.do(requests.decide, nils, id_=refused, approve=False)
    with pytest.raises(Stale):
        office.do(requests.decide, nils, id_=refused, approve=True)
    office.do(requests.decide, nils, id_=late, approve=True)
    never = office.ask(maja, digest="ef" * 32)
    office.world.clock.set(office.world.clock.now() + timedelta(hours=8))
    for digest in (CONTENT, "cd" * 32):
        with pytest.raises(ApprovalNeeded):
            office.use(maja, digest=digest)
    office.world.clock.set(office.world.clock.now() + timedelta(hours=72))
    with pytest.raises(Stale):
        office.do(requests.decide, nils, id_=never, approve=True)
    with office.world.database.transaction() as tx:
        assert requests.expire(tx, now=office.world.clock.now()) == 2
        assert requests.expire(tx, now=office.world.clock.now()) == 0
    states = [office.row(id_).state for id_ in (refused, late, never)]
    assert states == ["refused", "expired", "expired"]


def test_a_reason_is_needed(office: Office, maja: Viewer) -> None:
    about: dict[str, Any] = {"kind": "publish", "case_id": "", "subjects": {}, "digest": CONTENT}
    with pytest.raises(InvalidAnswers):
        office.do(requests.ask, maja, reason=" ", **about)


def test_without_rules_nothing_can_be_asked_for(office: Office, maja: Viewer) -> None:
    programme = replace(office.services.programme, approvals=ApprovalRules())
    office.services = replace(office.services, programme=programme)
    with pytest.raises(NotFound):
        office.ask(maja)
