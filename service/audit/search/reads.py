"""Who looked at cases: the read log in words, and its extract for the person whom a case is about.

Words that a reader typed as her reason are sealed under the key of the case and stay so here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import EVERY_CASE, Viewer
from service.audit.search.entry_words import EntryWords, load_entry_words, role_names
from service.casework.cases.audit_matter import matter_of_look
from service.people import accounts
from service.records.context import Services
from service.records.months import as_shown
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand
from service.store.casefile import cases
from service.store.installation import ledger_entries, offices, people
from service.store.keyset import PageRequest
from service.store.read_models import audit_conditions, audit_search, granted_roles
from service.store.read_models.audit_conditions import AuditQuery
from service.store.transaction import Tx
from service.text import known, say

PAGES: Final = ("task", "document", "referral", "paper", "step", "group", "message", "tab")
"""Keys of an entry that say which page it was, the narrowest first."""
AT_ONCE: Final = 1000
LOOKS: Final = ("read", "print", "lookup", "reveal")
"""Kinds of entries that are of somebody who looked."""


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One look at a case, in words. `reason` is "" where none is asked, `role` where no grant
    opened the case to the reader's office then.
    """

    at: datetime
    who: str
    office: str
    role: str
    page: str
    purpose: str
    classes: str
    reason: str
    case_id: str
    ref: str


@dataclass(frozen=True, slots=True)
class ReadPage:
    """One page of the read log; `previous` and `next` are cursors."""

    rows: tuple[ReadLine, ...]
    previous: str
    next: str


@dataclass(frozen=True, slots=True)
class ExtractLine:
    """One day of the extract for the person whom a case is about: no name of staff."""

    day: str
    office: str
    purpose: str
    times: int


def of_reads(query: AuditQuery, case_id: str) -> AuditQuery:
    """The same search among the entries of who looked, of one case or, without an id, of all."""
    return replace(query, streams=f"{audit_conditions.READS}{case_id}")


def load_reads(
    tx: Tx,
    names: AtHand,
    services: Services,
    query: AuditQuery,
    step: PageRequest,
    *,
    by: Viewer,
    matter: str,
    limit: int,
) -> ReadPage:
    """A page of the read log, the newest first.

    Args:
        names: as `entry_words.load_names` gives it.
        matter: words of the matter for which the reader looks.
    """
    page = audit_search.entries(tx, query, step, limit)
    lines = (*_lines(tx, names, services, page.rows, by, matter),)
    return ReadPage(lines, page.previous, page.next)


def _lines(
    tx: Tx,
    names: AtHand,
    services: Services,
    entries: Sequence[LedgerEntry],
    by: Viewer,
    matter: str,
) -> Iterable[ReadLine]:
    words = load_entry_words(
        tx, names, services, [e.actor for e in entries], by.lang, elements=False
    )
    ids = [audit_conditions.case_of(entry.stream) for entry in entries]
    refs = audit_search.of_ids(tx, ids)
    roles = _RolesOfReaders(tx, names, services, entries, by.lang)
    own = matter_of_look(tx, by)
    stated = {own.seq: matter} if own is not None else {}
    for entry, case_id in zip(entries, ids, strict=True):
        if case_id not in refs:  # its path is erased
            continue
        body: dict[str, Any] = json.loads(entry.body)
        mine = stated if entry.actor == by.person else {}
        yield ReadLine(
            as_shown(refs[case_id], entry.at),
            words.who(entry.actor),
            words.office(entry.office),
            roles.of(entry, case_id),
            page_name(entry.kind, body, by.lang),
            purpose_name(_purpose(body), by.lang),
            _classes(body, by.lang),
            _reason(body, words, mine),
            case_id,
            refs[case_id].ref,
        )


class _RolesOfReaders:
    """Roles by which the readers on a page of the read log knew the case.

    They are the roles that the grants of her office gave then and that the reader holds; else her
    role of the product that opens every case; else all roles of those grants.
    """

    def __init__(
        self,
        tx: Tx,
        names: AtHand,
        services: Services,
        entries: Sequence[LedgerEntry],
        lang: str,
    ) -> None:
        ids = {audit_conditions.case_of(entry.stream) for entry in entries}
        self.grants = granted_roles.of_cases(tx, ids)
        self.people = people.of(names, {entry.actor for entry in entries} - accounts.NOBODY)
        self.names = role_names(names, services, lang)

    def of(self, entry: LedgerEntry, case_id: str) -> str:
        """The roles in words; "" when there is none."""
        granted = {
            grant.role
            for grant in self.grants
            if (grant.case_id, grant.office_id) == (case_id, entry.office) and grant.holds(entry.at)
        }
        known = self.people.get(entry.actor)
        own = known.roles if known is not None else frozenset[str]()
        shown = granted & own or own & EVERY_CASE or granted
        return ", ".join(sorted(self.names.get(role, role) for role in shown))


def page_name(kind: str, body: Mapping[str, Any], lang: str) -> str:
    """Which page an entry of the read log is of."""
    if kind in ("print", "lookup", "protected_read"):
        return say(f"reads.page_{kind}", lang)
    part = next((name for name in PAGES if name in body), "case")
    return say(f"reads.page_{part}", lang)


def purpose_name(purpose: str, lang: str) -> str:
    """What a purpose is called."""
    key = f"reads.purpose_{purpose}"
    return say(key, lang) if known(key) else purpose


def _purpose(body: Mapping[str, Any]) -> str:
    """The purpose of a look; of one that a second person allowed a word of its own."""
    purpose = str(body.get("purpose", ""))
    if "unmasking" not in body:
        return purpose
    return "unmasked" if purpose == "audit" else "reopened"


def _classes(body: Mapping[str, Any], lang: str) -> str:
    return ", ".join(say(f"reads.class_{klass}", lang) for klass in body.get("classes", ()))


def _reason(body: Mapping[str, Any], words: EntryWords, stated: Mapping[int, str]) -> str:
    """The reason in words: a code by its name; what was typed stays sealed."""
    parts = []
    if "unmasking" in body:
        parts.append(say("reads.unmasking", words.lang, n=body["unmasking"]))
    if "matter" in body:
        number = int(body["matter"])
        parts.append(stated.get(number) or say("reads.matter", words.lang, n=number))
        return " · ".join(parts)
    reason = str(body.get("reason", ""))
    parts += [say(f"lookup.{reason}", words.lang) if known(f"lookup.{reason}") else ""]
    if body.get("word"):
        parts.append(say("reads.own_words", words.lang))
    return " · ".join(part for part in parts if part)


def load_extract(tx: Tx, case_id: str, *, lang: str, zone: str) -> list[ExtractLine]:
    """Who looked at a case, for the person whom it is about: days, offices and purposes, in order.

    Looks of one day, office and purpose are one line. The program's own entries are left out.
    """
    counted: dict[tuple[str, str, str], int] = {}
    places, name, after = offices.names(tx), f"{audit_conditions.READS}{case_id}", 0
    case = cases.stored(tx, case_id)
    while entries := ledger_entries.of_stream(tx, name, after=after, limit=AT_ONCE):
        after = entries[-1].seq
        for entry in entries:
            if entry.kind in LOOKS:
                at = as_shown(case, entry.at)
                day = at.astimezone(ZoneInfo(zone)).date().isoformat()
                purpose = _purpose(json.loads(entry.body))
                place = (day, places.get(entry.office, entry.office), purpose_name(purpose, lang))
                counted[place] = counted.get(place, 0) + 1
    return [ExtractLine(*place, times) for place, times in sorted(counted.items())]
