"""Referrals: a packet of a case that one office sends to another. Each has a receipt, a deadline and somebody who owns its silence.

A step that `grants.toml` names as a referral makes one when it is completed; the receiver's answer to its own task settles it, and so does the case's end.
Source: screens.md S6, 7.9.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime

from service import ledger
from service.access import Thing, Viewer, can_see
from service.actions import openings
from service.actions.acts import act
from service.actions.grants import ReferralRule
from service.actions.house import Actor, House, actor
from service.actions.ids import ulid
from service.actions.shelf import Release
from service.store import cases, referrals, tasks
from service.store.database import Tx

WAITING = ("sent", "opened")
"""States in which the receiver owes an answer."""


def follow(
    tx: Tx, house: House, case_id: str, *, by: Actor, now: datetime, element: str, answers: Mapping[str, Mapping[str, object]], opened: Collection[tasks.Task]
) -> None:
    """Do to the referrals of a case what a completed step means for them; runs when the consents that came with it are kept.

    Args:
        element: the step.
        answers: class to field to answer, as they were just given.
        opened: the tasks that came of it; the receiver's own tells by when it must answer.
    """
    rules = house.programme.grants.referrals
    said = next((r for r in rules.values() if r.answer == element), None)
    if said is not None:
        _answered(tx, case_id, said, by, now, {key: value for fields in answers.values() for key, value in fields.items()})
    case = cases.get(tx, case_id) if element in rules else None
    if case is not None:
        _send(tx, house, case, rules[element], by, now, answers, opened)


def _send(
    tx: Tx,
    house: House,
    case: cases.Brief,
    rule: ReferralRule,
    by: Actor,
    now: datetime,
    answers: Mapping[str, Mapping[str, object]],
    opened: Collection[tasks.Task],
) -> None:
    sight = openings.sight(tx, house, case, now)
    receiver = sight.parties.get(rule.to)
    if receiver is None:
        return
    fields = house.release(tx, case.release_id).forms[rule.form].fields
    groups = {f.key: (f.group, f.headline) for f in fields}
    there = Viewer("", receiver, frozenset({rule.to}))
    packet = {}
    for klass, given in answers.items():
        for key, value in given.items():
            group, headline = groups.get(key, ("", False))
            if can_see(house.programme.matrix, there, sight, Thing(klass, key, group, by.office, headline)).ok:
                packet[key] = value
    row = referrals.Referral(
        id=ulid(now),
        case_id=case.id,
        from_office=by.office,
        to_office=receiver,
        purpose=rule.purpose,
        rev=case.rev,
        fields=sorted(packet),
        packet_sha256=ledger.digest(packet),  # type: ignore[arg-type]  # answers are canonical JSON
        by=by.id,
        state="sent",
        sent_at=now,
        due=next((t.due for t in opened if t.role == rule.to), None),
    )
    referrals.add(tx, row)
    body: dict[str, ledger.Canonical] = {"referral": row.id, "to": receiver, "purpose": rule.purpose, "fields": (*row.fields,), "packet": row.packet_sha256}
    act(tx, f"case/{case.id}", "refer_sent", by=by, now=now, body=body)


def _answered(tx: Tx, case_id: str, rule: ReferralRule, by: Actor, now: datetime, answers: Mapping[str, object]) -> None:
    """The receiver decided: accepted or refused as the rule reads its answer."""
    value = str(answers.get(rule.name, ""))
    state = "accepted" if value in rule.accepted else "refused"
    for row in _waiting(tx, case_id):
        referrals.settle(tx, row.id, was=row.state, state=state, reason=value if state == "refused" else "", answered_at=now, opened_at=row.opened_at or now)
        act(tx, f"case/{case_id}", f"refer_{state}", by=by, now=now, body={"referral": row.id, "to": row.to_office, "answer": value})


def ended(tx: Tx, case_id: str, *, by: Actor, now: datetime) -> None:
    """A referral that nobody answered before the case ended: taken back by people, or lapsed by time."""
    state = "revoked" if by.office else "lapsed"
    for row in _waiting(tx, case_id):
        referrals.settle(tx, row.id, was=row.state, state=state, answered_at=now)
        act(tx, f"case/{case_id}", f"refer_{state}", by=by, now=now, body={"referral": row.id, "to": row.to_office})


def opened(tx: Tx, viewer: Viewer, case_id: str, *, now: datetime) -> None:
    """Somebody of the receiving office looks at the case: the receipt."""
    for row in _waiting(tx, case_id):
        if row.state == "sent" and row.to_office == viewer.office:
            referrals.settle(tx, row.id, was="sent", state="opened", opened_at=now)
            act(tx, f"case/{case_id}", "refer_opened", by=actor(viewer), now=now, body={"referral": row.id, "to": row.to_office})


def _waiting(tx: Tx, case_id: str) -> list[referrals.Referral]:
    return [row for row in referrals.of_case(tx, case_id) if row.state in WAITING]


def strip(row: referrals.Referral) -> list[tuple[str, datetime | None]]:
    """The way of a referral: each state with its moment; what has not come has none."""
    end = row.state if row.state in ("accepted", "refused", "lapsed", "revoked", "done") else "accepted"
    return [("sent", row.sent_at), ("opened", row.opened_at), (end, row.answered_at if row.state not in WAITING else None)]


def reason_in_words(release: Release, house: House, row: referrals.Referral, lang: str) -> str:
    """The answer that refused a referral, as the receiver's form words it; empty when nothing was refused."""
    rule = next((r for r in house.programme.grants.referrals.values() if r.name), None)
    if rule is None or not row.reason:
        return ""
    for form in release.forms.values():
        for one in form.fields:
            if one.key == rule.name:
                return form.option_label(one, row.reason, lang)
    return row.reason
