"""What an office gave because a law demands it, without the person's yes: on which ground, to whom,
what, when, and whether she may know of it.

An entry of the case's history, whose words are sealed for the records of the office that gave it
and end with them. It is that office's alone: to every other office of the case it is a note
(`as_others_see`), for who hears that the police have asked may tell her. An entry that is wrong is
struck by a second one. Source: decisions/0132.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any, Final

from service.access import Viewer, holds
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.notes import CLASS
from service.casework.casefile.notes import LONGEST as LONGEST_NOTE
from service.casework.cases import protection
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.case_keys import CaseKeys
from service.records.context import Services, actor
from service.records.ledger_append import append_entry, open_reason, seal_reason
from service.release.programme.ground_rules import DUTY, SecrecyGround
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.security.vault import OwnerKey
from service.store.at_hand import Read
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx

GIVEN, WRONG = KINDS = ("duty_given", "duty_wrong")
"""Kinds of ledger entries: something was given; an entry that says so is wrong."""
YES, LATER, NO = KNOW = ("yes", "later", "no")
"""Whether she may know of it: yes; not yet, until a day is over; no."""
LONGEST: Final = LONGEST_NOTE
"""Characters of what was given."""
LONGEST_NAME: Final = 200
"""Characters of the name of who got it."""


@dataclass(frozen=True, slots=True)
class DutySaid:
    """What somebody says was given, as it was typed. Days are ISO text."""

    ground: str
    to: str
    what: str
    day: str
    know: str
    until: str = ""
    """Last day on which she may not know of it, where she may be later."""


@dataclass(frozen=True, slots=True)
class GivenByDuty:
    """One thing that was given."""

    number: int
    """Of its entry in the history of the case."""
    at: datetime
    by: str
    """Id of the person who wrote it down."""
    ground: str
    to: str
    what: str
    day: date
    know: str
    until: date | None
    wrong_at: datetime | None = None
    """When it was struck, because it is wrong."""
    wrong: str = ""
    """Why."""

    @property
    def knows_from(self) -> date | None:
        """The first day on which she may know of it, where it is to be later."""
        return self.until + timedelta(days=1) if self.until is not None else None

    def may_know(self, on: date) -> bool:
        """Whether she may know of it on a day. Of what is wrong nobody has said that she may."""
        if self.wrong_at is not None:
            return False
        return self.know == YES or (self.knows_from is not None and self.knows_from <= on)


def read_of_given(case_id: str) -> Read:
    """What `lines_of` reads of a case."""
    return ledger_entries.read_of_kinds(f"case/{case_id}", KINDS)


def lines_of(entries: Iterable[LedgerEntry], keys: CaseKeys, office: str) -> list[GivenByDuty]:
    """What an office gave by a duty in law, the newest first, without what is erased.

    Args:
        entries: those of the case, of these kinds or of all.
    Raises:
        CannotOpen: one is not what was sealed there.
    """
    if not keys.has(office, CLASS):
        return []
    key, own = keys.of(office, CLASS), [one for one in entries if one.office == office]
    struck = {_body(one)["entry"]: one for one in own if one.kind == WRONG}
    found = [_line(key, one, struck.get(one.seq)) for one in own if one.kind == GIVEN]
    return sorted(found, key=lambda line: line.number, reverse=True)


def _line(key: OwnerKey, entry: LedgerEntry, struck: LedgerEntry | None) -> GivenByDuty:
    said: dict[str, str] = json.loads(_words(key, entry))
    return GivenByDuty(
        number=entry.seq,
        at=entry.at,
        by=entry.actor,
        ground=said["ground"],
        to=said["to"],
        what=said["what"],
        day=date.fromisoformat(said["day"]),
        know=said["know"],
        until=date.fromisoformat(said["until"]) if said["know"] == LATER else None,
        wrong_at=struck.at if struck is not None else None,
        wrong=_words(key, struck) if struck is not None else "",
    )


def _words(key: OwnerKey, entry: LedgerEntry) -> str:
    return open_reason(key, entry.stream, entry.actor, str(_body(entry)["word"]))


def _body(entry: LedgerEntry) -> dict[str, Any]:
    body: dict[str, Any] = json.loads(entry.body)
    return body


def given_entries(entries: Iterable[LedgerEntry]) -> Iterator[LedgerEntry]:
    """The entries of what any office gave, without those that are struck."""
    every = [*entries]
    struck = {(one.office, _body(one)["entry"]) for one in every if one.kind == WRONG}
    return (one for one in every if one.kind == GIVEN and (one.office, one.seq) not in struck)


def as_others_see(entry: LedgerEntry, office: str) -> LedgerEntry:
    """An entry as somebody of an office sees it: of another office it is a note like every other.

    Args:
        office: "" for who may see none as what it is.
    """
    if entry.kind not in KINDS or entry.office == office:
        return entry
    return replace(entry, kind="note", body=json.dumps({"note": ""}))


def grounds_for(at: CaseView) -> tuple[SecrecyGround, ...]:
    """The grounds that the viewer's office may choose from today; none where no Swedish act binds
    it.
    """
    own = offices.everyone(at.at_hand).get(at.viewer.office)
    if own is None:
        return ()
    today = date.fromisoformat(at.viewer.day(at.now))
    return at.configuration.grounds.for_use(DUTY, own.kind, on=today)


def may_give(at: CaseView) -> bool:
    """Whether the viewer may write down what her office gave: she works in the case, her office
    wrote in it, and a duty in law binds it. Nobody does once something of it is erased or locked.
    """
    return (
        _works_here(at)
        and at.key is not None
        and any(fact.office == at.viewer.office for fact in at.history)
        and bool(grounds_for(at))
    )


def _works_here(at: CaseView) -> bool:
    open_to_her = at.viewer.office not in at.visibility.closed_offices(CLASS)
    sight = at.visibility.sight
    return at.visibility.by_office and open_to_her and holds(at.viewer, sight.parties, sight)


def given_lines(at: CaseView) -> list[GivenByDuty]:
    """What the viewer's office gave, as far as she may read it.

    Args:
        at: loaded with `read_of_given`.
    """
    if not (_works_here(at) and at.visibility.is_named):
        return []
    entries = at.at_hand.all(LedgerEntry, *read_of_given(at.case.id))
    return lines_of(entries, at.keys, at.viewer.office)


def give(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case_id: str, said: DutySaid
) -> None:
    """Write down what one's office gave by a duty in law.

    Raises:
        NotFound: there is no such case for her, or the act is not hers.
        ReasonNeeded: she must say why she opens it.
        NotNamed: the identity is protected, and she is not named for it.
        InvalidAnswers: a part is missing or wrong.
    """
    view = _require(tx, services, by, now, case_id)
    words = json.dumps(_checked(view, said), ensure_ascii=False, separators=(",", ":"))
    _append(tx, services, by, now, view, GIVEN, words)


def strike(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    case_id: str,
    number: int,
    why: str,
) -> None:
    """Say that an entry is wrong. It stays, struck.

    Args:
        number: of the entry in the history of the case.
    Raises:
        NotFound, ReasonNeeded, NotNamed: as `give`; her office has no such entry, or it is struck.
        InvalidAnswers: no reason.
    """
    view = _require(tx, services, by, now, case_id)
    if number not in {line.number for line in given_lines(view) if line.wrong_at is None}:
        raise NotFound
    why = why.strip()
    protection.check_reason(why)
    _append(tx, services, by, now, view, WRONG, why, entry=number)


def _require(tx: Tx, services: Services, by: Viewer, now: datetime, case_id: str) -> CaseView:
    view = load_case_view(tx, services, by, case_id, now, more=[read_of_given(case_id)])
    if not may_give(view):
        raise NotFound
    protection.require_named(tx, tx, by=by, now=now, case=view.case)
    return view


def _append(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    view: CaseView,
    kind: str,
    words: str,
    **more: int,
) -> None:
    key = services.case_keys(tx, view.case.id).for_writing(tx, by.office, CLASS)
    stream = f"case/{view.case.id}"
    word = seal_reason(key, stream, by.person, words)
    body: dict[str, ledger_lines.Canonical] = {"to": by.office, **more, "word": word}
    append_entry(tx, stream, kind, by=actor(by), now=now, body=body)


def _checked(at: CaseView, said: DutySaid) -> Mapping[str, str]:
    """What is kept of what was typed.

    Raises:
        InvalidAnswers: a part is missing or wrong.
    """
    today = date.fromisoformat(at.viewer.day(at.now))
    day, until = _day(said.day), _day(said.until)
    grounds = {one.id: one for one in grounds_for(at)}
    to, what = said.to.strip(), said.what.strip()
    faults = [*_typed("to", to, LONGEST_NAME), *_typed("what", what, LONGEST)]
    if said.ground not in grounds:
        faults.append(FieldFault("ground", "form.required_choice"))
    elif day is not None and not grounds[said.ground].in_force(day):
        faults.append(FieldFault("ground", "duty.not_in_force"))
    if day is None:
        faults.append(FieldFault("day", "form.not_a_date"))
    elif day > today:
        faults.append(FieldFault("day", "duty.day_to_come"))
    if said.know not in KNOW:
        faults.append(FieldFault("know", "form.required_choice"))
    elif said.know == LATER and (until is None or until < today):
        faults.append(FieldFault("until", "duty.until_over"))
    if faults or day is None:
        raise InvalidAnswers(tuple(faults))
    kept = {"ground": said.ground, "to": to, "what": what, "day": day.isoformat()}
    later = {"until": until.isoformat()} if said.know == LATER and until is not None else {}
    return {**kept, "know": said.know, **later}


def _typed(path: str, text: str, most: int) -> Iterator[FieldFault]:
    if not text:
        yield FieldFault(path, "duty.missing")
    elif len(text) > most:
        yield FieldFault(path, "form.too_long", {"n": len(text) - most, "most": most})


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
