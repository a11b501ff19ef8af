"""Checks of rows that decide (I11): each is the one that the newest entry about it binds.

Source: decisions/0032.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from service.casework.history.violations import Violation, entry_body
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store import guarded_rows, row_sums
from service.store.at_hand import Reader
from service.store.changes import RowMac
from service.store.checked_rows import FORMS
from service.store.guarded_rows import CASE, GONE, GUARDED, MAC, ROWS, UNBOUND_SETTINGS, RowValues
from service.store.read_models import whole_rows

TASK, JOB, SESSION, SETTING = "task", "job", "login_session", "setting"
BOUND: Final = "the row that the ledger binds"
OWN: Final = "its own MAC"
SUMS: Final = "the sums of its rows that decide"


@dataclass(frozen=True, slots=True)
class Binding:
    """Binding of a row by the newest entry about it: its MAC, or that the row is gone.

    Only the program could write either: both are made with its key, for this entry alone.
    """

    stream: str
    seq: int
    key: str
    """As the entry writes it."""
    mac: str
    until: str = ""
    """Of a session: when it ends by itself, and its row may be gone."""


@dataclass
class Bindings:
    """The newest binding of each row, from the entries of some streams."""

    rows: dict[tuple[str, str], dict[str, Binding]] = field(default_factory=dict)
    """Table and key to stream and binding."""

    def note(self, entries: Iterable[LedgerEntry]) -> None:
        """Take note of what the entries of a stream bind, the oldest first."""
        for entry in entries:
            if f'"{ROWS}":' not in entry.body:
                continue
            body: Mapping[str, object] = entry_body(entry)
            rows = body.get(ROWS)
            until = str(body.get("until", ""))
            for table, bound in rows.items() if isinstance(rows, dict) else ():
                for key, mac in bound.items() if isinstance(bound, dict) else ():
                    binding = Binding(entry.stream, entry.seq, str(key), str(mac), until)
                    self._note(table, binding)

    def _note(self, table: str, binding: Binding) -> None:
        if table in GUARDED:
            whole = guarded_rows.key_from(binding.stream, binding.key)
            self.rows.setdefault((table, whole), {})[binding.stream] = binding

    def live(self, table: str, key: str) -> list[Binding]:
        """The bindings of a row that must be there."""
        found = self.rows.get((table, key), {}).values()
        return [binding for binding in found if not binding.mac.startswith(GONE)]


def check_bound_rows(
    reader: Reader,
    bindings: Bindings,
    *,
    now: datetime,
    make: RowMac | None,
    case_id: str = "",
    lost: Collection[str] = (),
) -> Iterator[Violation]:
    """Compare the rows that decide with what the ledger binds.

    Args:
        bindings: of every stream; of the case's own when one is named.
        make: makes MACs of rows; without it, only which rows are there is compared.
        case_id: a case, when nothing else is to be compared.
        lost: cases that are gone as a whole, and named already.
    """
    wrong: set[str] = set()
    for table in GUARDED:
        for fault in _check_table(reader, table, bindings, now, make, case_id, lost):
            wrong.add(fault.case)
            yield fault
    if make is not None:
        # where a row of a case is named, what follows from it is not said too
        yield from (one for one in _check_sums(reader, make, case_id) if one.case not in wrong)
    for table in sorted(FORMS.keys() - GUARDED.keys()) if make is not None else ():
        if make is not None and (table == JOB or not case_id):
            yield from _check_own_macs(reader, table, make, case_id)


def _check_table(
    reader: Reader,
    table: str,
    bindings: Bindings,
    now: datetime,
    make: RowMac | None,
    case_id: str,
    lost: Collection[str],
) -> Iterator[Violation]:
    """Compare the rows of one table with what the ledger binds."""
    seen: set[str] = set()
    for key, row in stored_rows(reader, table, case_id):
        seen.add(key)
        found = _fault(table, key, row, bindings.live(table, key), make)
        yield from () if found is None else (found,)
    yield from _check_gone(table, seen, bindings, now, lost)
    yield from _check_forged(table, bindings, make)


def _check_own_macs(reader: Reader, table: str, make: RowMac, case_id: str) -> Iterator[Violation]:
    """Rows that no entry binds, and that are acted on all the same: each bears its own MAC."""
    for key, row in stored_rows(reader, table, case_id):
        if row is None or row[MAC] != FORMS[table].mac(make, row):
            yield Violation("I11", _subject(row or {}, []), f"{table} {key}", OWN, "another")


def _check_sums(reader: Reader, make: RowMac, case_id: str) -> Iterator[Violation]:
    """Cases whose sums are not those of their rows: one was taken away or put back, or the sums
    were. Source: decisions/0096.
    """
    macs: dict[str, list[tuple[str, bytes]]] = {}
    for table in row_sums.SUMMED:
        form = FORMS[table]
        for _, row in stored_rows(reader, table, case_id):
            if row is not None and row[CASE] is not None and row[MAC] == form.mac(make, row):
                macs.setdefault(row[CASE], []).append((table, row[MAC]))
    for id_, case in stored_rows(reader, "cases", case_id):
        if case is None:
            continue
        standing = (case["rev"], case["release_id"], case["status"], case["stage"])
        if case["sums"] != row_sums.add_up(make, id_, standing, macs.get(id_, ())):
            yield Violation("I11", id_, f"case {id_}", SUMS, "others")


def stored_rows(
    reader: Reader, table: str, case_id: str = ""
) -> Iterator[tuple[str, RowValues | None]]:
    """Every row with its key; None for one that cannot be read."""
    try:
        for row in whole_rows.stored(reader, table, case_id=case_id):
            yield guarded_rows.key_text(table, row), row
    except Exception:  # noqa: BLE001 - whatever a damaged row does, the others are read
        for names in whole_rows.stored_keys(reader, table, case_id=case_id):
            key = guarded_rows.key_text(table, names)
            try:
                yield key, whole_rows.one(reader, table, names)
            except Exception:  # noqa: BLE001 - as above
                yield key, None


def _fault(
    table: str,
    key: str,
    row: RowValues | None,
    bound: list[Binding],
    make: RowMac | None,
) -> Violation | None:
    """What is wrong with a row that is there."""
    subject, place = _subject(row or {}, bound), f"{table} {key}"
    if row is None:
        return Violation("I11", subject, place, "a row that can be read", "another")
    if not bound and not _needs_none(table, row):
        return Violation("I11", subject, place, "a ledger line that binds it", "none")
    if make is None:
        return None
    if bound and not _is_bound(make, table, row, bound):
        return Violation("I11", subject, place, BOUND, "another: it was changed")
    form = FORMS.get(table)
    if form is not None and row[MAC] != form.mac(make, row):
        return Violation("I11", subject, place, OWN, "another")
    return None


def is_bound(make: RowMac, table: str, key: str, row: RowValues, bindings: Bindings) -> bool:
    """Whether an entry binds a row as it is."""
    return _is_bound(make, table, row, bindings.live(table, key))


def _is_bound(make: RowMac, table: str, row: RowValues, bound: list[Binding]) -> bool:
    content = guarded_rows.content(table, row)
    return any(_fits(make, table, binding, content) for binding in bound)


def _fits(make: RowMac, table: str, binding: Binding, content: bytes | None) -> bool:
    entry = binding.stream, binding.seq
    return binding.mac == guarded_rows.bound_mac(make, entry, table, binding.key, content)


def _needs_none(table: str, row: RowValues) -> bool:
    """Whether a row may stand without a binding: a setting of `UNBOUND_SETTINGS`, or a task that
    nobody has claimed or hidden, which the replay checks.
    """
    if table == SETTING:
        return row["name"] in UNBOUND_SETTINGS
    untouched = ("claimed_by", "claimed_at", "hidden_until")
    return table == TASK and all(row[name] is None for name in untouched)


def _check_gone(
    table: str, seen: Collection[str], bindings: Bindings, now: datetime, lost: Collection[str]
) -> Iterator[Violation]:
    """Rows that must be there, and are not; a task ends with its step, which the replay tells."""
    if table == TASK:
        return
    for (name, key), streams in sorted(bindings.rows.items()):
        live = [one for one in streams.values() if not one.mac.startswith(GONE)]
        if name != table or key in seen or not live:
            continue
        subject = _subject({}, live)
        over = table == SESSION and "" < live[0].until <= ledger_lines.moment(now)
        if not over and subject not in lost:
            yield Violation("I11", subject, f"{table} {key}", BOUND, "none")


def _check_forged(table: str, bindings: Bindings, make: RowMac | None) -> Iterator[Violation]:
    """Entries that say that a row is gone, and were not written by the program."""
    for (name, key), streams in sorted(bindings.rows.items()):
        for binding in streams.values() if name == table and make is not None else ():
            gone = binding.mac.startswith(GONE)
            if gone and make is not None and not _fits(make, table, binding, None):
                subject, place = _subject({}, [binding]), f"{table} {key}"
                expected = "a ledger line of the program that it is gone"
                yield Violation("I11", subject, place, expected, f"line {binding.seq}")


def _subject(row: RowValues, bound: list[Binding]) -> str:
    """What a violation is about: the case, or the stream that binds the row."""
    if bound:
        return bound[0].stream.removeprefix("case/")
    return str(row.get("case_id") or "installation")


def without_known(found: Iterable[Violation], known: Iterable[Violation]) -> list[Violation]:
    """Violations on rows that no other check has named already, such as by a sealed value."""
    named = {violation.place.rpartition(" ")[2] for violation in known}
    tables = {(violation.case, violation.place) for violation in known}
    return [
        violation
        for violation in found
        if violation.place.rpartition(" ")[2] not in named
        and (violation.case, violation.place.partition(" ")[0]) not in tables
    ]
