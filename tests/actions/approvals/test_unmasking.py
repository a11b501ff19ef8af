"""Two people unmask a case for an auditor: named classes, one case, for an hour, and every look
says so.
"""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from service.access import Viewer
from service.actions import audit_matter
from service.actions.approvals import requests, unmasking
from service.actions.approvals.unmasking_page import (
    CaseUnmasking,
    load_case_unmasking,
    load_open_unmaskings,
    load_request,
)
from service.actions.casefile.protected_commands import DecideApproval
from service.actions.cases import protection
from service.actions.history.case_replay import CaseReplay, read_case_replay
from service.actions.history.event_card.form_then import FormThen, load_form_then
from service.actions.history.field_history import field_values
from service.actions.history.search.reads import load_extract
from service.actions.log_review.looks import find_looks
from service.actions.programme.approval_rules import ApprovalRules
from service.actions.programme.log_review_rules import LogReviewRules
from service.errors import FourEyes, InvalidAnswers, NotAllowed, NotFound, Stale
from service.security.records import LedgerEntry
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.row_scope import as_system
from service.store.tables import approval
from tests.support.audits import MATTER, state_matter, unmask
from tests.support.world import World

NOTE = "qzkanariefagel"
REASON = "Two notes give different towns"
TOWN, DANGER = "municipality", "immediateDanger"
"""A question of class C1, and one of class C3."""


class Audit:
    """A case with answers of every class, its auditor and who answers for data protection."""

    def __init__(self, world: World) -> None:
        self.world, self.services = world, world.program.services
        self.case = world.start_case(noteToOffice=NOTE).case_id
        self.greta, self.disa = world.loaded_viewer("greta"), world.loaded_viewer("disa")
        state_matter(world.program, self.greta, world.clock.now())

    def do(self, act: Any, **more: Any) -> Any:
        with self.world.database.transaction() as tx:
            return act(tx, self.services, now=self.world.clock.now(), **more)

    def ask(self, *classes: str, by: Viewer | None = None, reason: str = REASON) -> str:
        about = {"case_id": self.case, "classes": classes, "reason": reason}
        return str(self.do(unmasking.ask, by=by or self.greta, **about))

    def decide(
        self, id_: str, *, approve: bool = True, by: Viewer | None = None, **more: Any
    ) -> None:
        self.do(unmasking.decide, by=by or self.disa, id_=id_, approve=approve, **more)

    def end(self, id_: str, by: Viewer) -> None:
        self.do(requests.end, by=by, id_=id_)

    def unmask(self, *classes: str) -> str:
        now = self.world.clock.now()
        return unmask(self.world.program, self.greta, self.disa, now, self.case, *classes)

    def look(self, by: Viewer | None = None, case: str = "") -> CaseReplay:
        """Open the replay of a case, as the page does."""
        with self.world.database.transaction() as tx:
            now, viewer = self.world.clock.now(), by or self.greta
            return read_case_replay(tx, self.services, viewer, case or self.case, now)

    def form(self, replay: CaseReplay) -> FormThen:
        with self.world.database.transaction(write=False) as tx:
            return load_form_then(tx, self.services, self.greta, self.case, 1, replay.opened)

    def page(self) -> CaseUnmasking:
        with self.world.database.transaction(write=False) as tx:
            case = cases.get(tx, self.case)
            assert case is not None
            now = self.world.clock.now()
            return load_case_unmasking(tx, self.services, self.greta, case, now)

    def entries(self, stream: str) -> list[LedgerEntry]:
        with self.world.database.transaction(write=False) as tx:
            return ledger_entries.of_stream(tx, f"{stream}/{self.case}")

    def read(self) -> list[dict[str, Any]]:
        """The bodies of the looks at the case."""
        return [json.loads(one.body) for one in self.entries("reads")]


def shown(replay: CaseReplay) -> dict[str, str]:
    """Key to text of what a replay shows of the first fact."""
    return {one.key: one.after for one in replay.written[1].changes}


@pytest.fixture
def audit(shipped_world: World) -> Audit:
    return Audit(shipped_world)


def test_an_approved_class_is_open_and_the_others_are_not(audit: Audit) -> None:
    before = audit.look()
    assert TOWN not in shown(before)
    audit.unmask("C1")
    replay = audit.look()
    assert shown(replay)[TOWN]
    assert DANGER not in shown(replay)
    assert [one.klass for one in replay.written[1].sealed] == ["C1", "C3"]
    assert replay.written[1].sealed[0].labels == ("Note to your own office",)
    assert NOTE not in str(replay.rows()), "only the office that wrote it sees it, whoever says yes"
    field, (value,) = field_values(replay, TOWN)
    assert value.after == shown(replay)[TOWN]
    assert field.klass == "C1"
    _, (own,) = field_values(replay, "noteToOffice")
    _, (danger,) = field_values(replay, DANGER)
    assert own.after == danger.after == "hidden from you"


def test_the_form_of_then_opens_the_same(audit: Audit) -> None:
    hidden = audit.form(audit.look())
    audit.unmask("C1")
    replay = audit.look()
    form = audit.form(replay)
    said = {one.key: one.value for section in form.sections for one in section.widgets}
    assert said[TOWN]
    assert said[TOWN] != "hidden from you"
    assert said[DANGER] == said["noteToOffice"] == "hidden from you"
    assert 0 < form.hidden < hidden.hidden


def test_every_look_bears_classes_matter_and_number(audit: Audit) -> None:
    audit.look()
    audit.unmask("C1", "C3")
    audit.look()
    plain, opened = audit.read()
    (given,) = (one for one in audit.entries("case") if one.kind == "approval_given")
    assert "unmasking" not in plain
    assert opened["unmasking"] == given.seq
    assert (opened["purpose"], opened["classes"]) == ("audit", ["C0", "C1", "C3"])
    assert opened["matter"] == plain["matter"]


def test_it_is_masked_again_when_the_hour_is_over(audit: Audit) -> None:
    audit.unmask("C1")
    audit.world.clock.set(audit.world.clock.now() + timedelta(minutes=59))
    assert TOWN in shown(audit.look())
    audit.world.clock.set(audit.world.clock.now() + timedelta(minutes=1))
    assert TOWN not in shown(audit.look())
    assert not audit.page().is_open
    with audit.world.database.transaction() as tx:
        assert requests.expire(tx, now=audit.world.clock.now()) == 1
    last = audit.entries("case")[-1]
    assert (last.kind, last.actor) == ("approval_ended", "clock")
    text_ = audit.look().entries[-1].text
    assert text_ == "The time of an unmasking was over: identity and contact masked again"


@pytest.mark.parametrize("name", ["greta", "disa"])
def test_either_of_the_two_ends_it_earlier(audit: Audit, name: str) -> None:
    id_ = audit.unmask("C1")
    audit.end(id_, audit.world.loaded_viewer(name))
    assert TOWN not in shown(audit.look())
    last = audit.entries("case")[-1]
    assert (last.kind, last.actor) == ("approval_ended", f"p_{name}")
    with pytest.raises(Stale):
        audit.end(id_, audit.greta)


def test_nobody_else_ends_it_or_reads_by_it(audit: Audit) -> None:
    id_ = audit.unmask("C1")
    for name in ("sara", "maja", "nils"):
        with pytest.raises(NotFound):
            audit.end(id_, audit.world.loaded_viewer(name))
    other = replace(audit.greta, person="p_omar")
    assert TOWN not in shown(audit.look(other)), "it is open to who asked alone"
    elsewhere = audit.world.start_case().case_id
    assert TOWN not in shown(audit.look(case=elsewhere)), "in this one case alone"
    assert TOWN in shown(audit.look())


def test_who_asks_never_decides(audit: Audit) -> None:
    both = replace(audit.greta, roles=frozenset({"auditor", "data-protection"}))
    id_ = audit.ask("C1", by=both)
    with pytest.raises(FourEyes):
        audit.decide(id_, by=both)
    for name in ("sara", "maja", "nils"):
        with pytest.raises(NotFound):
            audit.decide(id_, by=audit.world.loaded_viewer(name))
    assert TOWN not in shown(audit.look())


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
        assert asked.classes == ("Identity and contact", "Special categories")
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


def test_a_request_needs_a_class_a_reason_and_a_matter(audit: Audit) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        audit.ask("C0", reason=" ")
    assert [fault.path for fault in refused.value.faults] == ["classes", "why"]
    with pytest.raises(InvalidAnswers):
        audit.ask("C1", reason="x" * (protection.LONGEST + 1))
    with pytest.raises(NotFound):
        audit.ask("C1", by=audit.world.loaded_viewer("sara"))
    with pytest.raises(NotAllowed):
        audit.ask("C1", by=replace(audit.greta, person="p_omar"))


def test_one_request_at_a_time_that_she_can_take_back(audit: Audit) -> None:
    id_ = audit.ask("C1")
    with pytest.raises(Stale):
        audit.ask("C2")
    assert audit.page().waits
    with pytest.raises(Stale):
        audit.end(id_, audit.disa)
    audit.end(id_, audit.greta)
    with pytest.raises(Stale):
        audit.decide(id_)
    assert audit.ask("C2") != id_


def test_a_request_that_nobody_answers_runs_out(audit: Audit) -> None:
    id_ = audit.ask("C1")
    audit.world.clock.set(audit.world.clock.now() + timedelta(hours=72))
    last = audit.page().last
    assert last is not None
    assert last.state == "expired"
    with pytest.raises(Stale):
        audit.decide(id_)
    assert audit.ask("C1") != id_


def test_nothing_of_a_protected_identity_is_unmasked(audit: Audit) -> None:
    id_ = audit.unmask("C1")
    audit.do(
        protection.set_marking,
        by=audit.world.loaded_viewer("sara"),
        case_id=audit.case,
        marking="SEKRETESSMARKERING",
        reason="Told so today",
    )
    assert TOWN not in shown(audit.look()), "what is open closes when it becomes protected"
    assert audit.page().why_not == "protected"
    audit.end(id_, audit.greta)
    with pytest.raises(NotAllowed) as refused:
        audit.ask("C1")
    assert refused.value.facts["why"] == "unmask_protected"


def test_a_request_before_the_protection_is_not_approved(audit: Audit) -> None:
    id_ = audit.ask("C1")
    audit.do(
        protection.set_marking,
        by=audit.world.loaded_viewer("sara"),
        case_id=audit.case,
        marking="SEKRETESSMARKERING",
        reason="Told so today",
    )
    with pytest.raises(NotAllowed):
        audit.decide(id_)
    audit.decide(id_, approve=False, reason="Protected now")


def test_an_installation_without_the_rule_says_so(audit: Audit) -> None:
    programme = replace(audit.services.programme, approvals=ApprovalRules())
    audit.services = replace(audit.services, programme=programme)
    assert audit.page().why_not == "nobody"
    with pytest.raises(NotAllowed):
        audit.ask("C1")


def test_a_row_that_somebody_wrote_opens_nothing(audit: Audit) -> None:
    """Who can write to the database has no entry in the history of the case for it."""
    id_ = audit.ask("C1")
    forged = update(approval).where(approval.c.id == id_)
    forged = forged.values(state="approved", decided_by="p_disa")
    with audit.world.database.transaction() as tx:
        tx.run(as_system("approve", forged))
    assert TOWN not in shown(audit.look())


def test_the_command_of_other_approvals_does_not_decide_it(audit: Audit) -> None:
    id_ = audit.ask("C1")
    with pytest.raises(NotFound):
        audit.do(DecideApproval(id_, approve=True).perform, by=audit.disa)


def test_the_person_concerned_and_the_review_see_it(audit: Audit) -> None:
    audit.look()
    audit.unmask("C1")
    audit.look()
    with audit.world.database.transaction(write=False) as tx:
        extract = load_extract(tx, audit.case, lang="en", zone="Europe/Stockholm")
        assert {(one.office, one.purpose, one.times) for one in extract} == {
            ("Board", "Audit", 1),
            ("Board", "Audit, with answers that two persons unmasked", 1),
        }
        month = f"{audit.world.clock.now():%Y-%m}"
        found = find_looks(tx, audit.services, month, LogReviewRules())
    (look,) = (one for one in found.looks if one.person == "p_greta")
    assert look.why[0] == "unmasked"


def test_the_history_tells_that_it_was_asked_and_answered(audit: Audit) -> None:
    id_ = audit.unmask("C1", "C3")
    audit.end(id_, audit.disa)
    both = "identity and contact, safety"
    said = [(one.what, one.text) for one in audit.look().entries if "approval" in one.what]
    assert said == [
        ("approval_asked", f"Greta asked to read masked answers: {both}"),
        ("approval_given", f"Disa said yes to an auditor who asked to read masked answers: {both}"),
        ("approval_ended", f"Disa ended an unmasking: {both}"),
    ]


def test_the_words_of_a_matter_are_of_who_stated_it(audit: Audit) -> None:
    with audit.world.database.transaction(write=False) as tx:
        matter = audit_matter.stated_matter(tx, audit.greta)
        assert matter is not None
        about = (audit.greta.office, matter.seq)
        assert audit_matter.words_of(tx, audit.services, "p_greta", *about) == MATTER
        assert audit_matter.words_of(tx, audit.services, "p_disa", *about) == ""
        assert audit_matter.words_of(tx, audit.services, "p_greta", about[0], 10_000) == ""
