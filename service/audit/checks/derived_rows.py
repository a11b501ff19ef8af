"""Checks of rows that follow from other rows, from ledger entries or from the keyring (I3, I10 to
I12).

They are the rows of cases in lists, counts of open cases, numbers of cases, keys of owners, the
keyring's fingerprint, parts of documents, and dossiers of releases.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import datetime

from service.casework.history.violations import Violation, entry_body
from service.errors import CannotOpen
from service.records.case_keys import is_found_by_its_owner
from service.records.context import Services
from service.release.bundle import dossier_digest
from service.security.records import LedgerEntry, WrappedKey
from service.store.at_hand import Reader
from service.store.casefile import cases, documents
from service.store.installation import installation_values, ledger_entries, releases
from service.store.installation.releases import ReleaseTitle
from service.store.lists import case_access, case_counts
from service.store.lists.access_rows import AccessRow
from service.store.read_models import whole_rows
from service.store.row_mapping import from_mapping
from service.store.transaction import Tx
from service.store.work import batches

REMEDY = "`tresteg verify --rebuild` writes it anew"
KEYRING, GONE = "keyring", cases.PATH_ERASED
RESTORED = ("restored", "restore_confirmed")
"""Kinds of entries that name a number of a case, above which the next cases are numbered."""


def check_access(source: Reader, case: cases.CaseSummary, now: datetime) -> Iterator[Violation]:
    """I3: the rows of a case in lists are what its grants and open tasks give.

    A row that has run out stays until the worker deletes it; no list counts it.
    """
    stored = {row.reader: row for row in case_access.of_case(source, case.id)}
    wanted = {row.reader: row for row in case_access.computed(source, case, now)}
    for reader in sorted(stored.keys() | wanted.keys()):
        found = stored.get(reader)
        expected = wanted.get(reader)
        if found is not None and found.until <= now:
            rows = case_access.computed(source, case, found.opens)
            expected = next((row for row in rows if row.reader == reader), None)
        if found != expected:
            place = f"list row of {reader[1]} at {reader[0]}"
            yield Violation("I3", case.id, place, *_difference(expected, found))
    for wrong in case_access.wrong_stops(source, case.id):
        place = f"list row of {wrong.role} at {wrong.office_id}"
        expects, finds = (f"stopped_since {at}" for at in (wrong.expected, wrong.found))
        yield Violation("I3", case.id, place, expects, f"{finds}; {REMEDY}")


def check_counts(tx: Tx) -> Iterator[Violation]:
    """I3: the counts of open cases are what the lists and the cases give."""
    for place, expected, found in case_counts.wrong_counts(tx):
        yield Violation("I3", "installation", place, f"{expected} cases", f"{found}; {REMEDY}")


def check_case_numbers(tx: Tx, system: Iterable[LedgerEntry]) -> Iterator[Violation]:
    """I12: the counter of each year is the highest number of a case, or that which a restore named.

    Args:
        system: entries of the stream `system`.
    """
    highest: dict[int, int] = {}
    nameless = {r["opened_at"].year for r in whole_rows.stored(tx, "cases") if r["kind"] == GONE}
    named = [str(row["number"]) for row in whole_rows.stored(tx, "cases")]
    named += [str(entry_body(e).get("number", "")) for e in system if e.kind in RESTORED]
    for number in named:
        year, _, nth = number.partition("-")
        if year.isdecimal() and nth.isdecimal() and int(nth):
            highest[int(year)] = max(highest.get(int(year), 0), int(nth))
    found = {row["year"]: row["last"] for row in whole_rows.stored(tx, "case_number")}
    for counted in sorted(found.keys() | highest.keys()):
        expected = highest.get(counted)
        last = found.get(counted)
        lost = counted in nameless and (last or 0) >= (expected or 0)
        if expected != last and not lost:  # an erased path has no number any more
            wanted = f"the last number that was given, {expected or 'none'}"
            place = f"case_number {counted}"
            yield Violation("I12", "installation", place, wanted, str(last or "none"))


def check_keys(tx: Tx, services: Services) -> Iterator[Violation]:
    """I11: every owner's key opens, and the keyring is the one that the database was made with."""
    for row in whole_rows.stored(tx, "vault_key"):
        try:
            key = from_mapping(WrappedKey, row)
            services.open(key)
        except (CannotOpen, ValueError):
            owner = row["owner"]
            subject = row["case_id"] or owner
            yield Violation("I11", subject, f"vault_key {owner}", "a key that opens", "another")
        else:
            if not is_found_by_its_owner(key):
                expected = "the case, office and class of its owner"
                yield Violation(
                    "I11", str(key.case_id), f"vault_key {key.owner}", expected, "others"
                )
    kept = installation_values.get(tx, KEYRING)
    if kept not in ("", services.vault.fingerprint()):
        place = f"setting {KEYRING}"
        yield Violation("I11", "installation", place, "this keyring's fingerprint", "another")


def check_chunks(tx: Tx) -> Iterator[Violation]:
    """I11, I12: a document has its parts, numbered from 0, and a dropped one has none."""
    chunks = documents.chunk_numbers(tx)
    for row in whole_rows.stored(tx, "document"):
        found = chunks.pop(row["id"], [])
        expected = [] if row["state"] == "dropped" else list(range(row["chunks"]))
        if found != expected:
            place = f"document_chunk {row['id']}"
            yield Violation("I11", row["case_id"], place, f"parts {expected}", f"{found}")
    for id_ in sorted(chunks):
        place = f"document_chunk {id_}"
        yield Violation("I12", "installation", place, "the document that it is of", "none")


def check_batches(tx: Tx) -> Iterator[Violation]:
    """I11, I12: a batch has every case with which it began, each with what became of it once it is
    over; or none, where what was found was put together at its end.
    """
    found: dict[str, list[tuple[int, bool]]] = {}
    for case in whole_rows.stored(tx, "batch_case"):
        found.setdefault(case["batch_id"], []).append((case["position"], case["verdict"] != ""))
    for row in whole_rows.stored(tx, "batch"):
        kept = found.pop(row["id"], [])
        if not kept and row["state"] != batches.RUNNING:
            continue
        are_all = sorted(place for place, _ in kept) == [*range(1, row["total"] + 1)]
        if not are_all or (row["state"] == batches.DONE and not all(done for _, done in kept)):
            expected = f"{row['total']} cases, as it began, and what became of each"
            yield Violation("I11", "installation", f"batch {row['id']}", expected, "others")
    for id_ in sorted(found):
        place = f"batch_case {id_}"
        yield Violation("I12", "installation", place, "the batch that it is of", "none")


def check_dossiers(tx: Tx) -> Iterator[Violation]:
    """I10: the dossier of a release has the digest that the entry of its publication names."""
    for title in whole_rows.stored_as(tx, ReleaseTitle, "release", ""):
        row = releases.dossier(tx, title.id)
        named = _named_dossier(tx, title)
        found = dossier_digest(row.content) if row is not None else ""
        if found != named:
            wanted = named or "none: the ledger names none"
            yield Violation(
                "I10", "installation", f"release_dossier {title.id}", wanted, found or "none"
            )


def _difference(expected: AccessRow | None, found: AccessRow | None) -> tuple[str, str]:
    if found is None:
        return "a row, since a grant or an open task opens the case", f"none; {REMEDY}"
    if expected is None:
        return "no row: nothing opens the case", f"one; {REMEDY}"
    was = asdict(expected)
    stands = asdict(found)
    name = next(name for name in was if was[name] != stands[name])
    return f"{name} {was[name]}", f"{stands[name]}; {REMEDY}"


def _named_dossier(tx: Tx, title: releases.ReleaseTitle) -> str:
    """The digest that the ledger has for the dossier of a release; empty for none."""
    after = 0
    while entries := ledger_entries.of_stream(tx, f"release/{title.process}", after=after):
        after = entries[-1].seq
        for entry in entries:
            body = entry_body(entry) if entry.kind == "published" else {}
            if body.get("release") == title.id:
                return str(body.get("dossier", ""))
    return ""
