"""What is still kept of ended cases, as the retention plan asks for it: offices, classes, moments.

Values of a case are looked at here only where the plan names them: routing values that decide the
kind of record, and the answer from which a rule counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from service.access import CLASSES, Viewer
from service.casework.casefile.retention_words import reached
from service.casework.cases import continuation, given_answers
from service.casework.cases.loaded_case import snapshot_binding
from service.casework.cases.locked_records import locked_by_office
from service.casework.retention import holds
from service.casework.retention.later_rules import LaterRules, ended_at, open_later, seal_later
from service.casework.retention.open_matters import OpenMatters
from service.engine import peek
from service.errors import CannotOpen
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.records.retention import ZONE, KeptRecords, office_day
from service.release.programme.retention_rules import (
    CASE_END,
    ERASED,
    HAND_OVER,
    HOST,
    REOPENED,
    RetentionPlan,
)
from service.store.at_hand import Reader
from service.store.casefile import cases, facts, retention_acts
from service.store.casefile.retention_acts import DESTROY, RetentionAct
from service.store.installation import keys
from service.store.installation.offices import Office
from service.store.transaction import Tx

CaseMoments = dict[str, date | datetime]


@dataclass(frozen=True, slots=True)
class KeptOfCase:
    """What offices keep of one ended case, and the moments from which rules count."""

    records: Sequence[KeptRecords]
    moments: Mapping[str, date | datetime]
    later: LaterRules | None = None
    """What the first erasure in it kept for the rules that come after it."""


def load_kept(
    tx: Tx,
    services: Services,
    plan: RetentionPlan,
    case: cases.CaseSummary,
    directory: Mapping[str, Office],
) -> KeptOfCase:
    """Load what is kept of an ended case; of one of which all was erased its path. What holds it is
    not asked here (`held`).

    What follows from answers and links is asked before the first erasure; after it, the act of that
    erasure says it.

    Raises:
        RowRefused: a row of it was not written by this installation.
        CannotOpen: its state does not open.
    """
    at_hand = tx.read(
        keys.read_of_case(case.id),
        retention_acts.read_of_case(case.id),
        facts.read_of_case(case.id),
        facts.read_of_payloads([case.id]),
        *cases.reads_of_stored(case.id),
    )
    of_case = services.case_keys(at_hand, case.id)
    acts = retention_acts.of_case(at_hand, case.id)
    history = facts.of_case(at_hand, case.id)
    kept = dict(_classes(at_hand, of_case, history, acts))
    if not kept:
        return _path(plan, case, history, acts)
    later = open_later(of_case, acts)
    if later is not None:
        record, days = later.record, later.days
    else:
        record = record_of(plan, of_case, cases.stored_whole(at_hand, case.id), history)
        days = _answered(tx, plan, of_case)
    moments = {**dict(_moments(plan, history, acts)), **days}
    written = {fact.office: fact.at for fact in history}
    locked = locked_by_office(acts)
    return KeptOfCase(
        [
            KeptRecords(
                case=case.id,
                record=record,
                office=office,
                kind=_kind(directory, office),
                classes=classes,
                written=written.get(office),
                zone=_zone(directory, office),
                locked=locked.get(office, frozenset()),
                done={
                    act.rule: office_day(act.at, _zone(directory, office))
                    for act in acts
                    if act.office_id == office and act.does != DESTROY
                },
                handed_over=frozenset(
                    act.rule
                    for act in acts
                    if act.office_id == office and act.does == HAND_OVER and act.ended_at
                ),
            )
            for office, classes in sorted(kept.items())
        ],
        moments,
        later,
    )


def _path(
    plan: RetentionPlan,
    case: cases.CaseSummary,
    history: Sequence[facts.Fact],
    acts: Sequence[RetentionAct],
) -> KeptOfCase:
    """The path of a case of which nothing else is left: it is the house's, and counts from the last
    erasure.
    """
    gone = [act.at for act in acts if act.does == DESTROY]
    if case.kind != cases.PATH or not gone:
        return KeptOfCase((), {})
    record = plan.product_record(cases.PATH)
    path = KeptRecords(case.id, record, "", HOST, frozenset({CLASSES[0]}))
    return KeptOfCase([path], {CASE_END: ended_at(history, acts), ERASED: max(gone)})


def wrote_in(reader: Reader, viewer: Viewer, case_id: str) -> bool:
    """Whether the viewer's office wrote in a case that exists for her."""
    if case_id in viewer.barred:
        return False
    return any(fact.office == viewer.office for fact in facts.of_case(reader, case_id))


def held(
    reader: Reader,
    services: Services,
    kept: KeptOfCase,
    case: cases.CaseSummary,
    now: datetime,
    *,
    matters: OpenMatters | None = None,
) -> KeptOfCase:
    """The same with what holds the case, and what rules may except."""
    on_hold = bool(holds.why_held(reader, services, case.id, now, open_matters=matters))
    if kept.later is not None:
        again = continuation.is_continued_since(reader, case.id, kept.later.act.at)
        reopened = kept.later.reopened or again
    else:
        reopened = _is_reopened(reader, services, case)
    exceptions = frozenset({REOPENED} if reopened else ())
    records = [replace(one, on_hold=on_hold, exceptions=exceptions) for one in kept.records]
    return replace(kept, records=records)


def for_later(
    reader: Reader,
    services: Services,
    plan: RetentionPlan,
    case: cases.Case,
    act: str,
    going: Collection[tuple[str, str]],
) -> dict[str, Any]:
    """What the first erasure in a case keeps for the rules that come after it; empty for a later
    erasure.

    Args:
        case: as it is, with its snapshot, before anything is erased.
        act: id of the act.
        going: office and class of what it erases.
    """
    of_case = services.case_keys(reader, case.id)
    acts = retention_acts.of_case(reader, case.id)
    if any(one.does == DESTROY for one in acts):
        return {}
    history = facts.of_case(reader, case.id)
    kept = {
        (office, klass)
        for office, classes in _classes(reader, of_case, history, acts)
        for klass in classes
    }
    try:
        record, days = record_of(plan, of_case, case, history), _answered(reader, plan, of_case)
        reopened = _is_reopened(reader, services, case)
    except CannotOpen:  # erased again in a copy whose keys are gone: no rule is about it then
        record, days, reopened = "", {}, False
    return seal_later(of_case, act, record, days, kept - {*going}, reopened=reopened)


def _is_reopened(reader: Reader, services: Services, case: cases.CaseSummary | cases.Case) -> bool:
    """Whether an ended case was taken up again: a case of the same process continues it, or did
    before it was erased. A call about it does not.
    """
    following = continuation.continued_by(reader, services, case.id)
    return any(cases.process_of(reader, id_) == case.process for id_ in following)


def _classes(
    reader: Reader,
    of_case: CaseKeys,
    history: Sequence[facts.Fact],
    acts: Sequence[RetentionAct],
) -> Iterator[tuple[str, frozenset[str]]]:
    """Office to the classes of which something of it is kept."""
    found = defaultdict[str, set[str]](set)
    for key in keys.of_case(reader, of_case.case_id):
        if key.office_id is not None and key.klass in CLASSES:
            found[key.office_id].add(key.klass)
    if of_case.is_whole:
        for fact in history:
            found[fact.office].update(CLASSES)
    for act in acts:
        if act.does == DESTROY:
            found[act.office_id] -= {*act.classes}
    return ((office, frozenset(classes)) for office, classes in found.items() if classes)


def record_of(
    plan: RetentionPlan,
    of_case: CaseKeys,
    case: cases.Case | None,
    history: Sequence[facts.Fact],
) -> str:
    """The kind of record that a case is; "" for none: then no rule is about it."""
    if case is None:
        return ""
    end = case.inner_end or case.end
    return plan.record_of(case.process, end, reached(history), _routing(of_case, case))


def _routing(of_case: CaseKeys, case: cases.Case) -> Mapping[str, object]:
    """The routing values at the end; none once they are erased."""
    own = of_case.own
    if own is None or case.snapshot is None:
        return {}
    return peek(own.open("snapshot", case.snapshot, **snapshot_binding(case))).variables


def _moments(
    plan: RetentionPlan, history: Sequence[facts.Fact], acts: Sequence[RetentionAct]
) -> Iterator[tuple[str, date | datetime]]:
    """Moment to when it was, of those that the path of the case has."""
    yield CASE_END, ended_at(history, acts)
    for moment in plan.moments:
        left = [fact.at for fact in history if moment.left and moment.left in reached([fact])]
        if left:
            yield moment.id, left[-1]


def _answered(reader: Reader, plan: RetentionPlan, of_case: CaseKeys) -> dict[str, date]:
    """Moment to its day, of those that are answered."""
    asked = [moment for moment in plan.moments if moment.answer]
    answers = _answers(reader, of_case) if asked else {}
    found = ((moment.id, moment.answered(answers)) for moment in asked)
    return {id_: day for id_, day in found if day is not None}


def _answers(reader: Reader, of_case: CaseKeys) -> dict[str, object]:
    """The newest answers that can be opened, by key."""
    try:
        found = given_answers.load_answers(reader, of_case, of_case.case_id)
    except CannotOpen:
        return {}
    return {key: one.value for key, one in given_answers.newest(found).items()}


def _kind(directory: Mapping[str, Office], office: str) -> str:
    """The kind of an office; of what no office wrote, `house`."""
    known = directory.get(office)
    return known.kind if known is not None else HOST


def _zone(directory: Mapping[str, Office], office: str) -> str:
    known = directory.get(office)
    return known.zone if known is not None else ZONE
