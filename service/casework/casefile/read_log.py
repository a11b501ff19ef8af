"""Read log: who looked at which case, for which purpose and with which reason.

The entry is committed before the page is sent, so that nothing is shown unrecorded.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from datetime import datetime

from service.access import Viewer, can_act
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.cases import protection
from service.casework.cases.audit_matter import matter_of_look
from service.casework.cases.case_visibility import LOOKUP_LASTS, RECENT
from service.errors import NotFound
from service.records.context import Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry, seal_reason
from service.records.outbox import send_letters
from service.release.programme.reminder_rules import OpeningLetter
from service.security import ledger_lines
from service.security.vault import OwnerKey
from service.store.at_hand import AtHand, Reader
from service.store.casefile import cases
from service.store.changes import Writer
from service.store.installation import ledger_entries, offices, people
from service.store.transaction import Tx
from service.store.work import letters

PURPOSES = frozenset(
    {
        "task",
        "case",
        "referral",
        "search",
        "lookup",
        "print",
        "export",
        "audit",
        "log_review",
        "support",
        "own",
        "copy",
        "disclosure",
        "danger",
        "feedback",
        "trial",
    }
)
"""Purposes of a read: each page that shows a case names one, and its entry in the log bears it."""
REASONS = ("PHONE", "COVER", "PREPARE", "SAFETY", "OTHER")
"""Why somebody opens a case in which she has nothing to do."""
BY_LETTER = "LETTER"
"""The reason that a letter to the viewer's office is."""
READS = 400
"""Reads of a case among which that of a task is looked for."""
PROTECTED_READ = "protected_read"
"""Letter to the offices of those who are named for a protected identity, and its entry."""


def record_read(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    purpose: str,
    classes: Collection[str],
    about: Mapping[str, str | int] | None = None,
    case: cases.CaseSummary | None = None,
) -> None:
    """Record that a person looks at a case.

    Args:
        case: its row, where the page has loaded it; else it is read where it is needed.
        purpose: one of `PURPOSES`.
        classes: the classes of answers on the page.
        about: ids of what is shown, such as a task, a field or a document; never a value.
    Raises:
        ValueError: there is no such purpose.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"no such purpose: {purpose}")
    kind = purpose if purpose in ("print", "lookup") else "read"
    body: dict[str, ledger_lines.Canonical] = {"purpose": purpose, "classes": (*sorted(classes),)}
    body |= about or {}
    if can_act(by, "audit") and (matter := matter_of_look(tx, by)) is not None:
        body["matter"] = matter.seq
    append_entry(tx, f"reads/{case_id}", kind, by=actor(by), now=now, body=body)
    if set(classes) - {"C0"}:
        _tell_of_protected(tx, by, now, case or cases.get(tx, case_id), purpose)


def record_audit(
    tx: Tx,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    purpose: str = "audit",
    about: Mapping[str, str | int] | None = None,
) -> cases.CaseSummary:
    """Record that an auditor looks at a case, before anything of it is sent; gives the case.

    Args:
        about: as `record_read`.
    Raises:
        NotFound: there is no such case, or none for her.
    """
    case = None if case_id in by.barred else cases.get(tx, case_id)
    if case is None:
        raise NotFound
    classes = ("C0",)
    record_read(tx, by=by, now=now, case_id=case_id, purpose=purpose, classes=classes, about=about)
    return case


def record_unmasked_audit(
    tx: Tx, at_hand: AtHand, *, by: Viewer, now: datetime, case: cases.CaseSummary
) -> OpenUnmasking | None:
    """Record that an auditor looks at a page of a case that opens what is unmasked to her now, with
    the number of the unmasking; gives what is open, None for nothing.

    Args:
        at_hand: has what `unmasking.load_open` reads.
    """
    opened = unmasking.load_open(at_hand, by, case, now)
    record_read(
        tx,
        by=by,
        now=now,
        case_id=case.id,
        purpose="audit",
        classes={"C0"} | (opened.classes if opened is not None else set()),
        about={"unmasking": opened.number} if opened is not None else {},
    )
    return opened


def _tell_of_protected(
    tx: Tx, by: Viewer, now: datetime, case: cases.CaseSummary | None, purpose: str
) -> None:
    """Write a letter to the offices of named persons when somebody reads a protected identity, once
    for each reader and working day. The letter names nobody; an entry of the ledger goes with it.
    """
    if case is None or not protection.is_protected(case.marking):
        return
    stream = f"reads/{case.id}"
    informed = ledger_entries.latest(tx, stream, kinds=[PROTECTED_READ], limit=RECENT)
    reads = [(entry.actor, entry.at) for entry in informed]
    reads += [(draft.actor, draft.at) for draft in tx.changes.drafted(stream, PROTECTED_READ)]
    if any(who == by.person and now - at < LOOKUP_LASTS for who, at in reads):
        return
    named = people.of(tx, protection.load_named(tx, case) or ())
    known = offices.everyone(tx)
    receivers = sorted({by.office, *(row.person.office_id for row in named.values())})
    rows = [
        letters.Letter(
            key=f"read:{ulid(now)}",
            case_id=case.id,
            office_id=office,
            role="",
            template=PROTECTED_READ,
            language=known[office].language if office in known else "sv",
            params={},
            needs_consent="",
            made_at=now,
        )
        for office in receivers
    ]
    send_letters(tx, rows, by=actor(by), now=now)
    body: dict[str, ledger_lines.Canonical] = {"purpose": purpose, "to": (*receivers,)}
    append_entry(tx, stream, PROTECTED_READ, by=actor(by), now=now, body=body)


def record_lookup_reason(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    purpose: str,
    reason: str,
) -> None:
    """Record why a person opens a case in which her office has no task.

    Args:
        purpose: one of `REASONS`.
        reason: her own words, sealed under the case's key; may be empty. It counts for the case as
            it is marked now.
    Raises:
        NotFound: the case has no key any more, or there is no such reason.
    """
    key = services.case_keys(tx, case_id).own
    case = cases.get(tx, case_id)
    if key is None or case is None or purpose not in REASONS:
        raise NotFound
    stream = f"reads/{case_id}"
    sealed = seal_reason(key, stream, by.person, reason)
    body = {"purpose": "lookup", "reason": purpose, "word": sealed}
    if protection.is_protected(case.marking):
        body["marking"] = case.marking
    append_entry(tx, stream, "lookup", by=actor(by), now=now, body=body)


def record_reveal(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case: cases.CaseSummary,
    group: str,
    classes: Collection[str],
    reason: str,
    text: str = "",
    unmasking: int | None = None,
) -> None:
    """Record that a person opens a group of answers of a case, before they are shown.

    Args:
        group: id of the group.
        reason: a code; "" where none is asked.
        text: her own words, sealed under the case's key; may be empty.
        unmasking: number of what a second person has opened to her in the case; None for nothing.
    Raises:
        NotFound: the case has no key any more.
    """
    key, stream = services.case_keys(tx, case.id).own, f"reads/{case.id}"
    if key is None:
        raise NotFound
    body: dict[str, ledger_lines.Canonical] = {"purpose": "case", "classes": (*sorted(classes),)}
    body |= {"group": group, "reason": reason}
    if unmasking is not None:
        body["unmasking"] = unmasking
    if text:
        body["word"] = seal_reason(key, stream, by.person, text)
    if protection.is_protected(case.marking):
        body["marking"] = case.marking
    append_entry(tx, stream, "reveal", by=actor(by), now=now, body=body)
    if set(classes) - {"C0"}:
        _tell_of_protected(tx, by, now, case, "case")


def find_opening(
    tx: Tx, services: Services, *, by: Viewer, case_id: str, letter: str
) -> OpeningLetter | None:
    """Rule of a letter that opens its case to the reader; None for a letter that opens nothing, was
    not sent, or went to another office or role.

    Args:
        letter: its number among the letters of the case, as its link has it.
    """
    found = next((one for one in letters.of_case(tx, case_id) if one.number == letter), None)
    if found is None or found.state != "sent" or found.office_id != by.office:
        return None
    if found.role not in by.lane_roles:
        return None
    case = cases.get(tx, case_id)
    if case is None:
        return None
    return services.configuration_of(tx, case.release_id).reminders.opens.get(found.template)


def record_letter_reason(
    tx: Tx, services: Services, *, by: Viewer, now: datetime, case_id: str, letter: str
) -> bool:
    """Record that a letter is why a person opens a case; False when it is no reason, and always
    where the identity is protected.
    """
    case = cases.get(tx, case_id)
    if case is None or protection.is_protected(case.marking):
        return False
    opening = find_opening(tx, services, by=by, case_id=case_id, letter=letter)
    if opening is None:
        return False
    body = {"purpose": opening.purpose, "reason": BY_LETTER}
    append_entry(tx, f"reads/{case_id}", "lookup", by=actor(by), now=now, body=body)
    return True


def has_read_task(reader: Reader, viewer: Viewer, case_id: str, task: str, now: datetime) -> bool:
    """Whether the viewer had a task open lately, while it waited for her."""
    entries = ledger_entries.latest(reader, f"reads/{case_id}", kinds=["read"], limit=READS)
    return any(
        json.loads(entry.body).get("task") == task
        for entry in entries
        if entry.actor == viewer.person and now - entry.at < LOOKUP_LASTS
    )


def record_search(
    writer: Writer,
    *,
    by: Viewer,
    now: datetime,
    key: OwnerKey | None,
    kind: str,
    hits: int,
    words: str,
) -> None:
    """Record that a person searched: by what, and how many hits.

    The words are sealed under the searcher's own key, for a review that has a reason to ask.

    Args:
        key: hers; None when it is gone, and the words with it.
    """
    stream = f"office/{by.office}"
    sealed = seal_reason(key, stream, by.person, words)
    body: dict[str, ledger_lines.Canonical] = {"purpose": "search", "by": kind, "word": sealed}
    body["hits"] = hits
    append_entry(writer, stream, "search", by=actor(by), now=now, body=body)


def record_list_file(
    tx: Tx, *, by: Viewer, now: datetime, what: str, cases: int, content: bytes
) -> None:
    """Record that a list over many cases, which names them by pseudonym, is handed out as a file.

    Args:
        what: a word for the list.
        cases: how many cases it names.
        content: the file.
    """
    body: dict[str, ledger_lines.Canonical] = {
        "what": what,
        "items": cases,
        "options": ("pseudonyms",),
        "digest": hashlib.sha256(content).hexdigest(),
    }
    append_entry(tx, f"office/{by.office}", "export", by=actor(by), now=now, body=body)


def record_audit_search(
    tx: Tx, *, by: Viewer, now: datetime, asked: Collection[str], hits: int
) -> None:
    """Record that an auditor searched all cases: by what, and how many hits.

    Args:
        asked: names of what was asked for, such as `office`; never a value.
    """
    body: dict[str, ledger_lines.Canonical] = {
        "purpose": "audit",
        "by": (*sorted(asked),),
        "hits": hits,
    }
    if (matter := matter_of_look(tx, by)) is not None:
        body["matter"] = matter.seq
    append_entry(tx, f"office/{by.office}", "audit_search", by=actor(by), now=now, body=body)
