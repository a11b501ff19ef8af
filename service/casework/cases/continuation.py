"""Links between a new case and the ended case of the same person that it continues.

Each case has an entry in its history that names the other, sealed under its own key. Nothing is
copied, and who sees one of them alone learns nothing of the other.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.casework.cases import case_visibility, grants
from service.errors import NotFound
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry, open_reason, seal_reason
from service.security.records import LedgerEntry
from service.security.vault import OwnerKey
from service.store.at_hand import Read, Reader
from service.store.casefile import cases
from service.store.changes import Writer
from service.store.installation import keys, ledger_entries
from service.store.transaction import Tx

CONTINUES, CONTINUED = "continues", "continued"
"""Kinds of entry: in the new case's history, and in the old one's."""
PREVIOUS = "previousCase"
"""Key kept with the answers of a start: the ended case that the new one continues.

No form asks for it.
"""
MOST = 50
"""Entries of a case that are read for its links."""


@dataclass(frozen=True, slots=True)
class LinkedCase:
    """Another case of the same person."""

    case: str
    ref: str


@dataclass(frozen=True, slots=True)
class CaseLinks:
    """Links of a case: the earlier case that it continues, if any, and its later cases."""

    before: LinkedCase | None
    after: tuple[LinkedCase, ...]


@dataclass(frozen=True, slots=True)
class EndedCase:
    """A case with its key; None once it is erased."""

    id: str
    key: OwnerKey | None


def find_ended_case(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> EndedCase:
    """A case that a new one may continue.

    Raises:
        NotFound: there is none for this viewer, or it has not ended.
    """
    read = keys.read_of_case(case_id)
    at_hand = tx.read(*reads_of_ended_case(case_id), read)
    case = require_ended_case(tx, at_hand, services, viewer, case_id, now)
    return EndedCase(case.id, services.case_keys(at_hand, case.id).own)


def reads_of_ended_case(case_id: str) -> list[Read]:
    """What `require_ended_case` reads."""
    return [cases.read_of_summary(case_id), *case_visibility.reads_of_visibility(case_id)]


def require_ended_case(
    tx: Tx, of_case: Reader, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> cases.CaseSummary:
    """The same with what pages show of it.

    Args:
        of_case: has `reads_of_ended_case`; its release is made ready.
    Raises:
        NotFound: there is none for this viewer, or it has not ended.
    """
    case = cases.get(of_case, case_id)
    if case is None or case.status != "ended":
        raise NotFound
    services.release(tx, case.release_id)
    if not case_visibility.load_case_visibility(of_case, services, viewer, case, now).by_office:
        raise NotFound
    return case


def link_cases(writer: Writer, *, by: Actor, new: EndedCase, old: EndedCase, now: datetime) -> None:
    """Write into both histories that one case continues the other."""
    name_earlier(writer, by=by, new=new, old=old, now=now)
    _name(writer, old, CONTINUED, new, by=by, now=now)


def name_earlier(
    writer: Writer, *, by: Actor, new: EndedCase, old: EndedCase, now: datetime
) -> None:
    """Write into the history of a case which one came before; the other's says nothing."""
    _name(writer, new, CONTINUES, old, by=by, now=now)


def _name(
    writer: Writer, case: EndedCase, kind: str, other: EndedCase, *, by: Actor, now: datetime
) -> None:
    stream = f"case/{case.id}"
    sealed = seal_reason(case.key, stream, by.id, other.id)
    append_entry(writer, stream, kind, by=by, now=now, body={"word": sealed})


def read_of_links(case_id: str) -> Read:
    """What `load_case_links` reads of the case itself."""
    return ledger_entries.read_of_latest(
        f"case/{case_id}", kinds=[CONTINUES, CONTINUED], limit=MOST
    )


def load_case_links(
    tx: Tx, of_case: Reader, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseLinks:
    """The cases linked with one, as far as the viewer sees them too.

    Args:
        of_case: has `read_of_links` and the key of the case; what decides the sight of the others
            is asked then.
    """
    stream = f"case/{case_id}"
    entries = of_case.all(LedgerEntry, *read_of_links(case_id))
    key = services.case_keys(of_case, case_id).own if entries else None
    others = {
        open_reason(key, stream, entry.actor, str(json.loads(entry.body).get("word", ""))): entry
        for entry in reversed(entries)
    }
    others.pop("", None)
    if not others:
        return CaseLinks(None, ())
    at_hand = tx.read(*(read for id_ in others for read in _reads_of_linked(id_)))
    for id_ in others:
        if (case := cases.get(at_hand, id_)) is not None:
            services.release(tx, case.release_id)
    seen = [
        (entry.kind, _visible(at_hand, services, viewer, id_, now)) for id_, entry in others.items()
    ]
    before = [other for kind, other in seen if other is not None and kind == CONTINUES]
    after = [other for kind, other in seen if other is not None and kind == CONTINUED]
    return CaseLinks(before[0] if before else None, tuple(after))


def number_of_link(reader: Reader, services: Services, old: str, new: str) -> int:
    """Number of the line with which the history of an ended case names the case that continues it;
    0 when it names no such case, or cannot be opened any more.
    """
    named = _named_after(reader, services, old)
    return next((number for number, case_id in named.items() if case_id == new), 0)


def case_of_link(reader: Reader, services: Services, old: str, number: int) -> str:
    """The case that a line in the history of an ended one names; "" for none."""
    return _named_after(reader, services, old).get(number, "")


def continued_by(reader: Reader, services: Services, old: str) -> list[str]:
    """The cases that continue an ended one; none when that cannot be opened any more."""
    return [*_named_after(reader, services, old).values()]


def cases_of_person(reader: Reader, services: Services, case_id: str) -> list[str]:
    """A case, and the earlier and later cases of the same person, as far as they still name each
    other: an erased case names nothing.

    Two cases are one person's where each names the other. A complaint names the case that it is
    about, whoever complains, and that case does not name it.
    """
    found, waiting = [case_id], [case_id]
    while waiting:
        one = waiting.pop()
        has_key = services.case_keys(reader, one).own is not None
        before = named_by(reader, services, one) if has_key else set()
        linked = {old for old in before if one in continued_by(reader, services, old)}
        linked.update(continued_by(reader, services, one))
        fresh = sorted(linked - {*found})
        found += fresh
        waiting += fresh
    return found


def is_continued_since(reader: Reader, old: str, moment: datetime) -> bool:
    """Whether an ended case has been continued after a moment, whether it opens or not."""
    entries = ledger_entries.latest(reader, f"case/{old}", kinds=[CONTINUED], limit=1)
    return any(entry.at > moment for entry in entries)


def named_by(reader: Reader, services: Services, case_id: str) -> set[str]:
    """The cases that a case names as earlier ones: it continues them, or is about them.

    Raises:
        CannotOpen: its own key is erased, or does not open.
    """
    stream = f"case/{case_id}"
    entries = ledger_entries.latest(reader, stream, kinds=[CONTINUES], limit=MOST)
    key = services.case_keys(reader, case_id).require_own()
    words = ((entry.actor, str(json.loads(entry.body).get("word", ""))) for entry in entries)
    return {open_reason(key, stream, actor, word) for actor, word in words} - {""}


def _named_after(reader: Reader, services: Services, old: str) -> dict[int, str]:
    """Number of line to the case that continues an ended one."""
    stream = f"case/{old}"
    entries = ledger_entries.latest(reader, stream, kinds=[CONTINUED], limit=MOST)
    key = services.case_keys(reader, old).own if entries else None
    if key is None:
        return {}
    words = ((entry, str(json.loads(entry.body).get("word", ""))) for entry in entries)
    return {entry.seq: open_reason(key, stream, entry.actor, word) for entry, word in words}


def _reads_of_linked(case_id: str) -> list[Read]:
    """What `_visible` reads."""
    return [cases.read_of_summary(case_id), *grants.reads_of_sight(case_id)]


def _visible(
    reader: Reader, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> LinkedCase | None:
    case = cases.get(reader, case_id)
    if case is None:
        return None
    try:
        visibility = case_visibility.load_unexplained_visibility(
            reader, services, viewer, case, now
        )
    except NotFound:
        return None
    return LinkedCase(case.id, case.ref) if visibility.by_office else None
