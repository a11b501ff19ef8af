"""Two people unmask a case for an auditor: named classes, one case, for an hour, and every look
says so.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from service.audit import verify
from service.audit.case_replay import CaseReplay
from service.audit.field_history import field_values
from service.audit.log_review.looks import find_looks
from service.audit.search.reads import load_extract
from service.casework.approvals import requests
from service.casework.casefile.protected_commands import decide_approval
from service.casework.cases import protection
from service.errors import FourEyes, InvalidAnswers, NotAllowed, NotFound, Stale
from service.release.programme.log_review_rules import LogReviewRules
from service.store.row_scope import as_system
from service.store.tables import approval
from tests.casework.approvals.conftest import NOTE, Audit

TOWN, DANGER = "municipality", "immediateDanger"
"""A question of class C1, and one of class C3."""


def shown(replay: CaseReplay) -> dict[str, str]:
    """Key to text of what a replay shows of the first fact."""
    return {one.key: one.after for one in replay.written[1].changes}


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
        audit.do(partial(decide_approval, approval=id_, approve=True), by=audit.disa)


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


def test_what_was_asked_answered_and_ended_is_verified(audit: Audit) -> None:
    audit.end(audit.unmask("C1"), audit.disa)
    audit.look()
    with audit.world.database.transaction(write=False) as tx:
        found = verify.verify(tx, audit.services, audit.case, now=audit.world.clock.now())
    assert found.faults == ()
