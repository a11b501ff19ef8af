"""The protection marking of a case: how it is changed, with a reason, and who is named for it.

The marking is a column of the case and not a variable of its diagram. Under the three markings of a
protected identity only named persons see the case. A person becomes named when she marks the case,
when she holds a claim on a task of it at that moment, when she is the first of her office to claim
one, or when a named person names her with a reason. Access, print, documents and letters obey the
marking at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from service import text
from service.access import Viewer
from service.errors import (
    ApprovalNeeded,
    FieldFault,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    NotNamed,
    Stale,
)
from service.records.context import Actor, Services, actor
from service.records.ledger_append import append_entry, digest_reason, seal_reason
from service.release.programme import named_fields
from service.release.programme.process_configuration import ProcessConfiguration
from service.security.vault import OwnerKey
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, named_persons, parties
from service.store.casefile.named_persons import NamedPerson
from service.store.changes import Writer
from service.store.installation import people
from service.store.transaction import Tx
from service.store.work import tasks

MARKINGS: Final = named_fields.MARKINGS
ORDINARY = frozenset({"", "NONE", "PROGRAMME_PROTECTED"})
"""Markings that any case may have; each of the others is a protection of its own and shows a
shield."""
USUAL = "PROGRAMME_PROTECTED"
"""How a case begins when nobody said more."""
LOWER = "lower_marking"
"""Kind of the approval that is needed before an identity is protected less."""
LONGEST = 500
"""Characters of a reason."""
MARKED, FIRST, CHOSEN, HANDED = "marked", "first", "chosen", "handed"
"""How somebody came to be named: by the marking, as the first of her office, by a named person, or
with a task."""


def is_protected(marking: str) -> bool:
    """Whether a marking protects the identity itself, beyond what every case has."""
    return marking not in ORDINARY


def is_lower(was: str, marking: str) -> bool:
    """Whether a change protects an identity less than before."""
    return is_protected(was) and MARKINGS.index(marking) < MARKINGS.index(was)


def may_mark(
    configuration: ProcessConfiguration, viewer: Viewer, holders: Mapping[str, str]
) -> bool:
    """Whether the viewer may change the marking: her office holds one of the roles that
    `process.toml` names for it, and she holds that role.
    """
    return any(
        holders.get(role) == viewer.office and role in viewer.lane_roles
        for role in configuration.named_fields.duties.marking
    )


def may_raise(
    configuration: ProcessConfiguration, viewer: Viewer, holders: Mapping[str, str]
) -> bool:
    """Whether the viewer may at least raise it: every Swedish office of the case may."""
    duties = configuration.named_fields.duties
    raising = (*duties.marking, *duties.raising)
    return any(holders.get(role) == viewer.office and role in viewer.lane_roles for role in raising)


def markings_for(
    configuration: ProcessConfiguration, viewer: Viewer, holders: Mapping[str, str], was: str
) -> tuple[str, ...]:
    """The markings that the viewer may give a case: all, or those that protect it more."""
    if may_mark(configuration, viewer, holders):
        return MARKINGS
    rank = MARKINGS.index(was) if was in MARKINGS else 0
    return MARKINGS[rank:] if may_raise(configuration, viewer, holders) else ()


def marking_at_start(configuration: ProcessConfiguration, answers: Mapping[str, object]) -> str:
    """The marking that a case begins with, by the answer to the programme's question."""
    question = configuration.named_fields.protection
    answer = answers.get(question.field) or answers.get(question.said)
    return question.answers.get(str(answer), USUAL)


def marking_sentence(marking: str, lang: str) -> str:
    """Sentence: the identity is protected, by which marking; empty when it is not."""
    if not is_protected(marking):
        return ""
    key = f"marking.{marking}"
    word = text.say(key, lang) if text.known(key) else marking
    return text.say("case.alert_marking", lang, marking=word)


def fields_not_asked(configuration: ProcessConfiguration, marking: str) -> frozenset[str]:
    """The fields that nobody is asked in a case of this marking."""
    return configuration.named_fields.protection.not_asked.get(marking, frozenset())


def record_start(
    writer: Writer,
    *,
    by: Viewer,
    now: datetime,
    case: cases.CaseSummary,
    key: OwnerKey,
    names: bool = True,
) -> None:
    """Write that a case began with the marking of a protected identity, and name who began it.

    Args:
        names: False where the case does not exist for who begins it, such as a call: then the first
            of each office who takes a task is named.
    """
    if is_protected(case.marking):
        _append_marking(writer, key, actor(by), now, replace(case, marking=USUAL), case.marking)
        if names:
            _name(writer, by, now, case.id, by.person, MARKED, known=())


def mark_as_found(
    tx: Tx, *, by: Actor, now: datetime, case: cases.Case, key: OwnerKey, found: str
) -> cases.Case:
    """Mark a call like the case that its words find, if that protects it more; nobody is named.

    Args:
        found: the marking of that case.
    Returns:
        The case of the call as it is then.
    """
    if not is_protected(found) or MARKINGS.index(found) <= MARKINGS.index(case.marking):
        return case
    cases.set_marking(tx, case.id, case.rev, found)
    _append_marking(tx, key, by, now, case, found)
    return replace(case, marking=found)


def set_marking(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    marking: str,
    reason: str,
    was: str | None = None,
    approved: bool = False,
) -> None:
    """Set the protection marking of a case; of a protected identity it names who works in it.

    Args:
        was: the marking that the page was made from; None when nobody looked at a page.
        approved: whether a second person approved that an identity is protected less.
    Raises:
        NotFound: `by` has no part in the case.   NotAllowed, ApprovalNeeded: not alone, or not she.
        InvalidAnswers: an unknown marking, or no reason.
        Stale: somebody else changed it since.   CaseMoved: somebody moved the case meanwhile.
    """
    case = cases.get(tx, case_id)
    holders = parties.of_case(tx, case_id)
    reason = reason.strip()
    if case is None or by.office not in holders.values():
        raise NotFound
    allowed = _markings_in(tx, services, by, case, holders)
    if not allowed or (marking in MARKINGS and marking not in allowed):
        raise NotAllowed(why="role")
    if was not in (None, case.marking):
        raise Stale
    known = marking in MARKINGS
    check_reason(reason, *([] if known else [FieldFault("marking", "form.not_an_option")]))
    if case.marking == marking:
        return
    if is_lower(case.marking, marking) and not approved:
        raise ApprovalNeeded(case=case_id, kind=LOWER, subject=marking)
    cases.set_marking(tx, case_id, case.rev, marking)
    key = services.case_keys(tx, case.id).own
    _append_marking(tx, key, actor(by), now, case, marking, reason)
    if is_protected(marking):
        _name_who_works(tx, by, now, case_id)


def _markings_in(
    reader: Reader,
    services: Services,
    by: Viewer,
    case: cases.CaseSummary,
    holders: Mapping[str, str],
) -> tuple[str, ...]:
    """The markings that somebody may give a case, as its release says."""
    configuration = services.configuration_of(reader, case.release_id)
    return markings_for(configuration, by, holders, case.marking)


def _append_marking(
    writer: Writer,
    key: OwnerKey | None,
    by: Actor,
    now: datetime,
    case: cases.CaseSummary,
    marking: str,
    reason: str = "",
) -> None:
    stream = f"case/{case.id}"
    words = {"why": digest_reason(key, reason), "word": seal_reason(key, stream, by.id, reason)}
    body = {"from": case.marking, "to": marking, **words}
    append_entry(writer, stream, "marking", by=by, now=now, body=body)


def _name_who_works(tx: Tx, by: Viewer, now: datetime, case_id: str) -> None:
    """Name who marks the case, and who has claimed a task of it."""
    known = named_persons.of_case(tx, case_id)
    claimed = (task.claimed_by for task in tasks.of_case(tx, case_id))
    for person in dict.fromkeys([by.person, *(person for person in claimed if person)]):
        _name(tx, by, now, case_id, person, MARKED, known=known)


def load_named(reader: Reader, case: cases.CaseSummary) -> frozenset[str] | None:
    """The persons who are named for a case; None when its identity is not protected."""
    if not is_protected(case.marking):
        return None
    rows = named_persons.of_case(reader, case.id)
    return frozenset(row.person_id for row in rows if row.ended_at is None)


def reads_of_named(case_id: str, office: str) -> list[Read]:
    """What `require_named` reads of a case of a protected identity."""
    return [(named_persons.OF_CASE, {"case_id": case_id}), (people.OF_OFFICE, {"office": office})]


def require_named(
    reader: Reader, writer: Writer, *, by: Viewer, now: datetime, case: cases.CaseSummary
) -> None:
    """Require that a person who takes a task of a protected identity is named for the case.

    When nobody of her office is named, she becomes named by taking the task, unless a naming of her
    was taken back before.

    Raises:
        NotNamed: colleagues of her office are named and she is not, or her naming was taken back.
    """
    if not is_protected(case.marking):
        return
    rows = named_persons.of_case(reader, case.id)
    named = {row.person_id for row in rows if row.ended_at is None}
    if by.person in named:
        return
    was_named = by.person in {row.person_id for row in rows}
    if was_named or named & {known.person.id for known in people.of_office(reader, by.office)}:
        raise NotNamed
    _name(writer, by, now, case.id, by.person, FIRST, known=rows)


def require_named_now(tx: Tx, *, by: Viewer, now: datetime, case_id: str) -> None:
    """The same of a case that was not loaded.

    Raises:
        NotNamed: as `require_named`.
    """
    case = cases.get(tx, case_id)
    if case is not None:
        require_named(tx, tx, by=by, now=now, case=case)


def name_with_task(tx: Tx, *, by: Viewer, now: datetime, case_id: str, person: str) -> None:
    """Name the colleague whom a named person hands a task of a protected identity."""
    case = cases.get(tx, case_id)
    if case is not None and is_protected(case.marking):
        known = named_persons.of_case(tx, case_id)
        _name(tx, by, now, case_id, person, HANDED, known=known)


def may_name(services: Services, viewer: Viewer, case: cases.CaseSummary, reader: Reader) -> bool:
    """Whether the viewer may name another person: she is named herself, or may mark the case."""
    named = load_named(reader, case)
    if named is None:
        return False
    configuration = services.configuration_of(reader, case.release_id)
    return viewer.person in named or may_mark(
        configuration, viewer, parties.of_case(reader, case.id)
    )


def name_person(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case_id: str,
    person: str,
    reason: str,
) -> None:
    """Name a further person for a case of a protected identity, with a reason.

    Args:
        person: of an office that has a role in the case; nobody names herself.
    Raises:
        NotFound: `by` has no part in the case, or its identity is not protected.
        NotNamed: she may not name anybody.
        InvalidAnswers: no reason, or nobody who can be named.
    """
    case = cases.get(tx, case_id)
    holders = parties.of_case(tx, case_id)
    reason = reason.strip()
    if case is None or by.office not in holders.values() or not is_protected(case.marking):
        raise NotFound
    if not may_name(services, by, case, tx):
        raise NotNamed
    chosen = person in candidates(tx, by, case)
    check_reason(reason, *([] if chosen else [FieldFault("person", "form.not_an_option")]))
    key, known = services.case_keys(tx, case_id).own, named_persons.of_case(tx, case_id)
    _name(tx, by, now, case_id, person, CHOSEN, known=known, key=key, reason=reason)


def reads_of_candidates(holders: Mapping[str, str]) -> list[Read]:
    """What `candidates` reads besides what decides the sight of the case.

    Args:
        holders: role to office.
    """
    return [(people.OF_OFFICE, {"office": office}) for office in sorted({*holders.values()})]


def candidates(reader: Reader, viewer: Viewer, case: cases.CaseSummary) -> dict[str, str]:
    """Person to office, of all who can be named: people of the parties in a role that their office
    holds in the case.
    """
    named = load_named(reader, case) or frozenset[str]()
    found = {}
    for role, office in sorted(parties.of_case(reader, case.id).items()):
        for known in people.with_role(reader, office, role):
            if known.person.id not in named and known.person.id != viewer.person:
                found[known.person.id] = office
    return found


def _name(
    writer: Writer,
    by: Viewer,
    now: datetime,
    case_id: str,
    person: str,
    how: str,
    *,
    known: Iterable[NamedPerson],
    key: OwnerKey | None = None,
    reason: str = "",
) -> None:
    """Store a named person of a case, once, with an entry in the history.

    Args:
        known: those who are or were named.
        key: of the case, for the reason.
    """
    before = {row.person_id: row for row in known}
    if person in before and before[person].ended_at is None:
        return
    row = NamedPerson(case_id, person, by.person, now)
    if person in before:
        named_persons.change(writer, before[person], row)
    else:
        named_persons.add(writer, row)
    stream = f"case/{case_id}"
    body = {"to": person, "how": how, "word": seal_reason(key, stream, by.person, reason)}
    append_entry(writer, stream, "named", by=actor(by), now=now, body=body)


def check_reason(reason: str, *others: FieldFault) -> None:
    """Refuse a reason that is missing or longer than `LONGEST`.

    Args:
        others: faults of other fields, which are raised together with those of the reason.
    Raises:
        InvalidAnswers: there is a fault.
    """
    faults = list(others)
    if not reason:
        faults.append(FieldFault("why", "form.reason_missing"))
    if len(reason) > LONGEST:
        over = len(reason) - LONGEST
        faults.append(FieldFault("why", "form.too_long", {"n": over, "most": LONGEST}))
    if faults:
        raise InvalidAnswers(tuple(faults))
