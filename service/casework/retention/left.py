"""What left the installation of a case, by office: what an erasure does not reach, and who has it.

It follows from the history of the case and the log of who looked at it, which stay when its content
is erased: numbers and months, no content and no person. What a browser printed or saved by itself,
what was written down, and what a program read over `/v1` leaves the same line as any other look, so
nobody can count it.
Source: decisions/0123.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from service.casework.casefile import given_by_duty
from service.records.months import month_of
from service.records.outbox import short_key
from service.store.at_hand import Reader
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import RECALL
from service.store.installation import ledger_entries, offices
from service.store.work import letters

LETTER, REQUEST, PRINT, PAPER, REPORT, FILE, PACKET = (
    *("letter", "request", "print", "paper", "report", "file", "packet"),
)
"""A letter to the office; a letter to a provider, with its papers, that the office ordered; a case
or a form that was printed; a paper that was made; the report of an auditor; a file that was
downloaded; the packet of a referral that was opened."""
CALENDAR, READ_LOG, PROOF, SCENARIO, EXPORT = "calendar", "read_log", "proof", "scenario", "export"
ARCHIVE: Final = "archive"
DUTY, DOCUMENT = "duty", "public_document"
"""A file for a calendar; the log of who looked, as a file; a proof bundle; the road of the case as
a scenario of a draft; a list over many cases that names them by pseudonym; a package for an
archive, which the office has that made it; what the office gave by a duty in law; a public
document, which anybody has."""
WHAT: Final = (
    *(LETTER, REQUEST, PRINT, PAPER, REPORT, FILE, PACKET),
    *(CALENDAR, READ_LOG, PROOF, SCENARIO, ARCHIVE, DOCUMENT, EXPORT, DUTY),
)
"""Everything that can have left, in the order of lists."""
UNCERTAIN: Final = frozenset({EXPORT})
"""What may hold the case: no line says which cases are in a list over many."""
DISCLOSED: Final = "document_disclosed"
"""Kind of the entry that says that an office gave something of a case as a public document."""
CASE_KINDS: Final = ("letter_sent", "refer_opened", DISCLOSED)
OWN: Final = frozenset({DUTY})
"""What only the office may hear of from which it left."""
READ_KINDS: Final = ("read", "print", "export")
PSEUDONYMS: Final = "pseudonyms"
"""Option of an export that names cases; every other names them by chance, and nobody can tell
afterwards which case was which."""
EXPORTED: Final[Mapping[str, str]] = {"reads": READ_LOG, ARCHIVE: ARCHIVE}
"""What a file holds that was exported, as its entry names it; every other is for a calendar."""
CASE_REPORT: Final = "case_report"


@dataclass(frozen=True, slots=True)
class Exit:
    """One thing that left."""

    office: str
    """Who has it; of what went to a provider the office that ordered it. "" for who runs the
    service."""
    what: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LeftThings:
    """How many things of a kind left to an office."""

    office: str
    what: str
    number: int
    first: str
    last: str
    """Months, such as `2026-03`, where rules run."""


def what_left(reader: Reader, case_id: str) -> list[LeftThings]:
    """What left the installation of a case, by office and in the order of `WHAT`; [] where there is
    no such case.
    """
    found = defaultdict[tuple[str, str], list[datetime]](list)
    for one in exits(reader, case_id):
        found[one.office, one.what].append(one.at)
    order = sorted(found, key=lambda key: (key[0], WHAT.index(key[1])))
    return [
        LeftThings(
            *(*key, len(found[key])),
            first=month_of(min(found[key])).isoformat(),
            last=month_of(max(found[key])).isoformat(),
        )
        for key in order
    ]


def recalls_of(reader: Reader, case_id: str) -> dict[str, dict[str, int]]:
    """What each office is to be asked to see to: office to what and number, of what left since it
    was asked last about this case. "" is who runs the service, and has no inbox.
    """
    asked: dict[str, datetime] = {}
    for act in retention_acts.of_case(reader, case_id):
        if act.does == RECALL:
            asked[act.office_id] = act.at
    counts = defaultdict[str, Counter[str]](Counter)
    for one in exits(reader, case_id):
        if one.office not in asked or one.at > asked[one.office]:
            counts[one.office][one.what] += 1
    return {office: dict(sorted(counts[office].items())) for office in sorted(counts)}


def exits(reader: Reader, case_id: str) -> Iterator[Exit]:
    """Everything that left of a case, in no order."""
    case = cases.get(reader, case_id)
    if case is None:
        return
    known = offices.everyone(reader).keys()
    yield from _of_case(reader, case_id, known)
    duties = ledger_entries.every(reader, f"case/{case_id}", given_by_duty.KINDS)
    for entry in given_by_duty.given_entries(duties):
        yield Exit(entry.office, DUTY, entry.at)
    for entry in ledger_entries.every(reader, f"reads/{case_id}", READ_KINDS):
        what = _of_look(entry.kind, json.loads(entry.body))
        if what:
            yield Exit(entry.office, what, entry.at)
    for entry in ledger_entries.of_many_cases(reader, "export", since=case.opened_at):
        if PSEUDONYMS in json.loads(entry.body).get("options", ()):
            yield Exit(entry.office, EXPORT, entry.at)


def _of_case(reader: Reader, case_id: str, known: Collection[str]) -> Iterator[Exit]:
    """Letters that left, or may have, packets that were opened, and public documents."""
    ordered = {short_key(row): row for row in letters.of_case(reader, case_id)}
    for entry in ledger_entries.every(reader, f"case/{case_id}", CASE_KINDS):
        body = json.loads(entry.body)
        if entry.kind == "refer_opened":
            yield Exit(entry.office, PACKET, entry.at)
            continue
        if entry.kind == DISCLOSED:
            yield Exit(entry.office, DOCUMENT, entry.at)
            continue
        row = ordered.pop(body["letter"], None)
        if body["to"] in known:
            yield Exit(body["to"], LETTER, entry.at)
        else:
            yield Exit(row.office_id if row is not None else "", REQUEST, entry.at)
    for row in ordered.values():
        if row.may_have_copy:
            yield Exit(row.office_id, REQUEST if row.channel else LETTER, row.made_at)


def _of_look(kind: str, body: Mapping[str, object]) -> str:
    """What left with a look at a case; "" for a look at a page."""
    if kind == "export":
        return PROOF
    if kind == "print":
        paper = body.get("paper", "")
        return REPORT if paper == CASE_REPORT else PAPER if paper else PRINT
    if body.get("purpose") == "export":
        return EXPORTED.get(str(body.get("tab", "")), CALENDAR)
    if body.get("purpose") == "trial":
        return SCENARIO
    return FILE if body.get("document") else ""
