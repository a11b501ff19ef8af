"""Erasing what an office wrote in a case earlier than the plan says: a records officer of the
office asks, another person of the office approves, and who asked erases.

Those who answer for data protection get a letter when it is asked for, and can stop it with a hold.
What the plan preserves is not erased by anybody. An open case is erased only as a whole and where
no other office works in it, and ends with it. Source: decisions/0125.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final

from service.access import CLASSES, Viewer, can_act
from service.casework.approvals import requests
from service.casework.cases import protection
from service.casework.retention import due_runs, holds, kept, retention_tasks
from service.casework.retention.erasing_again import end_case
from service.casework.retention.erasure import ActMark, ErasureOrder, erase_loaded, later_of
from service.casework.retention.handing_over import HandOver, to_hand_over, waiting_for_receipt
from service.errors import FieldFault, InvalidAnswers, NotErasable, NotFound
from service.records.context import Services, actor
from service.records.ids import ulid
from service.records.retention import ZONE, KeptRecords, due, office_day
from service.release.programme.retention_rules import DESTROY, HOST, PRESERVE, RetentionPlan
from service.store.at_hand import Reader
from service.store.casefile import approvals, cases, parties, retention_acts
from service.store.casefile.approvals import ERASE_EARLY, Approval
from service.store.casefile.retention_acts import RetentionAct
from service.store.installation import offices
from service.store.transaction import Tx

ASKED: Final = "erasure_asked"
"""Letter to data protection: somebody asks to erase earlier than the plan says."""


@dataclass(frozen=True, slots=True)
class ErasureChoice:
    """What an office keeps of a case, and what stands in the way of erasing it now."""

    case: cases.CaseSummary
    office: str
    classes: tuple[str, ...]
    """Classes of which it keeps something."""
    preserved: frozenset[str]
    """Those of them that the plan preserves."""
    to_archive: frozenset[str]
    """Those of them that an archive takes over, and has given no receipt for."""
    hand_over: HandOver | None
    """What the plan has asked the office to hand over; None for nothing."""
    days: Mapping[str, tuple[date, str]]
    """Class to the day on which it falls due by itself, and the rule."""
    others: Mapping[str, tuple[str, ...]]
    """Other office to the classes that it keeps."""
    held: str
    """What holds the case, as a part of `retention.held_…`; "" for nothing."""
    why_not: str
    """Why nothing of it can be erased, as a part of `retention.not_…`; "" when it can."""


def load_choice(
    tx: Tx, services: Services, office: str, case: cases.CaseSummary, now: datetime
) -> ErasureChoice:
    """Load what an office keeps of a case."""
    plan = due_runs.current_plan(tx, services)
    found = kept.load_kept(tx, services, plan, case, offices.everyone(tx))
    found = kept.held(tx, services, found, case, now)
    of_office = {one.office: one for one in found.records}
    own = of_office.get(office)
    classes = tuple(sorted(own.classes)) if own is not None else ()
    record, kind = (own.record, own.kind) if own is not None else ("", HOST)
    done, day = own.handed_over if own is not None else frozenset(), office_day(now, ZONE)
    acts = retention_acts.of_case(tx, case.id)
    held = holds.why_held(tx, services, case.id, now)
    return ErasureChoice(
        case=case,
        office=office,
        classes=classes,
        preserved=_preserved(plan, record, kind, day) & {*classes},
        to_archive=waiting_for_receipt(plan, record, kind, done, day) & {*classes},
        hand_over=to_hand_over(office, case, acts),
        days=_days(plan, case, office, found, now),
        others={
            one.office: tuple(sorted(one.classes))
            for one in found.records
            if one.office and one.office != office
        },
        held=held,
        why_not=_why_not(tx, office, case, classes, found.records, held),
    )


def find_case(reader: Reader, viewer: Viewer, word: str) -> cases.CaseSummary:
    """The case of a name or number in which the viewer's office wrote something.

    Raises:
        NotFound: she keeps no records.   InvalidAnswers: there is no such case for her.
    """
    if not can_act(viewer, "keep_records"):
        raise NotFound
    case = cases.find(reader, word.strip())
    if case is None or not kept.wrote_in(reader, viewer, case.id):
        raise InvalidAnswers((FieldFault("case", "retention.no_case"),))
    return case


def ask_early(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    classes: Collection[str],
    why: str,
) -> str:
    """Ask a second person of one's office to approve it; gives the id of the request.

    Raises:
        NotFound: she keeps no records of the case.   NotAllowed: as `requests.ask` says.
        NotErasable: something stands in its way.
        InvalidAnswers: no class that can be erased is named; no reason, or one that is too long.
    """
    chosen = _checked(tx, services, by, now, case_id, classes)
    subjects = {"classes": " ".join(chosen), "office": by.office}
    id_ = requests.ask(
        *(tx, services),
        by=by,
        now=now,
        kind=ERASE_EARLY,
        case_id=case_id,
        subjects=subjects,
        digest=_digest(case_id, by.office, chosen),
        reason=why,
    )
    retention_tasks.write_to_data_protection(
        tx, case_id, f"{ASKED}:{id_}", ASKED, by=actor(by), now=now
    )
    return id_


def erase_early(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, approval: str
) -> RetentionAct:
    """Erase what a second person approved, in one's own name.

    Raises:
        NotFound: she asked for nothing of that id, or nothing of it is left.
        ApprovalNeeded: nobody approved it, or it was used or ran out.
        NotErasable: something stands in its way now.
    """
    asked = approvals.get(tx, approval)
    if asked is None or asked.asked_by != by.person or asked.case_id != case_id:
        raise NotFound
    classes = classes_of(asked)
    chosen = _checked(tx, services, by, now, case_id, classes)
    requests.use(
        tx,
        by=by,
        now=now,
        kind=ERASE_EARLY,
        case_id=case_id,
        digest=_digest(case_id, by.office, chosen),
    )
    loaded = cases.load(tx, case_id)
    if loaded is None:
        raise NotFound
    release = services.current(tx).id
    order = ErasureOrder(case_id, by.office, chosen, "", release, approval=asked.id)
    case, mark = loaded.case, ActMark(ulid(now), now)
    later = later_of(tx, services, order, case, mark.id)
    if case.status != "ended":
        case = end_case(tx, loaded, by=actor(by), now=now)
    act = erase_loaded(tx, services, order, case, mark, by=actor(by), now=now, later=later)
    retention_tasks.recall(tx, case_id=case_id, by=actor(by), now=now)
    return act


def own_request(reader: Reader, viewer: Viewer, case_id: str, now: datetime) -> Approval | None:
    """What the viewer asked for about a case, if it waits or can be used."""
    return next((row for row in own_requests(reader, viewer, now, case_id=case_id)), None)


def own_requests(
    reader: Reader, viewer: Viewer, now: datetime, *, case_id: str = ""
) -> list[Approval]:
    """What the viewer asked for that waits or can be used, about every case or one."""
    asked = approvals.asked_by(reader, viewer.person, kind=ERASE_EARLY, case_id=case_id)
    return [row for row in asked if row.state in approvals.OPEN and row.expires > now]


def request_to_decide(reader: Reader, services: Services, viewer: Viewer, id_: str) -> Approval:
    """A request to erase early, for who decides about it.

    Raises:
        NotFound: there is none, or it is not hers to decide.
    """
    row = approvals.get(reader, id_)
    if row is None or row.kind != ERASE_EARLY:
        raise NotFound
    if not requests.may_decide(reader, services, viewer, row):
        raise NotFound
    return row


def classes_of(row: Approval) -> tuple[str, ...]:
    """The classes that a request names."""
    named = str(row.subjects.get("classes", "")).split()
    return tuple(klass for klass in CLASSES if klass in named)


def _checked(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    case_id: str,
    classes: Collection[str],
) -> tuple[str, ...]:
    """The classes that are named, in their order, where nothing stands in the way."""
    case = cases.get(tx, case_id)
    if case is None or not can_act(by, "keep_records") or not kept.wrote_in(tx, by, case_id):
        raise NotFound
    choice = load_choice(tx, services, by.office, case, now)
    if choice.why_not:
        raise NotErasable(why=choice.why_not)
    chosen = tuple(klass for klass in choice.classes if klass in classes)
    if not chosen or {*chosen} & (choice.preserved | choice.to_archive):
        raise InvalidAnswers((FieldFault("classes", "retention.choose_classes"),))
    if case.status != "ended" and chosen != choice.classes:
        raise InvalidAnswers((FieldFault("classes", "retention.open_whole"),))
    return chosen


def _why_not(
    reader: Reader,
    office: str,
    case: cases.CaseSummary,
    classes: Collection[str],
    records: Collection[KeptRecords],
    held: str,
) -> str:
    if not classes:
        return "nothing"
    if held:
        return "held"
    if case.status == "ended":
        return ""
    if protection.is_protected(case.marking):
        return "protected"
    work = {*parties.of_case(reader, case.id).values()} | {one.office for one in records}
    return "others" if work - {office, ""} else ""


def _preserved(plan: RetentionPlan, record: str, kind: str, today: date) -> frozenset[str]:
    """The classes that a rule in force preserves."""
    return frozenset(
        klass
        for rule in plan.rules
        if rule.does == PRESERVE and rule.counts_for(record, kind)
        for first, last in [plan.in_force(rule)]
        if first <= today <= last
        for klass in rule.classes
    )


def _days(
    plan: RetentionPlan,
    case: cases.CaseSummary,
    office: str,
    found: kept.KeptOfCase,
    now: datetime,
) -> Mapping[str, tuple[date, str]]:
    """Class to the day on which the plan erases it, and the rule; of an ended case."""
    if case.status != "ended":
        return {}
    records = [replace(one, on_hold=False) for one in found.records]
    rows = due(plan, records, {case.id: found.moments}, due_runs.today(now + due_runs.FAR))
    return {
        klass: (row.day, row.rule)
        for row in rows
        if row.office == office and row.does == DESTROY
        for klass in row.classes
    }


def _digest(case_id: str, office: str, classes: Collection[str]) -> str:
    subjects = {"classes": " ".join(classes), "office": office}
    return requests.digest_of(ERASE_EARLY, case_id, subjects)
