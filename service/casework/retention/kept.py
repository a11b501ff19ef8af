"""What is still kept of ended cases, as the retention plan asks for it: offices, classes, moments.

Values of a case are looked at here only where the plan names them: routing values that decide the
kind of record, and the answer from which a rule counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from service.access import CLASSES
from service.casework.cases import continuation, given_answers
from service.casework.cases.loaded_case import snapshot_binding
from service.casework.cases.locked_records import locked_records
from service.casework.retention import holds
from service.engine import peek
from service.errors import CannotOpen
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.records.retention import ZONE, KeptRecords, office_day
from service.release.programme.retention_rules import (
    CASE_END,
    HOST,
    REOPENED,
    RetentionMoment,
    RetentionPlan,
)
from service.store.at_hand import Reader
from service.store.casefile import cases, facts, retention_acts
from service.store.casefile.retention_acts import DESTROY, RetentionAct
from service.store.installation import keys, offices
from service.store.installation.offices import Office

CaseMoments = dict[str, date | datetime]


@dataclass(frozen=True, slots=True)
class KeptOfCase:
    """What offices keep of one ended case, and the moments from which rules count."""

    records: Sequence[KeptRecords]
    moments: Mapping[str, date | datetime]


def load_kept(
    reader: Reader, services: Services, plan: RetentionPlan, case: cases.CaseSummary, now: datetime
) -> KeptOfCase:
    """Load what is kept of an ended case; nothing of one of which all was erased.

    A kind of record that follows from answers is asked before the first erasure; after it, the
    rule by which that was done says the kind.
    """
    of_case = services.case_keys(reader, case.id)
    acts = retention_acts.of_case(reader, case.id)
    history = facts.of_case(reader, case.id)
    kept = dict(_classes(reader, of_case, history, acts))
    if not kept:
        return KeptOfCase((), {})
    record = _record(plan, of_case, cases.stored_whole(reader, case.id), history, acts)
    moments = dict(_moments(reader, plan, of_case, case, history))
    directory = offices.everyone(reader)
    held = holds.why_held(reader, services, case.id, now)
    reopened = bool(continuation.continued_by(reader, services, case.id))
    written = {fact.office: fact.at for fact in history}
    locked = locked_records(acts, (), now)
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
                locked=locked.by_office.get(office, frozenset()),
                done={
                    act.rule: office_day(act.at, _zone(directory, office))
                    for act in acts
                    if act.office_id == office and act.does != DESTROY
                },
                on_hold=bool(held),
                exceptions=frozenset({REOPENED} if reopened else ()),
            )
            for office, classes in sorted(kept.items())
        ],
        moments,
    )


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


def _record(
    plan: RetentionPlan,
    of_case: CaseKeys,
    case: cases.Case | None,
    history: Sequence[facts.Fact],
    acts: Sequence[RetentionAct],
) -> str:
    """The kind of record that a case is; "" for none: then no rule is about it."""
    if case is None:
        return ""
    for act in acts:
        rule = plan.rule(act.rule)
        if rule is not None and len(rule.record) == 1:
            return rule.record[0]
    reached = {str(element) for fact in history for _, element, *_ in fact.steps}
    reached |= {fact.element for fact in history}
    return plan.record_of(
        case.process, case.inner_end or case.end, reached, _routing(of_case, case)
    )


def _routing(of_case: CaseKeys, case: cases.Case) -> Mapping[str, object]:
    """The routing values at the end; none once they are erased."""
    own = of_case.own
    if own is None or case.snapshot is None:
        return {}
    return peek(own.open("snapshot", case.snapshot, **snapshot_binding(case))).variables


def _moments(
    reader: Reader,
    plan: RetentionPlan,
    of_case: CaseKeys,
    case: cases.CaseSummary,
    history: Sequence[facts.Fact],
) -> Iterator[tuple[str, date | datetime]]:
    """Moment to when it was, of those that the case has."""
    if case.closed_at is not None:
        yield CASE_END, case.closed_at
    answers = _answers(reader, of_case) if any(one.answer for one in plan.moments) else {}
    for moment in plan.moments:
        when = _when(moment, history, answers)
        if when is not None:
            yield moment.id, when


def _when(
    moment: RetentionMoment, history: Sequence[facts.Fact], answers: Mapping[str, object]
) -> date | datetime | None:
    if moment.answer:
        return moment.answered(answers)
    left = [fact.at for fact in history if moment.left and moment.left in _passed(fact)]
    return left[-1] if left else None


def _passed(fact: facts.Fact) -> Collection[str]:
    return {fact.element, *(str(element) for _, element, *_ in fact.steps)}


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
