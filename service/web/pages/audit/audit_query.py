"""What an auditor's search asks for, as its address says it; nothing in it is a name or a text.

A saved enquiry is such an address with a name of its own parts: nobody types one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from werkzeug.datastructures import MultiDict

from service.audit.search.find import DAYS_AT_MOST, MARKS, period_of_looks
from service.records.ledger_kinds import KINDS
from service.store.read_models.audit_conditions import COMPARED, AuditQuery
from service.web.request_context import current

SETTING, MOST = "enquiries", 20
"""Name of the setting of a person that has her enquiries, one a line; how many she can save."""
WORDS = ("q", "since", "until", "office", "person", "kind", "element", "release")
MARK, SHOW, ENTRIES = "mark", "show", "entries"
LONGEST = 60
"""Longest word that is searched for, in characters."""
DAYS = ("since", "until")


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address asks for: part to word, and the marks that are ticked.

    `faults` are days that cannot be used, each with the key of the sentence that says why;
    `left_out` are parts whose words name nothing that there is, and which count for nothing.
    """

    parts: Mapping[str, str]
    marks: tuple[str, ...]
    entries: bool
    faults: Mapping[str, str] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()

    @property
    def names(self) -> list[str]:
        """The parts and marks that are asked for, without their words."""
        return [*self.parts, *self.marks]

    @property
    def text(self) -> str:
        """The query of the address, always in the same order."""
        pairs = [*self.parts.items(), *((MARK, mark) for mark in self.marks)]
        return urlencode([*pairs, (SHOW, ENTRIES)] if self.entries else pairs)

    def without(self, part: str) -> str:
        """The query without one part or mark."""
        parts = {name: word for name, word in self.parts.items() if name != part}
        marks = tuple(mark for mark in self.marks if mark != part)
        return Asked(parts, marks, self.entries).text

    def query(self) -> AuditQuery:
        """The same for the database. Days are those of the reader's zone; where looks are compared,
        the days that are not named are filled in.
        """
        found = self.parts
        query = AuditQuery(
            word=found.get("q", ""),
            since=_moment(found.get("since", ""), days=0),
            until=_moment(found.get("until", ""), days=1),
            office=found.get("office", ""),
            actor=found.get("person", ""),
            kind=found.get("kind", ""),
            element=found.get("element", ""),
            release=found.get("release", ""),
            marks=self.marks,
            now=current().now,
            barred=(*sorted(current().viewer.barred),),
        )
        if not query.compares:
            return query
        return period_of_looks(query, current().now, current().zone)


def read_asked(arguments: MultiDict[str, str]) -> Asked:
    """What an address asks for; words that name nothing are left out, which the page says."""
    parts = {name: word[:LONGEST] for name in WORDS if (word := arguments.get(name, "").strip())}
    ticked = arguments.getlist(MARK)
    left_out = [MARK] if set(ticked) - {*MARKS, ""} else []
    if "kind" in parts and parts["kind"] not in KINDS:
        left_out.append("kind")
    if not _is_hash(parts.get("release", "")):
        left_out.append("release")
    parts = {name: word for name, word in parts.items() if name not in left_out}
    marks = tuple(mark for mark in MARKS if mark in ticked)
    entries = arguments.get(SHOW) == ENTRIES
    return Asked(parts, marks, entries, _faults(parts, marks), tuple(left_out))


def _faults(parts: Mapping[str, str], marks: Iterable[str]) -> dict[str, str]:
    """What is wrong with the days: day to the key of the sentence."""
    wrong = {day: "no_day" for day in DAYS if day in parts and _day(parts[day]) is None}
    first, last = (_day(parts.get(day, "")) for day in DAYS)
    if first is None or last is None:
        return wrong
    if last < first:
        return {"until": "until_before"}
    if set(marks) & set(COMPARED) and (last - first).days >= DAYS_AT_MOST:
        return {"until": "too_many_days"}
    return {}


def saved_enquiries() -> list[Asked]:
    """The person's enquiries, oldest first."""
    kept = current().signed_in.settings.get(SETTING, "").split("\n")
    return [read_asked(MultiDict(parse_qsl(line))) for line in kept if line]


def _is_hash(text: str) -> bool:
    return not text or (len(text) == len("ab" * 32) and set(text) <= set("0123456789abcdef"))


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _moment(text: str, *, days: int) -> datetime | None:
    """The first moment of a day, or of the one so many days later."""
    day = _day(text)
    if day is None:
        return None
    return datetime.combine(day, time(), ZoneInfo(current().zone)) + timedelta(days=days)
