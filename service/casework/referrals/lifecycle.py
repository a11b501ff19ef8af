"""States of referrals: from sent to accepted, refused, lapsed, revoked or done.

A referral passes a packet of a case to another office; it has a receipt, a deadline and an office
that answers for it when it is not answered. A step that `grants.toml` names as a referral makes one
when it is completed, and the receiver's answer to its own task settles it. People make others by
hand (`compose`, `send`) and answer them on their own page (`answers`). The end of the case settles
all that still wait.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from service.access import Resource, Viewer, can_see
from service.casework.cases import grants
from service.casework.cases.given_answers import GivenAnswer
from service.casework.referrals import packet as referral_packet
from service.forms import Form
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.release.programme.grant_rules import ReferralRule
from service.security import ledger_lines
from service.store.ahead import turn_reads
from service.store.at_hand import Reader
from service.store.casefile import cases, referrals
from service.store.casefile.referrals import LIVING, WAITING, Referral
from service.store.changes import Writer
from service.store.transaction import Tx
from service.store.work import jobs, tasks

ENDS = ("lapsed", "revoked", "done")
"""States that end a referral at their moment; `accepted` and `refused` are answers."""


def follow_completed_step(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    case_id: str,
    release_id: str,
    element: str,
    answers: Mapping[str, Mapping[str, object]],
    opened: Collection[tasks.Task],
) -> None:
    """Settle and send the referrals that a completed step answers or makes.

    Runs when the consents that came with the step are kept.

    Args:
        element: the step.
        answers: class to field to answer, as they were just given.
        opened: the tasks that the step opened; the receiver's own has the deadline.
    """
    rules = services.configuration_of(tx, release_id).grants.referrals
    answered = next((rule for rule in rules.values() if rule.answer == element), None)
    if answered is not None:
        values = {key: value for fields in answers.values() for key, value in fields.items()}
        _settle_answered(tx, case_id, answered, str(values.get(answered.name, "")), by, now)
    if element in rules:
        turn_reads.ask_of_sight(tx, case_id)
        case = cases.get(tx, case_id)
        if case is None:
            return
        _send_by_step(tx, services, case, rules[element], by, now, answers, opened)


def _send_by_step(
    tx: Tx,
    services: Services,
    case: cases.CaseSummary,
    rule: ReferralRule,
    by: Actor,
    now: datetime,
    answers: Mapping[str, Mapping[str, object]],
    opened: Collection[tasks.Task],
) -> None:
    """Send the referral that a step makes; nothing when nobody holds the receiver's role."""
    sight = grants.load_sight(tx, services, case, now)
    receiver = sight.parties.get(rule.to)
    key = services.key(tx, f"case:{case.id}")
    if receiver is None or key is None:
        return
    form = services.release(tx, case.release_id).forms[rule.form]
    there = Viewer("", receiver, frozenset({rule.to}))
    matrix = services.configuration_of(tx, case.release_id).matrix
    packet = [
        answer
        for answer in _given(case, rule, by, now, answers)
        if can_see(matrix, there, sight, _resource(form, answer)).ok
    ]
    row = Referral(
        id=ulid(now),
        case_id=case.id,
        from_office=by.office,
        to_office=receiver,
        purpose=rule.purpose,
        rev=case.rev,
        fields=sorted(answer.key for answer in packet),
        packet_sha256=referral_packet.seal_of(key, packet),
        by=by.id,
        state="sent",
        sent_at=now,
        due=next((task.due for task in opened if task.role == rule.to), None),
        to_role=rule.to,
        element=rule.element,
    )
    add_sent(tx, row, by=by, now=now)


def _resource(form: Form, answer: GivenAnswer) -> Resource:
    """Name an answer as `access` asks for it."""
    field = next((field for field in form.fields if field.key == answer.key), None)
    group, headline = (field.group, field.headline) if field is not None else ("", False)
    return Resource(answer.klass, answer.key, group, answer.office, headline)


def _given(
    case: cases.CaseSummary,
    rule: ReferralRule,
    by: Actor,
    now: datetime,
    answers: Mapping[str, Mapping[str, object]],
) -> Iterator[GivenAnswer]:
    """Yield the answers of the step as they are stored."""
    for klass, values in answers.items():
        for name, value in values.items():
            step = rule.form, rule.element, 0, case.rev
            yield GivenAnswer(name, value, klass, by.id, by.office, now, *step)


def add_sent(writer: Writer, row: Referral, *, by: Actor, now: datetime) -> None:
    """Store a referral that is sent now, with its ledger entry."""
    referrals.add(writer, row)
    body: dict[str, ledger_lines.Canonical] = {
        "referral": row.id,
        "to": row.to_office,
        "purpose": row.purpose,
        "fields": (*row.fields,),
        "packet": row.packet_sha256,
        "ground": row.ground,
        "consents": (*row.consents,),
    }
    append_entry(writer, f"case/{row.case_id}", "refer_sent", by=by, now=now, body=body)


def settle(
    writer: Writer,
    *,
    by: Actor,
    now: datetime,
    row: Referral,
    state: str,
    more: Mapping[str, str] | None = None,
    **marks: Any,  # noqa: ANN401 - fields of a referral
) -> Referral:
    """Change the state of a referral, with its ledger entry; gives it as it is then.

    One that waits no more loses its deadline.

    Args:
        more: further ids and codes for the entry.
        marks: columns that change with the state.
    Raises:
        CaseMoved: somebody was faster.
    """
    if state in ENDS:
        marks["ended_at"] = now
    after = referrals.settle(writer, row, state=state, **marks)
    if state not in WAITING and not row.element:
        jobs.disarm(writer, row.job)
    body = {"referral": row.id, "to": row.to_office, **(more or {})}
    append_entry(writer, f"case/{row.case_id}", f"refer_{state}", by=by, now=now, body=body)
    return after


def _settle_answered(
    tx: Tx, case_id: str, rule: ReferralRule, value: str, by: Actor, now: datetime
) -> None:
    """Accept or refuse the waiting referrals of steps, as the rule reads the receiver's answer."""
    state = "accepted" if value in rule.accepted else "refused"
    for row in _of_steps(tx, case_id):
        marks = {
            "reason": value if state == "refused" else "",
            "answered_at": now,
            "opened_at": row.opened_at or now,
        }
        settle(tx, row=row, state=state, by=by, now=now, more={"answer": value}, **marks)


def end_with_case(tx: Tx, case_id: str, *, by: Actor, now: datetime) -> None:
    """Settle all referrals of a case that ended; all sight by them ends too.

    What nobody answered is revoked, or of a step lapsed when no person ended the case; what was
    accepted by hand is done.
    """
    for row in referrals.of_case(tx, case_id):
        if row.state in WAITING:
            state = "revoked" if by.office or not row.element else "lapsed"
            settle(tx, row=row, state=state, by=by, now=now)
        elif row.state in LIVING and not row.element:
            settle(tx, row=row, state="done", by=by, now=now)


def record_step_receipt(tx: Tx, *, by: Viewer, now: datetime, case_id: str) -> None:
    """Record that the receiving role read the case: the receipt of what a step sent.

    A referral by hand is opened on its own page (`referral_answers.record_receipt`).
    """
    for row in _of_steps(tx, case_id):
        received = row.to_office == by.office and row.to_role in by.lane_roles
        if row.state == "sent" and received:
            settle(tx, row=row, state="opened", by=actor(by), now=now, opened_at=now)


def _of_steps(reader: Reader, case_id: str) -> list[Referral]:
    return [
        row for row in referrals.of_case(reader, case_id) if row.state in WAITING and row.element
    ]


def referral_steps(row: Referral) -> list[tuple[str, datetime | None]]:
    """List the states of a referral with their moments; a state that has not come has none."""
    states = [("sent", row.sent_at), ("opened", row.opened_at)]
    was_accepted = row.state != "refused" and row.answered_at is not None
    if was_accepted or row.state in WAITING:
        states.append(("accepted", row.answered_at))
    if row.state in ("refused", *ENDS):
        states.append((row.state, row.ended_at or row.answered_at))
    elif not row.element:
        states.append(("done", None))
    return states
