"""The acts of a request for a public document: somebody asks, a case is looked for, parts of it are
chosen and struck out, it is decided, the answer is given.

Nobody asks who wants it, or why. Who handles it is the records officer of an office that is bound
by a Swedish act: one whose kind has a ground on which a document may be refused. Until it is
decided the case and what is chosen of it are in a row of their own, and no entry of the office's
stream tells of them; a refusal takes that row away. So a refusal is the same whether there was a
case or not. Source: decisions/0130.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any, Final, TypeAlias
from zoneinfo import ZoneInfo

from service.access import Viewer, can_act
from service.casework.cases import protection
from service.casework.pages.message_form import newest_ready
from service.casework.retention import early
from service.casework.retention.left import DISCLOSED
from service.casework.retention.retention_tasks import write_to_data_protection
from service.casework.subject_requests.copy_parts import LISTS, CopyPart, load_copy
from service.casework.subject_requests.masks import (
    Mask,
    checked_mask,
    require_grounds,
    require_unchanged,
)
from service.errors import FieldFault, InvalidAnswers, NotFound, NotNamed, TaskClosed
from service.records.context import CLOCK, Actor, Services, actor
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.records.retention import office_day
from service.release.programme.ground_rules import REFUSAL, SecrecyGround
from service.security import ledger_lines
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, document_requests
from service.store.casefile.document_requests import DocumentChoice, DocumentRequest
from service.store.installation import offices
from service.store.installation.offices import Office
from service.store.transaction import Tx

WHOLE, PARTLY, REFUSED = OUTCOMES = ("whole", "partly", "refused")
"""Given as it was asked for; with something struck out or left out; not given."""
GIVEN: Final = ("handed", "sent", "shown")
"""How the answer was given."""
STRIKE, CHOOSE, LEAVE = CLASS_ACTS = ("strike", "choose", "leave")
"""What one press does with all parts of a class: they are struck out whole, chosen, left out."""
ASKED, DECIDED, TOLD, ENDED = (
    *("document_asked", "document_decided", "document_given", "document_words_ended"),
)
"""Kinds of ledger entries of the office."""
LATE: Final = "document_late"
"""Letter to data protection: an answer that is about a case is late."""
LANG: Final = "sv"
"""Parts are given as the office wrote them: in one language, so that what is struck out by its
number is the same on every page and paper."""
WORDS_KEPT: Final = timedelta(days=90)
"""How long the words of an answered request are kept: the time for an appeal, and some more."""
Found: TypeAlias = "tuple[DocumentRequest, DocumentChoice | None]"


def grounds_of(
    reader: Reader, services: Services, office: Office, now: datetime
) -> tuple[SecrecyGround, ...]:
    """The grounds on which an office may refuse a document, or strike out a part of it. An office
    that has none is bound by no act on public documents.
    """
    known = services.current_configuration(reader).grounds
    return known.for_use(REFUSAL, office.kind, on=office_day(now, office.zone))


def is_offered(services: Services, office: Office, now: datetime) -> bool:
    """Whether an office is bound by an act on public documents, by the newest release that is
    ready: for the menu, which asks no database.
    """
    newest = newest_ready(services)
    known = services.programme.configuration if newest is None else services.configuration(newest)
    day = office_day(now, office.zone)
    return bool(known.grounds.for_use(REFUSAL, office.kind, on=day))


def require_offered(reader: Reader, services: Services, by: Viewer, now: datetime) -> Office:
    """The office of somebody who answers for its public documents.

    Raises:
        NotFound: she does not, or it has none.
    """
    office = offices.get(reader, by.office)
    if office is None or not can_act(by, "keep_records"):
        raise NotFound
    if not grounds_of(reader, services, office, now):
        raise NotFound
    return office


def ask(tx: Tx, services: Services, by: Viewer, now: datetime, *, wish: str) -> str:
    """Take down what somebody asks for, in words; gives the id of the request.

    Raises:
        NotFound: as `require_offered`.   InvalidAnswers: no words.
    """
    office, wish = require_offered(tx, services, by, now), wish.strip()
    protection.check_reason(wish)
    key = services.key(tx, f"office:{office.id}")
    if key is None:
        raise NotFound
    row = DocumentRequest(
        *(ulid(now), office.id, by.person, now),
        due=due_of(now, office, works_in(tx, services, office)),
    )
    sealed = key.seal("notes", wish.encode(), **words_place(row))
    document_requests.add(tx, replace(row, wish=sealed))
    _append(tx, row, ASKED, by=actor(by), now=now)
    return row.id


def works_in(reader: Reader, services: Services, office: Office) -> Callable[[date], bool]:
    """Whether an office works on a day, by its calendar in the current release; where there is
    none, from Monday to Friday.
    """
    if not services.has_no_release(reader):
        for definition in services.current(reader).definitions.values():
            if office.calendar in definition.calendars:
                return definition.calendars[office.calendar].works
    return lambda day: day.isoweekday() <= 5  # noqa: PLR2004 - Friday


def due_of(at: datetime, office: Office, works: Callable[[date], bool]) -> datetime:
    """The end of the next working day: a public document is decided on at once."""
    place = ZoneInfo(office.zone)
    day = at.astimezone(place).date() + timedelta(days=1)
    while not works(day):
        day += timedelta(days=1)
    return datetime.combine(day + timedelta(days=1), time(), place)


def words_place(row: DocumentRequest) -> dict[str, str]:
    """Where the words of a request are sealed."""
    return {"table": "document_request", "column": "wish", "row": row.id}


def open_wish(reader: Reader, services: Services, row: DocumentRequest) -> str:
    """What is asked for, in words; "" once they are forgotten.

    Raises:
        CannotOpen: they were changed.
    """
    key = services.key(reader, f"office:{row.office_id}")
    if row.wish is None or key is None:
        return ""
    return key.open("notes", row.wish, **words_place(row)).decode()


def load_request(
    reader: Reader, services: Services, by: Viewer, now: datetime, *, request: str
) -> Found:
    """A request to the viewer's office, with what is chosen for it.

    Raises:
        NotFound: as `require_offered`; there is none of that id, it is of another office, or it was
            found to be about a case that is barred to her.
    """
    require_offered(reader, services, by, now)
    row = document_requests.get(reader, request)
    if row is None or row.office_id != by.office:
        raise NotFound
    choice = document_requests.choice_of(reader, request)
    if choice is not None and choice.case_id in by.barred:
        raise NotFound
    return row, choice


def _at(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, request: str, decided: bool
) -> Found:
    """A request that waits to be decided, or to be given, and what is chosen, with its case locked.

    Raises:
        NotFound: as `load_request`.   TaskClosed: it does not wait for that, or not any more.
        NotNamed: the identity is protected, and she is not named for it.
    """
    row, choice = load_request(tx, services, by, now, request=request)
    if row.given_at is not None or (row.decided_at is not None) is not decided:
        raise TaskClosed
    if choice is None:
        return row, None
    _lock(tx, by, now, choice.case_id)
    chosen = document_requests.choices_of_case(tx, choice.case_id)
    return row, next(one for one in chosen if one.request_id == row.id)


def _lock(tx: Tx, by: Viewer, now: datetime, case_id: str) -> None:
    cases.load(tx, case_id)
    case = cases.get(tx, case_id)
    if case is None:
        raise NotFound
    protection.require_named(tx, tx, by=by, now=now, case=case)


def find(tx: Tx, services: Services, by: Viewer, now: datetime, *, request: str, word: str) -> None:
    """Look for the case that a request is about, by its number or name. What was chosen of another
    case is forgotten.

    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.   InvalidAnswers: the office has no such case.
    """
    row, before = _at(tx, services, by, now, request=request, decided=False)
    case = early.find_case(tx, by, word)
    if before is not None and before.case_id == case.id:
        return
    _lock(tx, by, now, case.id)
    if before is not None:
        document_requests.forget_choice(tx, before)
    document_requests.choose(tx, DocumentChoice(row.id, case.id, row.office_id))


def load_parts(
    tx: Tx, services: Services, by: Viewer, now: datetime, choice: DocumentChoice
) -> tuple[CopyPart, ...]:
    """Load everything that may be chosen: what the viewer's office wrote in a case.

    Left out are lists that Tresteg puts together and that grow: a number of a line that is struck
    out would be another line tomorrow.

    Raises:
        NotNamed: the identity is protected, and she is not named for it.
        CannotOpen: something that is kept does not open.
    """
    case = cases.get(tx, choice.case_id)
    if case is None:
        return ()
    named = protection.load_named(tx, case)
    if named is not None and by.person not in named:
        raise NotNamed
    parts = load_copy(tx, services, by, case, LANG, now=now)
    return tuple(part for part in parts if part.id not in LISTS)


def choose_parts(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request: str,
    marked: Mapping[str, Mask | None],
    seen: str = "",
) -> None:
    """Choose parts that somebody has read, and say what is struck out of them.

    Args:
        marked: id of a part to what is struck out of it; None for one that is not chosen. Parts
            that are not named stay as they are.
        seen: what the page showed of these parts, as `seen_of` gives it.
    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`; no case was found.
        InvalidAnswers: a piece is struck out without a ground on which the office may; or somebody
            else has changed it meanwhile.
    """
    before, parts, grounds = _chosen(tx, services, by, now, request)
    masks = {id_: mask for id_, mask in marked.items() if id_ in parts}
    require_unchanged(seen, (parts[id_] for id_ in masks), before.parts)
    require_grounds({id_: mask for id_, mask in masks.items() if mask is not None}, grounds)
    after = {id_: one for id_, one in before.parts.items() if id_ in parts and id_ not in masks}
    for id_, mask in masks.items():
        if mask is not None:
            after[id_] = [*checked_mask(parts[id_], mask), True]
    _keep(tx, before, after)


def choose_class(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request: str,
    klass: str,
    does: str,
    ground: str,
    seen: str = "",
) -> None:
    """Choose all parts of a class, strike all of them out, or leave all of them out.

    Args:
        seen: what the page showed of all parts, as `seen_of` gives it.
    Raises:
        NotFound, TaskClosed, NotNamed: as `choose_parts`.
        InvalidAnswers: no such act; they are struck out without a ground; somebody else has changed
            something meanwhile.
    """
    before, parts, grounds = _chosen(tx, services, by, now, request)
    require_unchanged(seen, parts.values(), before.parts)
    if does not in CLASS_ACTS:
        raise InvalidAnswers((FieldFault("does", "form.required", {"label": ""}),))
    if does == STRIKE and ground not in grounds:
        raise InvalidAnswers((FieldFault("ground", "request.no_ground"),))
    after = {id_: one for id_, one in before.parts.items() if id_ in parts}
    for id_, part in parts.items():
        if part.klass != klass:
            continue
        if does == LEAVE:
            after.pop(id_, None)
        elif does == STRIKE:
            after[id_] = [[*range(len(part.pieces))], ground, True]
        else:
            after[id_] = after.get(id_, [[], "", not part.is_free])
    _keep(tx, before, after)


def _chosen(
    tx: Tx, services: Services, by: Viewer, now: datetime, request: str
) -> tuple[DocumentChoice, dict[str, CopyPart], set[str]]:
    """What is chosen, the parts of the case by id, and the grounds on which the office may strike
    something out.
    """
    _, choice = _at(tx, services, by, now, request=request, decided=False)
    if choice is None:
        raise TaskClosed
    parts = {part.id: part for part in load_parts(tx, services, by, now, choice)}
    office = require_offered(tx, services, by, now)
    return choice, parts, {one.id for one in grounds_of(tx, services, office, now)}


def _keep(tx: Tx, before: DocumentChoice, parts: dict[str, Any]) -> None:
    after = replace(before, parts=dict(sorted(parts.items())))
    if after != before:
        document_requests.choose(tx, after, before)


def unread(parts: Sequence[CopyPart], chosen: Mapping[str, Sequence[Any]]) -> list[CopyPart]:
    """The chosen free texts that nobody has read yet."""
    return [part for part in parts if part.is_free and not chosen.get(part.id, ("", "", True))[2]]


def decide(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    request: str,
    outcome: str,
    seen: str = "",
) -> None:
    """Decide on a request. A refusal forgets what was found and chosen; of what is given, the
    history of the case says that it was, and of which classes.

    Args:
        seen: what the page showed of all parts, as `seen_of` gives it. A refusal does not look at
            it: it is the same with a case and without.
    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.
        InvalidAnswers: no outcome, or one that does not fit what is chosen; or somebody else has
            changed something meanwhile.
    """
    if outcome not in OUTCOMES:
        raise InvalidAnswers((FieldFault("outcome", "form.required", {"label": ""}),))
    row, choice = _at(tx, services, by, now, request=request, decided=False)
    if outcome == REFUSED:
        if choice is not None:
            document_requests.forget_choice(tx, choice)
    else:
        _disclose(tx, services, by, now, choice, outcome, seen)
    marks = {"outcome": outcome, "decided_by": by.person, "decided_at": now}
    document_requests.change(tx, row, **marks)
    _append(tx, row, DECIDED, by=actor(by), now=now, outcome=outcome)


def _disclose(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    choice: DocumentChoice | None,
    outcome: str,
    seen: str,
) -> None:
    """Write into the history of a case that something of it is given as a public document.

    Raises:
        InvalidAnswers: nothing is left to give, a text was not read, something is struck out though
            all was to be given, or somebody else has changed something.
    """
    parts = load_parts(tx, services, by, now, choice) if choice is not None else ()
    chosen = choice.parts if choice is not None else {}
    require_unchanged(seen, parts, chosen)
    leaves = [
        part for part in parts if part.id in chosen and len(chosen[part.id][0]) < len(part.pieces)
    ]
    struck = sum(len(chosen[part.id][0]) for part in parts if part.id in chosen)
    if choice is None or not leaves:
        raise InvalidAnswers((FieldFault("outcome", "document_request.nothing_left"),))
    if left := unread(parts, chosen):
        raise InvalidAnswers((FieldFault("parts", "request.not_read", {"n": len(left)}),))
    if outcome == WHOLE and struck:
        raise InvalidAnswers((FieldFault("outcome", "document_request.is_partly"),))
    body: dict[str, ledger_lines.Canonical] = {
        "request": choice.request_id,
        "to": choice.office_id,
        "classes": (*sorted({part.klass for part in leaves}),),
        "parts": len(leaves),
        "struck": struck,
    }
    append_entry(tx, f"case/{choice.case_id}", DISCLOSED, by=actor(by), now=now, body=body)


def give(tx: Tx, services: Services, by: Viewer, now: datetime, *, request: str, how: str) -> None:
    """Say how the answer was given; that ends the request, and forgets what was chosen.

    Raises:
        NotFound, TaskClosed, NotNamed: as `_at`.   InvalidAnswers: no such way.
    """
    if how not in GIVEN:
        raise InvalidAnswers((FieldFault("how", "form.required", {"label": ""}),))
    row, choice = _at(tx, services, by, now, request=request, decided=True)
    if choice is not None:
        document_requests.forget_choice(tx, choice)
    document_requests.change(tx, row, given=how, given_at=now)
    _append(tx, row, TOLD, by=actor(by), now=now, how=how)


def _append(
    tx: Tx,
    row: DocumentRequest,
    kind: str,
    *,
    by: Actor,
    now: datetime,
    **more: ledger_lines.Canonical,
) -> None:
    body: dict[str, ledger_lines.Canonical] = {"request": row.id, "to": row.office_id, **more}
    append_entry(tx, document_requests.stream_of(row), kind, by=by, now=now, body=body)


def reads_of_waiting(viewer: Viewer) -> list[Read]:
    """What `waiting_for` reads; nothing for who is no records officer."""
    if not can_act(viewer, "keep_records"):
        return []
    office = viewer.office
    return [document_requests.read_of_office(office), document_requests.read_choices(office)]


def waiting_for(reader: Reader, viewer: Viewer) -> list[DocumentRequest]:
    """The requests that wait for a records officer, the oldest first; without those that were found
    to be about a case that is barred to her.
    """
    if not reads_of_waiting(viewer):
        return []
    asked, chosen = reads_of_waiting(viewer)
    barred = {
        choice.request_id
        for choice in document_requests.CHOICES.all(reader, *chosen, listed=True)
        if choice.case_id in viewer.barred
    }
    rows = document_requests.ROWS.all(reader, *asked, listed=True)
    return [row for row in rows if row.id not in barred]


def is_late(row: DocumentRequest, now: datetime) -> bool:
    """Whether a request waits after its day."""
    return row.given_at is None and row.due < now


def write_late_letters(tx: Tx, now: datetime) -> int:
    """Write to data protection about late answers that are about a case, once about each; gives
    their number. What is about none is shown as late in the list of the office alone.
    """
    late = [row for row in document_requests.open_ones(tx) if is_late(row, now)]
    chosen = [(row, document_requests.choice_of(tx, row.id)) for row in late]
    return sum(
        write_to_data_protection(tx, choice.case_id, f"{LATE}:{row.id}", LATE, by=CLOCK, now=now)
        for row, choice in chosen
        if choice is not None
    )


def end_words(tx: Tx, now: datetime) -> int:
    """Forget the words of requests that were answered long ago; gives their number."""
    old = document_requests.still_in_words(tx, now - WORDS_KEPT)
    for row in old:
        document_requests.change(tx, row, wish=None)
        _append(tx, row, ENDED, by=CLOCK, now=now)
    return len(old)
