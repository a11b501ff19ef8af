"""Tasks that the retention plan gives an office: review what it keeps of a case, hand it over to an
archive, or see to what left before an erasure.

A task is a row of `retention_act`, drawn in `retention_task_<version>.bpmn`. It waits in the inbox
of the records officers of the office; the office gets a letter, and those who answer for data
protection one when it is late. Source: decisions/0125.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.access import Viewer, can_act
from service.casework.cases.protection import check_reason
from service.casework.retention import retention_process
from service.casework.retention.acts import add_act
from service.casework.retention.left import recalls_of
from service.errors import FieldFault, InvalidAnswers, NotFound, TaskClosed
from service.records.context import CLOCK, Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry, seal_reason
from service.records.outbox import send_letters
from service.security import ledger_lines
from service.security.vault import OwnerKey
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import HAND_OVER, RECALL, REVIEW, RetentionAct
from service.store.installation import offices, people
from service.store.transaction import Tx
from service.store.work import letters

GIVEN, DONE_BY = "retention_asked", "retention_answered"
"""Kinds of ledger entries: an office is given a task, and has done it."""
KEPT, DONE = "kept", "done"
MISSING: Final = "retention.receipt_missing"
OUTCOMES: Final[Mapping[str, str]] = {REVIEW: KEPT, HAND_OVER: DONE, RECALL: DONE}
"""What the office says of each kind when it is done. Who wants to erase what she reviews does that
(`early`), and the task ends as erased."""
DATA_PROTECTION: Final = "data-protection"
LETTER, LATE = "retention_task", "retention_late"
"""Letters: to the office that has a task, and to data protection when it is late."""


@dataclass(frozen=True, slots=True)
class ArchiveReceipt:
    """What an archive gave for what it took over."""

    archive: str = ""
    number: str = ""

    def with_more(self, words: str) -> str:
        """The receipt in words, with what else is said.

        Raises:
            InvalidAnswers: it names no archive, or has no number.
        """
        given = {"archive": self.archive.strip(), "receipt": self.number.strip()}
        faults = [FieldFault(name, MISSING) for name, text in given.items() if not text]
        if faults:
            raise InvalidAnswers(tuple(faults))
        return "\n".join([*given.values(), words])


def give_task(
    tx: Tx,
    *,
    case_id: str,
    office: str,
    does: str,
    classes: Collection[str],
    rule: str,
    plan: str,
    by: Actor,
    now: datetime,
    counts: Mapping[str, int] | None = None,
) -> RetentionAct:
    """Give an office a task about an ended case.

    Args:
        does: one of `retention_process.KINDS`.
        rule: id of the rule of the plan; "" where none asked for it.
        counts: what left, by kind, for a recall.
    """
    act = RetentionAct(
        *(ulid(now), case_id, office, sorted(classes), does, rule, plan, by.id, now),
        counts=dict(sorted((counts or {}).items())),
        process=retention_process.VERSION,
    )
    add_act(tx, act, GIVEN, by=by, now=now, does=does, process=act.process)
    write_to_offices(tx, case_id, f"{LETTER}:{act.id}", LETTER, [office], by=by, now=now)
    return act


def recall(tx: Tx, *, case_id: str, by: Actor, now: datetime) -> list[RetentionAct]:
    """Ask each office to see to what left of a case that is erased: what it was not asked about
    before. Who runs the service has no inbox, and gets none.
    """
    return [
        give_task(
            tx,
            case_id=case_id,
            office=office,
            does=RECALL,
            classes=(),
            rule="",
            plan="",
            by=by,
            now=now,
            counts=counts,
        )
        for office, counts in recalls_of(tx, case_id).items()
        if office
    ]


def answer_task(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    act: str,
    reason: str,
    receipt: ArchiveReceipt | None = None,
) -> None:
    """Say that a task is done, in one's own name: what is reviewed is kept, what was to be handed
    over or seen to is.

    Args:
        receipt: of an archive, for what is handed over; nothing of that is erased without one.
        reason: why, or what was done; sealed for the key of the records that it is about, so that
            it ends with them, or of the office where nothing of them is left.
    Raises:
        NotFound: there is no such task for her.   TaskClosed: it is done.
        InvalidAnswers: no reason, or one that is too long; no archive, or no number of its receipt.
    """
    row = task_of(tx, by, act)
    cases.load(tx, row.case_id)
    newest = next(one for one in retention_acts.of_case(tx, row.case_id) if one.id == row.id)
    if newest.ended_at is not None:
        raise TaskClosed
    if row.does == HAND_OVER:
        reason = (receipt or ArchiveReceipt()).with_more(reason)
    reason = reason.strip()
    check_reason(reason)
    outcome = OUTCOMES[row.does]
    retention_acts.end(tx, newest, by=by.person, at=now, outcome=outcome)
    stream, key = f"case/{row.case_id}", _key_of(tx, services, newest)
    body: dict[str, ledger_lines.Canonical] = {
        "act": row.id,
        "to": row.office_id,
        "does": row.does,
        "outcome": outcome,
        "word": seal_reason(key, stream, by.person, reason),
    }
    append_entry(tx, stream, DONE_BY, by=actor(by), now=now, body=body)


def _key_of(reader: Reader, services: Services, act: RetentionAct) -> OwnerKey | None:
    keys = services.case_keys(reader, act.case_id)
    kept = [klass for klass in act.classes if keys.has(act.office_id, klass)]
    return (
        keys.of(act.office_id, kept[0]) if kept else services.key(reader, f"office:{act.office_id}")
    )


def task_of(reader: Reader, viewer: Viewer, act: str) -> RetentionAct:
    """A task that waits or waited for the viewer.

    Raises:
        NotFound: there is none of that id, it is of another office, or its case is barred to her.
    """
    row = retention_acts.get(reader, act)
    if row is None or row.does not in retention_process.KINDS or row.case_id in viewer.barred:
        raise NotFound
    mine = can_act(viewer, "keep_records") and row.office_id == viewer.office
    if not (mine or can_act(viewer, "see_retention")):
        raise NotFound
    return row


def reads_of_waiting(viewer: Viewer) -> list[Read]:
    """What `waiting_for` reads; nothing for who is no records officer."""
    if not can_act(viewer, "keep_records"):
        return []
    return [retention_acts.read_of_waiting(viewer.office)]


def waiting_for(reader: Reader, viewer: Viewer) -> list[RetentionAct]:
    """The tasks that wait for a records officer, the oldest first."""
    return [
        row
        for read in reads_of_waiting(viewer)
        for row in retention_acts.ROWS.all(reader, *read, listed=True)
        if row.case_id not in viewer.barred
    ]


def write_late_letters(tx: Tx, now: datetime) -> int:
    """Write to data protection about tasks that wait after their day, once about each; gives their
    number.
    """
    late = [row for row in retention_acts.waiting(tx) if retention_process.is_late(row, now)]
    return sum(
        write_to_data_protection(tx, row.case_id, f"{LATE}:{row.id}", LATE, by=CLOCK, now=now)
        for row in late
    )


def write_to_data_protection(
    tx: Tx, case_id: str, about: str, template: str, *, by: Actor, now: datetime
) -> bool:
    """Write to the offices that answer for data protection, once about each thing; gives whether
    a letter was made.
    """
    holding = people.roles_of_offices(tx).items()
    heard = sorted(id_ for id_, roles in holding if DATA_PROTECTION in roles)
    known = {letter.key for letter in letters.of_case(tx, case_id)}
    fresh = [office for office in heard if f"{about}:{office}" not in known]
    write_to_offices(tx, case_id, about, template, fresh, by=by, now=now)
    return bool(fresh)


def write_to_offices(
    tx: Tx,
    case_id: str,
    about: str,
    template: str,
    to: Collection[str],
    *,
    by: Actor,
    now: datetime,
) -> None:
    """Write to offices; the letter names nobody, and not what it is about."""
    known = offices.everyone(tx)
    rows = [
        letters.Letter(
            key=f"{about}:{office}",
            case_id=case_id,
            office_id=office,
            role="",
            template=template,
            language=known[office].language,
            params={},
            needs_consent="",
            made_at=now,
        )
        for office in to
        if office in known
    ]
    send_letters(tx, rows, by=by, now=now)
