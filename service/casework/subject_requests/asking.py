"""The acts of a request: somebody asks, shows who she is, hears that it takes longer, is answered,
gets the answer.

Each organisation answers for its own records, so a request to all offices of a case is a row for
each, and each answers its own. Who handles it is the records officer of the office. Whoever cannot
show who he is, a guardian who may be involved in what happened, and a stranger get the same answer,
which says neither that anything is kept nor that nothing is. Source: decisions/0129.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from service.access import Viewer, can_act
from service.casework.cases import continuation, protection
from service.casework.cases.loaded_case import snapshot_binding
from service.casework.retention import kept
from service.casework.retention.left import DUTY, exits
from service.casework.retention.left import LETTER as LETTERS
from service.casework.retention.retention_tasks import write_to_data_protection, write_to_offices
from service.casework.subject_requests import request_process
from service.casework.subject_requests.copy_parts import (
    LENGTHENED,
    CopyPart,
    load_copy,
    words_place,
)
from service.casework.subject_requests.masks import (
    Mask,
    checked_mask,
    require_grounds,
    require_unchanged,
)
from service.casework.subject_requests.request_process import (
    ANSWER,
    COPY,
    DECISION,
    IDENTITY,
    NOT_PROVEN,
    waiting_step,
)
from service.engine import peek
from service.errors import FieldFault, InvalidAnswers, NotFound, TaskClosed
from service.records.context import CLOCK, Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry, seal_reason
from service.records.retention import ZONE, office_day
from service.release.programme.ground_rules import MASK, SecrecyGround
from service.security import ledger_lines
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, facts, parties, referrals, subject_requests
from service.store.casefile.subject_requests import COPY as A_COPY
from service.store.casefile.subject_requests import CORRECT, ERASE, KINDS, RESTRICT, SubjectRequest
from service.store.installation import offices
from service.store.transaction import Tx

HERSELF, GUARDIAN, OTHER = WHO = ("herself", "guardian", "other")
"""Who asks: the person; who decides for a child; anybody else, with a power of attorney or without:
a paper can be forced out of somebody, so the person herself has to come."""
PROVEN: Final = ("document", "known", NOT_PROVEN)
"""How somebody showed who she is, in person: with a document, or because a person of the office
knows her; or she did not."""
GRANTED, PARTLY, REFUSED, WITHDRAWN = OUTCOMES = ("granted", "partly", "refused", "withdrawn")
GIVEN: Final = ("handed", "read", "kept")
"""How she got the answer: on paper, read aloud, or it is kept for her at the office. Nothing is
ever sent."""
ASKED, SHOWN, READ, DONE_BY, TOLD = (
    f"request_{name}" for name in ("asked", "identity", "read", "answered", "given")
)
"""Kinds of ledger entries."""
LETTER, LATE, CHANGED = "subject_request", "subject_request_late", "subject_request_changed"
"""Letters: to an office that is asked; to data protection when an answer is late; to an office that
has something of which she had a part corrected, erased or left alone. Source: GDPR, article 19."""


def may_ask(reader: Reader, viewer: Viewer, case_id: str) -> bool:
    """Whether a person may take down a request about a case: a records officer whose office wrote
    in it.
    """
    return can_act(viewer, "keep_records") and kept.wrote_in(reader, viewer, case_id)


def ask(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    kind: str,
    who: str,
    proven: str,
    everywhere: bool,
    person: bool,
    wish: str,
) -> str:
    """Take down what somebody asks for about a case, or about every case of its person; gives the
    id of the request to the own office about the case.

    Args:
        proven: one of `PROVEN`; "" when nobody has looked yet: then the clock rests until somebody
            has.
        everywhere: put it to every office that wrote in a case.
        person: ask about the earlier and later cases of the same person too, as far as the own
            office wrote in them.
        wish: what she wants, in words; needed for all but a copy.
    Raises:
        NotFound: there is no such case for her.
        InvalidAnswers: a part is missing or wrong.
    """
    case = cases.get(tx, case_id)
    if case is None or not may_ask(tx, by, case_id):
        raise NotFound
    protection.require_named(tx, tx, by=by, now=now, case=case)
    wish = wish.strip()
    faults = [
        FieldFault(name, "form.required", {"label": ""})
        for name, value, known in (("kind", kind, KINDS), ("who", who, WHO))
        if value not in known
    ]
    if wish or kind != A_COPY:
        protection.check_reason(wish, *faults)
    elif faults:
        raise InvalidAnswers(tuple(faults))
    group = ulid(now)
    rows = [
        SubjectRequest(
            *(ulid(now), about, office, group, kind, who, by.person, now),
            process=request_process.VERSION,
        )
        for about in _cases(tx, services, by, now, case_id=case_id, person=person)
        for office in (_offices(tx, by, about) if everywhere else [by.office])
    ]
    for row in rows:
        _add(tx, services, row, wish, by=actor(by), now=now)
        if row.office_id != by.office:
            about = f"{LETTER}:{row.id}"
            write_to_offices(tx, row.case_id, about, LETTER, [row.office_id], by=actor(by), now=now)
    own = rows[0]
    if proven:
        show_identity(tx, services, by, now, request=own.id, proven=proven)
    return own.id


def _cases(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, person: bool
) -> list[str]:
    """The cases that a request is about, the named one first.

    Raises:
        NotNamed: an identity is protected, and she is not named for it.
    """
    if not person:
        return [case_id]
    linked = continuation.cases_of_person(tx, services, case_id)
    found = [id_ for id_ in linked if id_ not in by.barred and may_ask(tx, by, id_)]
    for case in cases.of_ids(tx, found):
        protection.require_named(tx, tx, by=by, now=now, case=case)
    return found


def _offices(reader: Reader, by: Viewer, case_id: str) -> list[str]:
    """The offices that wrote in a case, the own first."""
    known = offices.everyone(reader)
    wrote = {fact.office for fact in facts.of_case(reader, case_id)} & known.keys()
    return [by.office, *sorted(wrote - {by.office})]


def _add(
    tx: Tx, services: Services, row: SubjectRequest, wish: str, *, by: Actor, now: datetime
) -> None:
    key = services.key(tx, f"office:{row.office_id}")
    if key is None:
        raise NotFound
    sealed = key.seal("notes", wish.encode(), **words_place(row, "wish")) if wish else None
    subject_requests.add(tx, replace(row, wish=sealed))
    _append(tx, row, ASKED, by=by, now=now, process=row.process)


def request_of(reader: Reader, viewer: Viewer, id_: str) -> SubjectRequest:
    """A request to the viewer's office, for its records officer.

    Raises:
        NotFound: there is none of that id, it is of another office, or its case is barred to her.
    """
    row = subject_requests.get(reader, id_)
    if row is None or row.case_id in viewer.barred or row.office_id != viewer.office:
        raise NotFound
    if not can_act(viewer, "keep_records"):
        raise NotFound
    return row


def _at(
    tx: Tx, by: Viewer, now: datetime, id_: str, *steps: str
) -> tuple[SubjectRequest, cases.CaseSummary]:
    """A request that waits at one of some steps, and its case, locked.

    Raises:
        NotFound: as `request_of`.   TaskClosed: it waits elsewhere, or not any more.
        NotNamed: the identity is protected, and she is not named for it.
    """
    row = request_of(tx, by, id_)
    cases.load(tx, row.case_id)
    row = next(one for one in subject_requests.of_case(tx, row.case_id) if one.id == id_)
    case = cases.get(tx, row.case_id)
    if case is None:
        raise NotFound
    protection.require_named(tx, tx, by=by, now=now, case=case)
    step = waiting_step(row, zone_of(tx, row.office_id))
    if step is None or step.element not in steps:
        raise TaskClosed
    return row, case


def zone_of(reader: Reader, office: str) -> str:
    """The time zone of an office."""
    known = offices.everyone(reader).get(office)
    return known.zone if known is not None else ZONE


def show_identity(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, request: str, proven: str
) -> None:
    """Say how somebody showed who she is: for all that she asked the office for at once. From now
    on the clock runs.

    A guardian who may be involved gets nothing, whatever document there is, and nobody but the
    person and a guardian gets anything.

    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.   InvalidAnswers: no such way.
    """
    if proven not in PROVEN:
        raise InvalidAnswers((FieldFault("proven", "form.required", {"label": ""}),))
    first, _ = _at(tx, by, now, request, IDENTITY)
    at_once = [
        _at(tx, by, now, row.id, IDENTITY)
        for row in subject_requests.of_office(tx, by.office)
        if row.asked == first.asked
    ]
    if any(not _may_get(tx, services, row, case) for row, case in at_once):
        proven = NOT_PROVEN
    marks: dict[str, Any] = {"proven": proven, "proven_at": now}
    if proven == NOT_PROVEN:
        marks |= {"outcome": REFUSED, "answered_by": by.person, "answered_at": now}
    for row, _ in at_once:
        subject_requests.change(tx, row, **marks)
        _append(tx, row, SHOWN, by=actor(by), now=now, how=proven)


def _may_get(
    reader: Reader, services: Services, row: SubjectRequest, case: cases.CaseSummary
) -> bool:
    """Whether who asks may be given anything, once it is shown who it is."""
    if row.who == GUARDIAN:
        return is_guardian_free(reader, services, case)
    return row.who == HERSELF


def is_guardian_free(reader: Reader, services: Services, case: cases.CaseSummary) -> bool:
    """Whether the case says that who decides for a child is not involved in what happened to it. A
    case in which nobody has looked at it, or that does not open any more, does not say so.
    """
    release = services.release(reader, case.release_id)
    asked = services.configuration(release).named_fields.requests
    if not asked.guardian:
        return False
    stored, own = cases.stored_whole(reader, case.id), services.case_keys(reader, case.id).own
    if stored is None or stored.snapshot is None or own is None:
        return False
    state = peek(own.open("snapshot", stored.snapshot, **snapshot_binding(stored)))
    return state.variables.get(asked.guardian) in asked.free


def lengthen(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, request: str, why: str
) -> None:
    """Say that she has heard that it takes two months more, and why.

    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`; it was lengthened before.
        InvalidAnswers: no reason.
    """
    row, _ = _at(tx, by, now, request, COPY, DECISION)
    if row.longer_at is not None:
        raise TaskClosed
    why = why.strip()
    if not why:
        raise InvalidAnswers((FieldFault("longer", "form.required", {"label": ""}),))
    protection.check_reason(why)
    subject_requests.change(tx, row, longer_at=now)
    key = services.key(tx, f"office:{row.office_id}")
    word = seal_reason(key, f"case/{row.case_id}", by.person, why)
    _append(tx, row, LENGTHENED, by=actor(by), now=now, word=word)


def read_parts(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request: str,
    marked: Mapping[str, Mask],
    lang: str,
    seen: str = "",
) -> None:
    """Keep what was read of a copy, and what is struck out of it.

    Args:
        marked: id of a part to what is struck out of it; parts that are not named stay as they are.
        seen: what the page showed of these parts, as `seen_of` gives it.
    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.
        InvalidAnswers: a piece is struck out without a ground on which the office may do so; or
            somebody else has changed it meanwhile.
    """
    row, case = _at(tx, by, now, request, COPY)
    grounds = {one.id for one in grounds_of(tx, services, row, now)}
    parts = {part.id: part for part in load_copy(tx, services, by, case, lang, now=now)}
    kept_ones = {id_: mask for id_, mask in row.masks.items() if id_ in parts}
    require_unchanged(seen, (parts[id_] for id_ in marked if id_ in parts), row.masks)
    require_grounds(marked, grounds)
    for id_, mask in marked.items():
        if id_ in parts:
            kept_ones[id_] = checked_mask(parts[id_], mask)
    subject_requests.change(tx, row, masks=dict(sorted(kept_ones.items())))
    struck = sum(len(numbers) for numbers, *_ in kept_ones.values())
    _append(tx, row, READ, by=actor(by), now=now, parts=len(kept_ones), struck=struck)


def grounds_of(
    reader: Reader, services: Services, row: SubjectRequest, now: datetime
) -> tuple[SecrecyGround, ...]:
    """The grounds on which the office may strike something out of a copy today."""
    office = offices.everyone(reader)[row.office_id]
    known = services.current_configuration(reader).grounds
    return known.for_use(MASK, office.kind, on=office_day(now, office.zone))


def unread(parts: Sequence[CopyPart], masks: Mapping[str, object]) -> list[CopyPart]:
    """The free texts that nobody has read yet."""
    return [part for part in parts if part.is_free and part.id not in masks]


def release_copy(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request: str,
    lang: str,
    seen: str = "",
) -> None:
    """Release the copy: everything that is free text was read, and what is not hers is struck out.

    Args:
        seen: what the page showed of all parts, as `seen_of` gives it.
    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.
        InvalidAnswers: something was not read, or somebody else has changed it meanwhile.
    """
    row, case = _at(tx, by, now, request, COPY)
    parts = load_copy(tx, services, by, case, lang, now=now)
    require_unchanged(seen, parts, row.masks)
    if left := unread(parts, row.masks):
        raise InvalidAnswers((FieldFault("parts", "request.not_read", {"n": len(left)}),))
    struck = any(numbers for numbers, *_ in row.masks.values())
    outcome = PARTLY if struck else GRANTED
    marks = {"outcome": outcome, "answered_by": by.person, "answered_at": now}
    subject_requests.change(tx, row, **marks)
    _append(tx, row, DONE_BY, by=actor(by), now=now, outcome=outcome)


def decide(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request: str,
    outcome: str,
    answer: str,
) -> None:
    """Decide about a request that is no copy; offices that have what is corrected, erased or not to
    be used hear of it.

    Args:
        answer: what is done, or why it is not, in words that she is given.
    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.   InvalidAnswers: no outcome, or no words.
    """
    row, _ = _at(tx, by, now, request, DECISION)
    answer = answer.strip()
    faults = [] if outcome in OUTCOMES else [FieldFault("outcome", "form.required", {"label": ""})]
    protection.check_reason(answer, *faults)
    key = services.key(tx, f"office:{row.office_id}")
    if key is None:
        raise NotFound
    sealed = key.seal("notes", answer.encode(), **words_place(row, "answer"))
    marks = {"outcome": outcome, "answered_by": by.person, "answered_at": now, "answer": sealed}
    subject_requests.change(tx, row, **marks)
    _append(tx, row, DONE_BY, by=actor(by), now=now, outcome=outcome)
    if row.kind in (CORRECT, ERASE, RESTRICT) and outcome in (GRANTED, PARTLY):
        reached = receivers(tx, row)
        write_to_offices(
            *(tx, row.case_id, f"{CHANGED}:{row.id}", CHANGED, reached), by=actor(by), now=now
        )


def receivers(reader: Reader, row: SubjectRequest) -> list[str]:
    """The other offices that were given something of the office, or may see what it wrote."""
    sent = {
        one.to_office
        for one in referrals.of_case(reader, row.case_id)
        if one.from_office == row.office_id and one.sent_at is not None
    }
    left = {one.office for one in exits(reader, row.case_id) if one.what not in (LETTERS, DUTY)}
    holding = {*parties.of_case(reader, row.case_id).values()}
    return sorted((sent | left | holding) - {row.office_id, ""})


def give(tx: Tx, services: Services, by: Viewer, now: datetime, *, request: str, how: str) -> None:
    """Say how she got the answer; that ends the request.

    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.   InvalidAnswers: no such way.
    """
    del services
    if how not in GIVEN:
        raise InvalidAnswers((FieldFault("how", "form.required", {"label": ""}),))
    row, _ = _at(tx, by, now, request, ANSWER)
    subject_requests.change(tx, row, given=how, given_at=now)
    _append(tx, row, TOLD, by=actor(by), now=now, how=how)


def _append(
    tx: Tx,
    row: SubjectRequest,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    **more: ledger_lines.Canonical,
) -> None:
    body: dict[str, ledger_lines.Canonical] = {
        "request": row.id,
        "to": row.office_id,
        "what": row.kind,
        **more,
    }
    append_entry(tx, f"case/{row.case_id}", kind, by=by, now=now, body=body)


def reads_of_waiting(viewer: Viewer) -> list[Read]:
    """What `waiting_for` reads; nothing for who is no records officer."""
    if not can_act(viewer, "keep_records"):
        return []
    return [subject_requests.read_of_office(viewer.office)]


def waiting_for(reader: Reader, viewer: Viewer) -> list[SubjectRequest]:
    """The requests that wait for a records officer, the oldest first."""
    return [
        row
        for read in reads_of_waiting(viewer)
        for row in subject_requests.ROWS.all(reader, *read, listed=True)
        if row.case_id not in viewer.barred
    ]


def write_late_letters(tx: Tx, now: datetime) -> int:
    """Write to data protection about requests whose day is over, once about each; gives their
    number.
    """
    return sum(
        write_to_data_protection(tx, row.case_id, f"{LATE}:{row.id}", LATE, by=CLOCK, now=now)
        for row in _late(tx, now)
    )


def _late(reader: Reader, now: datetime) -> Iterator[SubjectRequest]:
    for row in subject_requests.open_ones(reader):
        if request_process.is_late(row, zone_of(reader, row.office_id), now):
            yield row
