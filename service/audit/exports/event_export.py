"""Export the events of many cases, case by case: the memory is that of one case.

A case gets a random name and, where it is asked for, is moved by one random number of days. Neither
is kept anywhere: not even this installation can tell afterwards which case it was.
"""

from __future__ import annotations

import hashlib
import secrets
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import IO, Final, cast
from zoneinfo import ZoneInfo

from service.audit.exports.case_events import ProcessEvent, case_events, way
from service.audit.exports.writers import writer
from service.casework.cases import protection
from service.records.context import Actor, Services
from service.records.ledger_append import append_entry, seal_reason
from service.security import ledger_lines
from service.store.casefile import cases, facts
from service.store.installation import offices, releases
from service.store.transaction import Tx

FORMATS: Final = ("xes", "csv", "json")
LEFT_OUT: Final = ("protected", "erased", "rare", "empty")
"""Why a case of the scope is not in the file."""
DAYS: Final = 30
"""A case is moved by at most so many days, to either side."""
PAGE: Final = 200
NAME_LETTERS: Final = 10


@dataclass(frozen=True, slots=True)
class ExportOrder:
    """What is exported, and how."""

    what: str
    """One of `FORMATS`."""
    since: date | None = None
    until: date | None = None
    """Cases that were opened on these days, and between."""
    release: int | None = None
    """Cases that ran on the release of this number."""
    office: str = ""
    """Cases in which this office did something."""
    pseudonyms: bool = False
    """Cases under their pseudonyms, not under names made for this export."""
    shifted: bool = True
    """Whether each case is moved by a random number of days."""
    rare: bool = False
    """With cases whose way fewer than the least number took."""
    zone: str = "Europe/Stockholm"
    lang: str = "sv"
    barred: frozenset[str] = frozenset()
    """Cases that do not exist for who exports: the file does not even say that it lacks them."""

    def options(self) -> list[str]:
        """What was chosen, as codes for the ledger."""
        named = (
            (f"since {self.since}", self.since),
            (f"until {self.until}", self.until),
            (f"release {self.release}", self.release),
            (f"office {self.office}", self.office),
            ("pseudonyms", self.pseudonyms),
            ("shifted", self.shifted),
            ("rare", self.rare),
        )
        return [text for text, chosen in named if chosen]


@dataclass
class ExportReport:
    """What an export wrote, and what it left out."""

    cases: int = 0
    events: int = 0
    left_out: Counter[str] = field(default_factory=Counter)
    digest: str = ""
    """SHA-256 of the file, hex."""


@dataclass
class _Hashed:
    """A file that is hashed as it is written."""

    out: IO[bytes]
    hash: hashlib._Hash = field(default_factory=hashlib.sha256)

    def write(self, data: bytes) -> int:
        self.hash.update(data)
        return self.out.write(data)


def file_name(order: ExportOrder, now: datetime) -> str:
    """The name of the file of an export: the day, and nothing of what is in it."""
    ending = "jsonl" if order.what == "json" else order.what
    return f"events-{now:%Y-%m-%d}.{ending}"


def count_cases(tx: Tx, order: ExportOrder) -> int:
    """How many cases the scope has, before anything is left out."""
    return sum(1 for _ in _of_scope(tx, order))


def export_cases(
    tx: Tx,
    services: Services,
    order: ExportOrder,
    out: IO[bytes],
    *,
    least: int,
    progress: Callable[[int], object] = lambda _: None,
) -> ExportReport:
    """Write the events of all cases of a scope.

    Args:
        least: a way that fewer cases took is rare.
        progress: called after each case with how many were looked at; in two rounds where rare
            ways are left out.
    """
    kinds = {id_: office.kind for id_, office in offices.everyone(tx).items()}
    common = None if order.rare else _common_ways(tx, services, order, kinds, least, progress)
    report = ExportReport()
    file = _Hashed(out)
    with writer(order.what, cast("IO[bytes]", file)) as written:
        for nth, (case, events) in enumerate(_events(tx, services, order, kinds), 1):
            why = _left_out(case, events, common)
            if why:
                report.left_out[why] += 1
            else:
                name = case.ref if order.pseudonyms else _random_name()
                written.case(name, [*_shifted(events)] if order.shifted else events)
                report.cases, report.events = report.cases + 1, report.events + len(events)
            progress(nth)
    report.digest = file.hash.hexdigest()
    return report


def record_export(
    tx: Tx,
    services: Services,
    order: ExportOrder,
    report: ExportReport,
    *,
    by: Actor,
    now: datetime,
    reason: str,
) -> None:
    """Record an export of many cases in the stream of the office of who made it.

    Her reason is sealed under her own key.
    """
    stream = f"office/{by.office}" if by.office else "system"
    sealed = seal_reason(services.key(tx, f"person:{by.id}"), stream, by.id, reason)
    body: dict[str, ledger_lines.Canonical] = {"what": order.what, "items": report.cases}
    body |= {"options": (*order.options(),), "digest": report.digest, "word": sealed}
    append_entry(tx, stream, "export", by=by, now=now, body=body)


def _of_scope(tx: Tx, order: ExportOrder) -> Iterator[cases.CaseSummary]:
    """Cases of a scope, oldest first."""
    numbers = {title.id: title.number for title in releases.everyone(tx)}
    zone, after = ZoneInfo(order.zone), ""
    narrow = order.release is not None or order.office
    while page := cases.listed(tx, after=after, limit=PAGE):
        for case in page:
            if case.id in order.barred:
                continue
            day = case.opened_at.astimezone(zone).date()
            if (order.since and day < order.since) or (order.until and day > order.until):
                continue
            if not narrow or _took_part(facts.of_case(tx, case.id), order, numbers):
                yield case
        after = page[-1].id


def _took_part(
    stored: Collection[facts.Fact], order: ExportOrder, numbers: Mapping[str, int]
) -> bool:
    """Whether a case was on the release, and the office did something in it."""
    on = order.release is None or order.release in {numbers.get(f.release_id) for f in stored}
    return on and (not order.office or order.office in {fact.office for fact in stored})


def _events(
    tx: Tx, services: Services, order: ExportOrder, kinds: Mapping[str, str]
) -> Iterator[tuple[cases.CaseSummary, list[ProcessEvent]]]:
    for case in _of_scope(tx, order):
        hidden = protection.is_protected(case.marking) or case.kind == cases.PATH
        yield case, [] if hidden else case_events(tx, services, case, kinds, order.lang)


def _common_ways(
    tx: Tx,
    services: Services,
    order: ExportOrder,
    kinds: Mapping[str, str],
    least: int,
    progress: Callable[[int], object],
) -> frozenset[int]:
    """Ways that enough cases took, as hashes."""
    counted: Counter[int] = Counter()
    for nth, (_, events) in enumerate(_events(tx, services, order, kinds), 1):
        counted[hash(way(events))] += 1
        progress(nth)
    return frozenset(key for key, times in counted.items() if times >= least)


def _left_out(
    case: cases.CaseSummary, events: list[ProcessEvent], common: frozenset[int] | None
) -> str:
    """Why a case is not in the file; empty when it is."""
    if protection.is_protected(case.marking):
        return "protected"
    if case.kind == cases.PATH:
        return "erased"
    if not events:
        return "empty"
    return "rare" if common is not None and hash(way(events)) not in common else ""


def _random_name() -> str:
    return secrets.token_hex(NAME_LETTERS // 2)


def _shifted(events: list[ProcessEvent]) -> Iterator[ProcessEvent]:
    """The events of a case, all moved by the same random number of whole days."""
    days = timedelta(days=secrets.randbelow(2 * DAYS + 1) - DAYS)
    return (replace(event, at=event.at + days) for event in events)
