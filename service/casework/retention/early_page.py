"""Erasing earlier than the plan says, in words: what would go, what stays, and who else keeps
what.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from service.access import Viewer
from service.casework.approvals.waiting_list import reason_text
from service.casework.retention import due_runs, early, handing_over, kept
from service.casework.retention.handing_over import ArchiveOffer
from service.casework.retention.left import OWN, what_left
from service.casework.retention.retention_words import RetentionWords
from service.errors import NotFound
from service.people import accounts
from service.records.context import Services
from service.store.casefile import cases
from service.store.casefile.approvals import APPROVED, Approval
from service.store.installation import offices
from service.store.transaction import Tx


@dataclass(frozen=True, slots=True)
class KeptClass:
    """A class of what the office keeps."""

    klass: str
    name: str
    preserved: bool
    to_archive: bool
    """Whether nobody erases it before an archive has given its receipt."""
    day: date | None
    """When the plan erases it."""


@dataclass(frozen=True, slots=True)
class EarlyErasure:
    """What an office keeps of a case, for who asks to erase it, or decides about it."""

    case: str
    ref: str
    number: str
    office: str
    is_open: bool
    classes: tuple[KeptClass, ...]
    archive: ArchiveOffer | None
    """None for an office whose records the plan hands over to no archive, and for who decides."""
    others: tuple[tuple[str, str], ...]
    """Other office, to the classes that it keeps."""
    left: tuple[tuple[str, str], ...]
    """Office, to what left to it and when: no erasure reaches it."""
    why_not: str
    held: str
    asked: str
    """Id of the request: her own, or the one that she decides about."""
    asked_by: str
    reason: str
    chosen: tuple[str, ...]
    """The classes that the request names."""
    approved: bool
    until: datetime | None
    """Until when the request waits, or can be used."""


def load_early_erasure(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, case: str
) -> EarlyErasure:
    """Load what the viewer's office keeps of a case, for a records officer.

    Raises:
        NotFound: she keeps no records of it.
    """
    found = cases.get(tx, case)
    if found is None or not kept.wrote_in(tx, viewer, case):
        raise NotFound
    asked = early.own_request(tx, viewer, case, now)
    return _page(tx, services, viewer, now, found, viewer.office, asked)


def load_request(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, approval: str
) -> EarlyErasure:
    """Load a request for who decides about it.

    Raises:
        NotFound: there is none, or it is not hers to decide.
    """
    row = early.request_to_decide(tx, services, viewer, approval)
    found = cases.get(tx, row.case_id or "")
    if found is None:
        raise NotFound
    return _page(tx, services, viewer, now, found, row.asked_office, row)


def _page(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    now: datetime,
    case: cases.CaseSummary,
    office: str,
    asked: Approval | None,
) -> EarlyErasure:
    choice = early.load_choice(tx, services, office, case, now)
    plan = due_runs.current_plan(tx, services)
    words = RetentionWords(services, viewer, plan, offices.names(tx))
    who = accounts.names(tx, services, {asked.asked_by}) if asked is not None else {}
    return EarlyErasure(
        case=case.id,
        ref=case.ref,
        number=case.number,
        office=words.office(office),
        is_open=case.status != "ended",
        classes=tuple(
            KeptClass(
                klass,
                words.class_name(klass),
                klass in choice.preserved,
                klass in choice.to_archive,
                choice.days[klass][0] if klass in choice.days else None,
            )
            for klass in choice.classes
        ),
        archive=_archive(tx, viewer, now, choice, words) if office == viewer.office else None,
        others=tuple(
            (words.office(id_), words.classes(listed)) for id_, listed in choice.others.items()
        ),
        left=_left(tx, case.id, viewer, words),
        why_not=choice.why_not,
        held=choice.held,
        asked=asked.id if asked is not None else "",
        asked_by=who.get(asked.asked_by, "") if asked is not None else "",
        reason=reason_text(tx, services, asked) if asked is not None else "",
        chosen=early.classes_of(asked) if asked is not None else (),
        approved=asked is not None and asked.state == APPROVED,
        until=asked.expires if asked is not None else None,
    )


def _archive(
    tx: Tx, viewer: Viewer, now: datetime, choice: early.ErasureChoice, words: RetentionWords
) -> ArchiveOffer | None:
    if choice.hand_over is not None:
        return handing_over.offer(tx, viewer, choice.hand_over, now, words.classes)
    listed = [klass for klass in choice.classes if klass in choice.to_archive]
    return ArchiveOffer(words.classes(listed), ready=False, second="") if listed else None


def _left(
    tx: Tx, case_id: str, viewer: Viewer, words: RetentionWords
) -> tuple[tuple[str, str], ...]:
    found: dict[str, list[str]] = {}
    for one in what_left(tx, case_id):
        if one.what in OWN and one.office != viewer.office:
            continue
        found.setdefault(one.office, []).append(words.left(one.what, one.number))
    return tuple((words.receiver(office), ", ".join(said)) for office, said in found.items())
