"""Checks of hash chains: the facts of a case, its ledger stream, and each against the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Final

from service.casework.history.violations import Violation, collecting, entry_body
from service.records.fact_format import fact_hash
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand, Reader
from service.store.casefile import facts
from service.store.installation import ledger_entries
from service.store.transaction import Tx

LOWEST: Final = facts.LOWEST
"""Number from which on rows are read: one that was put in may have any."""


def load_facts(
    reader: Reader, case_id: str, last: int, faults: list[Violation]
) -> list[facts.Fact]:
    """Load the facts of a case.

    When a row cannot be read they are read one by one, and that row is reported and left out.

    Args:
        last: the number of the newest fact.
        faults: gets the rows that cannot be read.
    """
    try:
        return facts.of_case(reader, case_id, after=LOWEST)
    except Exception:  # noqa: BLE001 - whatever a damaged row does, the others are read
        stored: list[facts.Fact] = []
        for rev in range(last + 1):
            with collecting(faults, "I3", case_id, f"fact {rev}"):
                stored += facts.of_case(reader, case_id, after=rev - 1, upto=rev)
        return stored


def load_stream(reader: Reader, name: str) -> list[LedgerEntry]:
    """Load all entries of a stream, oldest first.

    Raises:
        Exception: of whatever kind a damaged row brings.
    """
    stream: list[LedgerEntry] = []
    while True:
        after = stream[-1].seq if stream else ledger_entries.LOWEST
        page = ledger_entries.of_stream(reader, name, after=after)
        stream += page
        if len(page) < ledger_entries.AT_ONCE:
            return stream


def take_stream(tx: Tx, at_hand: AtHand, name: str) -> list[LedgerEntry]:
    """Have all entries of a stream at hand whose first page is (`ledger_entries.read_of_stream`);
    gives them.
    """
    page = stream = ledger_entries.of_stream(at_hand, name, after=ledger_entries.LOWEST)
    while len(page) == ledger_entries.AT_ONCE:
        after = page[-1].seq
        at_hand.take(tx.read(ledger_entries.read_of_stream(name, after=after)))
        page = ledger_entries.of_stream(at_hand, name, after=after)
        stream = [*stream, *page]
    return stream


def load_damaged_stream(reader: Reader, name: str) -> list[LedgerEntry]:
    """Load all entries of a stream; one that cannot be read is an entry without a content, which
    the check of the chain names.
    """
    try:
        return load_stream(reader, name)
    except Exception:  # noqa: BLE001 - whatever a damaged row does, the others are read
        return [_readable(reader, name, seq) for seq in ledger_entries.numbers(reader, name)]


def _readable(reader: Reader, name: str, seq: int) -> LedgerEntry:
    try:
        return ledger_entries.of_stream(reader, name, after=seq - 1, limit=1)[0]
    except Exception:  # noqa: BLE001 - as above
        body, at = ledger_lines.UNREADABLE, datetime(1970, 1, 1, tzinfo=UTC)
        return LedgerEntry(name, seq, ledger_lines.UNREADABLE, "", at, "", "", body)


def check_stream(name: str, case_id: str, stream: Sequence[LedgerEntry]) -> Iterator[Violation]:
    """I10: the hash chain of a stream is unbroken."""
    for broken in ledger_lines.verify(name, stream):
        yield Violation("I10", case_id, f"line {broken.seq}", "an unbroken chain", broken.what)


def check_facts(case_id: str, stored: Sequence[facts.Fact]) -> Iterator[Violation]:
    """I3: facts are numbered without gap. I2: each task and job was finished at most once."""
    number = 0
    for fact in stored:
        number += 1
        while number < fact.rev:
            yield Violation("I3", case_id, f"fact {number}", "a fact", "none")
            number += 1
    finishing = (fact for fact in stored if fact.kind in ("complete", "answer", "fail"))
    finished = Counter(fact.work_id for fact in finishing if fact.work_id)
    for work_id, times in finished.items():
        if times > 1:
            yield Violation("I2", case_id, f"work {work_id}", "finished once", f"{times} times")


def check_case_stream(
    case_id: str, stored: Sequence[facts.Fact], stream: Sequence[LedgerEntry]
) -> Iterator[Violation]:
    """I10: the stream is unbroken, and each fact has exactly one entry that binds it."""
    broken = [*check_stream(f"case/{case_id}", case_id, stream)]
    yield from broken
    lost = any(fault.found == "missing" for fault in broken)
    bound: dict[int, list[LedgerEntry]] = {}
    for entry in stream:
        rev = entry_body(entry).get("rev")
        if isinstance(rev, int) and entry.open is not None:
            bound.setdefault(rev, []).append(entry)
    for fact in stored:
        entries = bound.get(fact.rev, [])
        if lost and not entries:
            continue  # its line is among those that are named already
        if [entry.open for entry in entries] != [fact_hash(fact)]:
            expected = "what its ledger line binds" if entries else "a ledger line that binds it"
            found = (
                "another: the fact was changed" if len(entries) == 1 else f"{len(entries)} lines"
            )
            yield Violation("I10", case_id, f"fact {fact.rev}", expected, found)
    for rev in sorted(set(bound) - {fact.rev for fact in stored}):
        yield Violation("I10", case_id, f"fact {rev}", "the fact that the ledger binds", "none")


def check_history(
    reader: Reader, case_id: str, stored: Sequence[facts.Fact], faults: list[Violation]
) -> list[LedgerEntry]:
    """Check the facts of a case, its stream, and each against the other; gives the stream.

    Args:
        faults: gets what is wrong.
    """
    stream: list[LedgerEntry] = []
    with collecting(faults, "I10", case_id, "lines"):
        stream += load_damaged_stream(reader, f"case/{case_id}")
    with collecting(faults, "I3", case_id, "facts"):
        faults += check_facts(case_id, stored)
    with collecting(faults, "I10", case_id, "lines"):
        faults += check_case_stream(case_id, stored, stream)
    return stream
