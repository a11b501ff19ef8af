"""States of referrals: from sent to accepted, refused, lapsed, revoked or done.

A referral passes a packet of a case to another office; it has a receipt, a deadline and an office
that answers for it when it is not answered. A step that `grants.toml` names as a referral makes one
when it is completed, and the receiver's answer to its own task settles it. People make others by
hand (`compose`, `send`) and answer them on their own page (`answers`). The end of the case settles
all that still wait.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from service.access import Resource, Viewer, can_see
from service.casework.cases import grants, protection
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.casework.referrals import packet as referral_packet
from service.forms import Form
from service.records.context import Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.release.programme.grant_rules import ReferralRule
from service.security import ledger_lines
from service.store.at_hand import Reader
from service.store.casefile import cases, referrals
from service.store.casefile.consents import Consent
from service.store.casefile.referrals import LIVING, WAITING, Referral
from service.store.changes import Changes, Writer
from service.store.transaction import Tx
from service.store.work import jobs, tasks

ENDS = ("lapsed", "revoked", "done")
"""States that end a referral at their moment; `accepted` and `refused` are answers."""


def follow_completed_step(
    changes: Changes,
    services: Services,
    *,
    loaded: LoadedCase,
    after: LoadedCase,
    submission: Submission,
    opened: Collection[tasks.Task],
    consents: Callable[[], Sequence[Consent]],
) -> None:
    """Settle and send the referrals that a completed step answers or makes.

    Follows when the consents that came with the step are kept.

    Args:
        loaded: the case before the turn of the step; `after` is the case after it.
        submission: the answers of the step, as they were just given.
        opened: the tasks that the step opened; the receiver's own has the deadline.
        consents: gives those of the case after the turn; called where a referral is sent.
    """
    rules, element = services.configuration(loaded.release).grants.referrals, submission.element
    answered = _answered_by(rules, element)
    if answered is not None and loaded.rows.has_referrals:
        given = submission.answers.values()
        values = {key: value for fields in given for key, value in fields.items()}
        _settle_answered(
            changes, loaded, answered, str(values.get(answered.answer.name, "")), submission
        )
    if element in rules:
        _send_by_step(changes, services, after, rules[element], submission, opened, consents())


def _answered_by(rules: Mapping[str, ReferralRule], element: str) -> ReferralRule | None:
    """The rule of the referrals that a step answers; None when it answers none."""
    return next((rule for rule in rules.values() if rule.answer.element == element), None)


def _send_by_step(
    changes: Changes,
    services: Services,
    after: LoadedCase,
    rule: ReferralRule,
    submission: Submission,
    opened: Collection[tasks.Task],
    consents: Iterable[Consent],
) -> None:
    """Send the referral that a step makes; nothing when nobody holds the receiver's role."""
    case, by, now = after.case, submission.by, submission.now
    receiver = after.parties.get(rule.to)
    if receiver is None:
        return
    rows = grants.SightRows(
        after.parties,
        after.grants,
        {row.purpose: row.given_by for row in consents if row.live(now.date())},
        after.work.genuine,
        protection.load_named(after.at_hand, case),
    )
    sight = grants.sight_of(services, after.release, case, rows, now)
    form = after.release.forms[rule.form]
    there = Viewer("", receiver, frozenset({rule.to}))
    matrix = services.configuration(after.release).matrix
    packet = [
        answer
        for answer in _given(case, rule, submission)
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
        packet_sha256=referral_packet.seal_of(after.key, packet),
        by=by.id,
        state="sent",
        sent_at=now,
        due=next((task.due for task in opened if task.role == rule.to), None),
        to_role=rule.to,
        element=rule.element,
    )
    add_sent(changes, row, by=by, now=now)


def _resource(form: Form, answer: GivenAnswer) -> Resource:
    """Name an answer as `access` asks for it."""
    field = next((field for field in form.fields if field.key == answer.key), None)
    group, headline = (field.group, field.headline) if field is not None else ("", False)
    return Resource(answer.klass, answer.key, group, answer.office, headline)


def _given(
    case: cases.CaseSummary, rule: ReferralRule, submission: Submission
) -> Iterator[GivenAnswer]:
    """Yield the answers of the step as they are stored."""
    by, now = submission.by, submission.now
    for klass, values in submission.answers.items():
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
) -> None:
    """Change the state of a referral, with its ledger entry.

    One that waits no more loses its deadline.

    Args:
        more: further ids and codes for the entry.
        marks: columns that change with the state.
    Raises:
        CaseMoved: somebody was faster.
    """
    if state in ENDS:
        marks["ended_at"] = now
    referrals.settle(writer, row, state=state, **marks)
    if state not in WAITING and not row.element:
        jobs.disarm(writer, row.job)
    body = {"referral": row.id, "to": row.to_office, **(more or {})}
    append_entry(writer, f"case/{row.case_id}", f"refer_{state}", by=by, now=now, body=body)


def _settle_answered(
    changes: Changes, loaded: LoadedCase, rule: ReferralRule, value: str, submission: Submission
) -> None:
    """Accept or refuse the waiting referrals of steps, as the rule reads the receiver's answer."""
    state, now = "accepted" if value in rule.answer.accepted else "refused", submission.now
    for row in _of_steps(loaded.at_hand, loaded.case.id):
        marks = {
            "reason": value if state == "refused" else "",
            "answered_at": now,
            "opened_at": row.opened_at or now,
        }
        more = {"answer": value}
        settle(changes, row=row, state=state, by=submission.by, now=now, more=more, **marks)


def end_with_case(
    changes: Changes,
    services: Services,
    loaded: LoadedCase,
    *,
    by: Actor,
    now: datetime,
    completed: str = "",
) -> None:
    """Settle all referrals of a case that ended; all sight by them ends too.

    What nobody answered is revoked, or of a step lapsed when no person ended the case; what was
    accepted by hand is done.

    Args:
        completed: the step whose completion ended the case; the referrals that it answers are left
            to `follow_completed_step`.
    """
    rules = services.configuration(loaded.release).grants.referrals
    answers = _answered_by(rules, completed) is not None
    for row in referrals.of_case(loaded.at_hand, loaded.case.id):
        if row.state in WAITING and not (row.element and answers):
            state = "revoked" if by.office or not row.element else "lapsed"
            settle(changes, row=row, state=state, by=by, now=now)
        elif row.state in LIVING and not row.element:
            settle(changes, row=row, state="done", by=by, now=now)


def end_left_behind(
    changes: Changes,
    services: Services,
    before: LoadedCase,
    after: LoadedCase,
    *,
    by: Actor,
    now: datetime,
    completed: str = "",
) -> None:
    """Settle what a step referred where the case went another way in this turn: the receiver's task
    is gone, and nobody answered it. What went by hand to an office that has just lost its role
    ends too, so that no later consent opens it again.

    Args:
        completed: the step that was completed, if any; what it answers is left to
            `follow_completed_step`.
    """
    waited, waits = (
        {task.element for task in case.work.tasks.values() if task is not None}
        for case in (before, after)
    )
    gone = waited - waits - {completed}
    rules = services.configuration(before.release).grants.referrals
    for row in _of_steps(before.at_hand, before.case.id):
        rule = rules.get(row.element)
        if rule is not None and rule.answer.element in gone:
            state = "revoked" if by.office else "lapsed"
            settle(changes, row=row, state=state, by=by, now=now)
    left = before.parties.items() - after.parties.items()
    for row in referrals.of_case(before.at_hand, before.case.id) if left else ():
        if row.state in LIVING and not row.element and (row.to_role, row.to_office) in left:
            state = "revoked" if row.state in WAITING else "done"
            settle(changes, row=row, state=state, by=by, now=now)


def record_step_receipt(reader: Reader, tx: Tx, *, by: Viewer, now: datetime, case_id: str) -> None:
    """Record that the receiving role read the case: the receipt of what a step sent.

    A referral by hand is opened on its own page (`referral_answers.record_receipt`).
    """
    for row in _of_steps(reader, case_id):
        received = row.to_office == by.office and row.to_role in by.lane_roles
        if row.state == "sent" and received:
            referrals.require_newest(tx, row)
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
