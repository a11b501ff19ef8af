"""Referrals: a packet of a case that one office sends to another.

Each has a receipt, a deadline and somebody who owns its silence.

A step that `grants.toml` names as a referral makes one when it is completed; the receiver's answer
to its own task settles it. People make others by hand (`packing`, `dispatching`) and answer them on
a page of their own (`receiving`). The case's end settles all that still wait.
Source: screens.md S6, 7.9.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from service.access import Resource, Viewer, can_see
from service.actions.cases import grants
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Actor, Services, actor
from service.actions.ids import ulid
from service.actions.ledger_entries import append_entry
from service.actions.programme.grant_rules import ReferralRule
from service.actions.programme.referral_rules import localized_text
from service.actions.referrals import packet as referral_packet
from service.actions.releases.prepared import PreparedRelease
from service.security import ledger
from service.store.casefile import cases, referrals
from service.store.casefile.referrals import LIVING, WAITING, Referral
from service.store.transaction import Tx
from service.store.work import jobs, tasks

ENDS = ("lapsed", "revoked", "done")
"""States whose moment is that of the end; `accepted` and `refused` are answers."""


def follow_completed_step(
    tx: Tx,
    services: Services,
    *,
    by: Actor,
    now: datetime,
    case_id: str,
    element: str,
    answers: Mapping[str, Mapping[str, object]],
    opened: Collection[tasks.Task],
) -> None:
    """Do to the referrals of a case what a completed step means for them; runs when the consents
    that came with it are kept.

    Args:
        element: the step.
        answers: class to field to answer, as they were just given.
        opened: the tasks that came of it; the receiver's own tells by when it must answer.
    """
    rules = services.programme.grants.referrals
    said = next((r for r in rules.values() if r.answer == element), None)
    if said is not None:
        _answered(
            tx,
            case_id,
            said,
            by,
            now,
            {key: value for fields in answers.values() for key, value in fields.items()},
        )
    case = cases.get(tx, case_id) if element in rules else None
    if case is not None:
        _send(tx, services, case, rules[element], by, now, answers, opened)


def _send(
    tx: Tx,
    services: Services,
    case: cases.CaseSummary,
    rule: ReferralRule,
    by: Actor,
    now: datetime,
    answers: Mapping[str, Mapping[str, object]],
    opened: Collection[tasks.Task],
) -> None:
    sight = grants.load_sight(tx, services, case, now)
    receiver, key = sight.parties.get(rule.to), services.key(tx, f"case:{case.id}")
    if receiver is None or key is None:
        return
    fields = services.release(tx, case.release_id).forms[rule.form].fields
    groups = {f.key: (f.group, f.headline) for f in fields}
    there = Viewer("", receiver, frozenset({rule.to}))
    packet = []
    for klass, given in answers.items():
        for name, value in given.items():
            group, headline = groups.get(name, ("", False))
            if can_see(
                services.programme.matrix,
                there,
                sight,
                Resource(klass, name, group, by.office, headline),
            ).ok:
                packet.append(
                    GivenAnswer(
                        name,
                        value,
                        klass,
                        by.id,
                        by.office,
                        now,
                        rule.form,
                        rule.element,
                        0,
                        case.rev,
                    )
                )
    row = Referral(
        id=ulid(now),
        case_id=case.id,
        from_office=by.office,
        to_office=receiver,
        purpose=rule.purpose,
        rev=case.rev,
        fields=sorted(one.key for one in packet),
        packet_sha256=referral_packet.seal_of(key, packet),
        by=by.id,
        state="sent",
        sent_at=now,
        due=next((t.due for t in opened if t.role == rule.to), None),
        to_role=rule.to,
        element=rule.element,
    )
    add_sent(tx, row, by=by, now=now)


def add_sent(tx: Tx, row: Referral, *, by: Actor, now: datetime) -> None:
    """Keep a referral that goes out now, with its line."""
    referrals.add(tx, row)
    body: dict[str, ledger.Canonical] = {
        "referral": row.id,
        "to": row.to_office,
        "purpose": row.purpose,
        "fields": (*row.fields,),
        "packet": row.packet_sha256,
        "ground": row.ground,
        "consents": (*row.consents,),
    }
    append_entry(tx, f"case/{row.case_id}", "refer_sent", by=by, now=now, body=body)


def settle(
    tx: Tx,
    *,
    by: Actor,
    now: datetime,
    row: Referral,
    state: str,
    more: Mapping[str, str] | None = None,
    **marks: object,
) -> None:
    """Take a referral to its next state, with its line.

    One that waits no more has no deadline any more.

    Args:
        more: what the line says beside the referral and its receiver: ids and codes.
        marks: columns that change with it.
    Raises:
        CaseMoved: somebody was faster.
    """
    if state in ENDS:
        marks["ended_at"] = now
    referrals.settle(tx, row.id, was=row.state, state=state, **marks)
    if state not in WAITING and not row.element:
        jobs.disarm(tx, row.job)
    append_entry(
        tx,
        f"case/{row.case_id}",
        f"refer_{state}",
        by=by,
        now=now,
        body={"referral": row.id, "to": row.to_office, **(more or {})},
    )


def _answered(
    tx: Tx,
    case_id: str,
    rule: ReferralRule,
    by: Actor,
    now: datetime,
    answers: Mapping[str, object],
) -> None:
    """The receiver decided: accepted or refused as the rule reads its answer."""
    value = str(answers.get(rule.name, ""))
    state = "accepted" if value in rule.accepted else "refused"
    for row in _of_steps(tx, case_id):
        marks = {
            "reason": value if state == "refused" else "",
            "answered_at": now,
            "opened_at": row.opened_at or now,
        }
        settle(tx, row=row, state=state, by=by, now=now, more={"answer": value}, **marks)


def end_with_case(tx: Tx, case_id: str, *, by: Actor, now: datetime) -> None:
    """The case is over.

    What nobody answered is taken back, or of a step lapsed when no person ended it; what was
    accepted by hand is done. All sight ends.
    """
    for row in referrals.of_case(tx, case_id):
        if row.state in WAITING:
            settle(
                tx,
                row=row,
                state="revoked" if by.office or not row.element else "lapsed",
                by=by,
                now=now,
            )
        elif row.state in LIVING and not row.element:
            settle(tx, row=row, state="done", by=by, now=now)


def record_step_receipt(tx: Tx, *, by: Viewer, now: datetime, case_id: str) -> None:
    """Somebody of the receiving office looks at the case: the receipt of what a step sent.

    One made by hand is opened on its own page.
    """
    for row in _of_steps(tx, case_id):
        if row.state == "sent" and row.to_office == by.office:
            settle(tx, row=row, state="opened", by=actor(by), now=now, opened_at=now)


def _of_steps(tx: Tx, case_id: str) -> list[Referral]:
    return [row for row in referrals.of_case(tx, case_id) if row.state in WAITING and row.element]


def referral_steps(row: Referral) -> list[tuple[str, datetime | None]]:
    """The way of a referral: each state with its moment; what has not come has none."""
    way = [("sent", row.sent_at), ("opened", row.opened_at)]
    was_accepted = row.state != "refused" and row.answered_at is not None
    if was_accepted or row.state in WAITING:
        way.append(("accepted", row.answered_at))
    if row.state in ("refused", *ENDS):
        way.append((row.state, row.ended_at or row.answered_at))
    elif not row.element:
        way.append(("done", None))
    return way


def refusal_text(release: PreparedRelease, services: Services, row: Referral, lang: str) -> str:
    """Why a referral was refused: the reason that the receiver chose, or of a step the answer as
    its form words it; empty when nothing was refused.
    """
    if not row.reason:
        return ""
    if not row.element:
        found = services.programme.referrals.refusal(row.reason)
        return localized_text(found.words, lang) if found is not None else row.reason
    rule = services.programme.grants.referrals.get(row.element)
    for form in release.forms.values() if rule is not None else ():
        for one in form.fields:
            if rule is not None and one.key == rule.name:
                return form.option_label(one, row.reason, lang)
    return row.reason
