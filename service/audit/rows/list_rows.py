"""Checks of what lists read: it must be what follows from the cases, their grants and tasks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime

from service.casework.history.violations import Violation
from service.store.casefile import cases
from service.store.lists import case_access, case_counts
from service.store.lists.access_rows import AccessRow, Reader
from service.store.transaction import Tx

REMEDY = "`tresteg verify --rebuild` writes it anew"


def check_access(tx: Tx, case: cases.CaseSummary, now: datetime) -> Iterator[Violation]:
    """I3: the rows of a case in lists are what its grants and open tasks give.

    One that has run out stays until the worker deletes it; it counts for no list.
    """
    stored = {row.reader: row for row in case_access.of_case(tx, case.id)}
    wanted = {row.reader: row for row in case_access.computed(tx, case, now)}
    for reader in sorted(stored.keys() | wanted.keys()):
        found = stored.get(reader)
        expected = wanted.get(reader)
        if found is not None and found.until <= now:
            expected = _of(case_access.computed(tx, case, found.opens), reader)
        if found != expected:
            place = f"list row of {reader[1]} at {reader[0]}"
            yield Violation("I3", case.id, place, *_difference(expected, found))
    for wrong in case_access.wrong_stops(tx, case.id):
        place = f"list row of {wrong.role} at {wrong.office_id}"
        expects, finds = (f"stopped_since {at}" for at in (wrong.expected, wrong.found))
        yield Violation("I3", case.id, place, expects, f"{finds}; {REMEDY}")


def _of(rows: list[AccessRow], reader: Reader) -> AccessRow | None:
    return next((row for row in rows if row.reader == reader), None)


def _difference(expected: AccessRow | None, found: AccessRow | None) -> tuple[str, str]:
    if found is None:
        return "a row, since a grant or an open task opens the case", f"none; {REMEDY}"
    if expected is None:
        return "no row: nothing opens the case", f"one; {REMEDY}"
    was = asdict(expected)
    stands = asdict(found)
    name = next(name for name in was if was[name] != stands[name])
    return f"{name} {was[name]}", f"{stands[name]}; {REMEDY}"


def check_counts(tx: Tx) -> Iterator[Violation]:
    """I3: the counts of open cases are what the lists and the cases give."""
    for place, expected, found in case_counts.wrong_counts(tx):
        yield Violation("I3", "installation", place, f"{expected} cases", f"{found}; {REMEDY}")
