"""States of a referral: each change has its entry, and the end of the case settles all."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.access import OWN_OFFICE, Viewer
from service.casework.cases import consents
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.commands.task_completion import complete_task
from service.casework.referrals import lifecycle, referral_answers
from service.errors import CaseMoved
from service.records.context import CLOCK, Actor, actor
from service.release.bundle import Bundle
from service.store.casefile import parties, referrals
from service.store.changes import Changes
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.writing import write
from tests.casework.referrals.conftest import RECEIVER, ReferralSite
from tests.support import by_hand, small
from tests.support import diagrams as d
from tests.support.directory import ROLE
from tests.support.world import NOON

STEP, ANSWER = "Task_SubmitReferral", "Task_DecideReferral"
"""As the shipped configuration names the step that refers, and the receiver's that answers."""
APPROVER = Viewer("p_berit", RECEIVER, frozenset({"CaseApprover"}), "en", "Europe/Stockholm")
OWN = {
    **small.field("own", "textfield", "C1"),
    "properties": {"class": "C1", "group": OWN_OFFICE},
}
"""A field whose answers only the office reads that gave them."""
SARA = Actor("p_sara", "social")


def process() -> Bundle:
    """A step that refers, and the task of the receiver that is due after five days."""
    outcome = {
        **small.CHOICE,
        "key": "referralDecision",
        "values": [{"label": value, "value": value} for value in ("APPROVED", "REJECTED")],
    }
    due = '<zeebe:taskSchedule dueDate="= now() + duration(&quot;P5D&quot;)"/>'
    body = d.task(STEP, "referral", group=ROLE) + d.task(
        ANSWER, "decide", due, group="CaseApprover"
    )
    made = small.one(body, f"s>{STEP} {STEP}>{ANSWER} {ANSWER}>e")
    types = '[referralDecision]\ntype = "string"\nvalues = ["APPROVED", "REJECTED"]\nclass = "C0"\n'
    return Bundle(
        {
            **made.files,
            "forms/referral.form": small.form("referral", *small.TEXTS, OWN),
            "forms/decide.form": small.form("decide", outcome),
            "workflows/config/roles.toml": (
                f'{small.ROLES}[CaseApprover]\nsv = "Beslut"\nen = "Approving"\n'.encode()
            ),
            "workflows/config/types.toml": (small.TYPES + types).encode(),
        }
    )


@pytest.fixture
def stepping(site: ReferralSite) -> ReferralSite:
    """The same offices, and a case whose next step refers it to the receiver."""
    site.desk.publish(process())
    site.case = site.desk.start().case_id
    with site.desk.database.transaction() as tx:
        parties.bind(tx, site.case, {"CaseApprover": RECEIVER}, parties.of_case(tx, site.case))
        by_hand.entry(tx, f"case/{site.case}")
    return site


def refer(site: ReferralSite) -> referrals.Referral:
    """Complete the step that refers; the referral that it made."""
    site.desk.do(
        site.case, STEP, {"note": ["ill"], "contact": ["0700"], "place": ["Umeå"], "own": ["x"]}
    )
    with site.desk.database.transaction(write=False) as tx:
        (row,) = referrals.of_case(tx, site.case)
    return row


def load(tx: Tx, site: ReferralSite) -> LoadedCase:
    found = turn_rows.read_of_case(tx, site.case)
    assert found is not None
    rows, at_hand = found
    at_hand.take(tx.read((referrals.OF_CASE, {"case_id": site.case})))
    return load_case(at_hand, site.desk.program.services, rows)


@pytest.mark.parametrize(
    ("given", "fields"),
    [({}, []), ({"REFER": {}}, ["contact"])],
    ids=["alone", "consented"],
)
def test_a_step_sends_what_its_receiver_may_see(
    stepping: ReferralSite,
    given: dict[str, Any],
    fields: list[str],
) -> None:
    site, services, now = stepping, stepping.desk.program.services, stepping.desk.clock.now()
    if given:
        with site.desk.database.transaction() as tx:
            key = services.key(tx, f"case:{site.case}")
            assert key is not None
            about: dict[str, Any] = {"case_id": site.case, "key": key, "by": "p_sara", "now": now}
            rules = services.programme.configuration
            consents.give(tx, rules, given=given, rev=1, **about)
            by_hand.entry(tx, f"case/{site.case}")
    row = refer(site)
    (task,) = site.desk.tasks(site.case)
    assert (row.element, row.state, row.purpose, row.from_role) == (STEP, "sent", "REFER", "")
    assert (row.from_office, row.to_office, row.to_role) == ("social", RECEIVER, "CaseApprover")
    assert (row.due, row.due is None) == (task.due, False)
    assert row.fields == fields
    assert (site.entries(), site.deadlines()) == (["refer_sent"], [])


def test_without_an_office_for_the_role_a_step_sends_nothing(site: ReferralSite) -> None:
    site.desk.publish(process())
    site.case = site.desk.start().case_id
    site.desk.do(site.case, STEP)
    assert site.entries() == []


def test_the_receivers_role_receipts_what_a_step_sent_once(stepping: ReferralSite) -> None:
    site, row, now = stepping, refer(stepping), stepping.desk.clock.now()
    others = (
        site.sender,
        replace(APPROVER, roles=frozenset({ROLE})),
        replace(APPROVER, office="social"),
    )
    for by in (*others, APPROVER, APPROVER):
        with site.desk.database.transaction() as tx:
            lifecycle.record_step_receipt(tx, tx, by=by, now=now, case_id=site.case)
        assert site.row(row.id).opened_at == (now if by is APPROVER else None)
    assert site.entries() == ["refer_sent", "refer_opened"]


@pytest.mark.parametrize(
    ("answer", "state", "reason"),
    [("APPROVED", "accepted", ""), ("REJECTED", "refused", "REJECTED")],
)
def test_the_receivers_step_answers_it(
    stepping: ReferralSite, answer: str, state: str, reason: str
) -> None:
    site, row, now = stepping, refer(stepping), stepping.desk.clock.now()
    what: dict[str, Any] = {"task_key": site.desk.key(site.case, ANSWER), "end_confirmed": True}
    what["answers"] = {"referralDecision": [answer]}
    services = site.desk.program.services
    with site.desk.database.transaction() as tx:
        referrals.add(tx, replace(row, id="earlier", state="refused"))
        referrals.add(tx, replace(row, id="by-hand", element=""))
    site.desk.move(lambda tx: complete_task(tx, services, by=APPROVER, now=now, **what))
    after = site.row(row.id)
    assert (after.state, after.reason, after.answered_at, after.opened_at) == (
        state,
        reason,
        now,
        now,
    )
    assert (site.row("earlier").state, site.row("by-hand").state) == ("refused", "revoked")
    assert site.entries() == ["refer_sent", "refer_revoked", f"refer_{state}"]


@pytest.mark.parametrize(
    ("by", "element", "before", "state"),
    [
        (CLOCK, STEP, "sent", "lapsed"),
        (CLOCK, "", "opened", "revoked"),
        (SARA, STEP, "opened", "revoked"),
        (SARA, "", "sent", "revoked"),
        (CLOCK, "", "accepted", "done"),
        (CLOCK, STEP, "accepted", "accepted"),
        (CLOCK, "", "refused", "refused"),
    ],
)
def test_the_end_of_a_case_settles_what_still_lives(
    site: ReferralSite, by: Actor, element: str, before: str, state: str
) -> None:
    row, now = site.row(site.send()), site.desk.clock.now()
    services = site.desk.program.services
    site.do(
        lambda tx: referral_answers.revoke(
            tx, services, by=site.sender, now=now, referral_id=row.id
        )
    )
    with site.desk.database.transaction() as tx:
        referrals.add(tx, replace(row, id="other", element=element, state=before))
    with site.desk.database.transaction() as tx:
        changes = Changes.of(tx)
        lifecycle.end_with_case(changes, services, load(tx, site), by=by, now=now)
        write(tx, changes)
    after = site.row("other")
    assert (after.state, after.ended_at) == (state, None if state == before else now)


@pytest.mark.parametrize(
    ("before", "role", "state"),
    [
        ("opened", "ChildServices", "revoked"),
        ("accepted", "ChildServices", "done"),
        ("refused", "ChildServices", "refused"),
        ("accepted", "Another", "accepted"),
    ],
)
def test_what_an_office_was_referred_by_hand_ends_with_its_role(
    site: ReferralSite, before: str, role: str, state: str
) -> None:
    row, now = site.row(site.send()), site.desk.clock.now()
    services = site.desk.program.services
    with site.desk.database.transaction() as tx:
        referrals.add(tx, replace(row, id="other", to_role=role, state=before))
        parties.bind(tx, site.case, {"ChildServices": RECEIVER}, parties.of_case(tx, site.case))
        by_hand.entry(tx, f"case/{site.case}")
    with site.desk.database.transaction() as tx:
        held, changes = load(tx, site), Changes.of(tx)
        left = replace(held, parties={ROLE: held.parties[ROLE]})
        lifecycle.end_left_behind(changes, services, held, held, by=SARA, now=now)
        assert not changes.orders, "as long as it holds the role"
        lifecycle.end_left_behind(changes, services, held, left, by=SARA, now=now)
        write(tx, changes)
    assert site.row("other").state == state


def test_the_end_of_a_case_revokes_what_nobody_answered(site: ReferralSite) -> None:
    id_ = site.send()
    site.desk.do(site.case, "t1")
    assert (site.row(id_).state, site.deadlines()) == ("revoked", [])
    assert site.desk.faults() == []


def test_the_end_of_a_case_ends_what_was_accepted(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    site.do(
        lambda tx: referral_answers.accept(tx, services, by=site.receiver, now=now, referral_id=id_)
    )
    site.desk.do(site.case, "t1")
    assert site.row(id_).state == "done"


def test_of_two_changes_from_one_state_only_the_first_counts(site: ReferralSite) -> None:
    row, now = site.row(site.send()), site.desk.clock.now()
    site.do(lambda tx: lifecycle.settle(tx, by=CLOCK, now=now, row=row, state="lapsed"))
    with pytest.raises(CaseMoved):
        site.do(
            lambda tx: lifecycle.settle(
                tx, by=actor(site.sender), now=now, row=row, state="revoked"
            )
        )
    assert site.entries() == ["refer_sent", "refer_lapsed"]


def test_the_states_of_a_page_have_their_moments(site: ReferralSite) -> None:
    id_, now, services = site.send(), site.desk.clock.now(), site.desk.program.services
    assert lifecycle.referral_steps(site.row(id_)) == [
        ("sent", now),
        ("opened", None),
        ("accepted", None),
        ("done", None),
    ]
    site.do(
        lambda tx: referral_answers.revoke(tx, services, by=site.sender, now=now, referral_id=id_)
    )
    assert lifecycle.referral_steps(site.row(id_))[-1] == ("revoked", now)


@pytest.mark.parametrize(
    ("marks", "states"),
    [
        ({"state": "opened"}, ["sent", "opened", "accepted", "done"]),
        ({"state": "opened", "element": STEP}, ["sent", "opened", "accepted"]),
        ({"state": "accepted", "answered_at": NOON}, ["sent", "opened", "accepted", "done"]),
        ({"state": "refused", "answered_at": NOON}, ["sent", "opened", "refused"]),
        ({"state": "lapsed", "ended_at": NOON}, ["sent", "opened", "lapsed"]),
        (
            {"state": "revoked", "answered_at": NOON, "ended_at": NOON},
            ["sent", "opened", "accepted", "revoked"],
        ),
    ],
)
def test_the_states_are_those_that_came_and_those_that_can_come(
    site: ReferralSite, marks: dict[str, Any], states: list[str]
) -> None:
    row = replace(site.row(site.send()), sent_at=NOON, **marks)
    steps = lifecycle.referral_steps(row)
    came = {"sent", row.state} - {"opened"} | ({"accepted"} if row.answered_at else set())
    assert [state for state, _ in steps] == states
    assert {state for state, at in steps if at is not None} == came & set(states)
