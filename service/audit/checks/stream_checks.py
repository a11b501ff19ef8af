"""Checks of all streams of the ledger: each chain, and what its entries bind."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field

from service.audit.checks.bound_rows import Bindings
from service.audit.checks.checkpoint_checks import subject
from service.audit.checks.entry_macs import check_entry_macs
from service.audit.checks.entry_order import check_approvals
from service.audit.log_review import review_process as log_review
from service.casework.history.chain_checks import check_stream, load_damaged_stream
from service.casework.history.violations import Violation, collecting
from service.security.records import LedgerEntry
from service.store.installation import ledger_entries
from service.store.installation.ledger_anchor import EntryCheck
from service.store.transaction import Tx

SYSTEM = "system"


@dataclass
class StreamsRead:
    """How many entries were read, ids of cases that are gone, and the entries of `system`."""

    lines: int = 0
    lost: set[str] = field(default_factory=set)
    system: list[LedgerEntry] = field(default_factory=list)


def check_streams(
    tx: Tx,
    cases: Iterable[str],
    done: Collection[str],
    bindings: Bindings,
    faults: list[Violation],
    check: EntryCheck | None = None,
) -> StreamsRead:
    """I10, I12: every chain holds, every case that a stream tells of is there, and the steps of
    every log review are those of its process.

    Args:
        cases: ids of all cases.
        done: streams that were read already.
        bindings: gets what the entries bind.
        faults: gets what is wrong.
        check: asks for the MAC of each entry.
    """
    read, known, after = StreamsRead(), {f"case/{id_}" for id_ in cases}, ""
    while streams := ledger_entries.streams(tx, after=after):
        for name, length in streams:
            if name not in done:
                _check_one(tx, name, length, read, bindings, faults, check, known=name in known)
        after = streams[-1][0]
    return read


def _check_one(
    tx: Tx,
    name: str,
    length: int,
    read: StreamsRead,
    bindings: Bindings,
    faults: list[Violation],
    check: EntryCheck | None,
    *,
    known: bool,
) -> None:
    stream: list[LedgerEntry] = []
    with collecting(faults, "I10", name, "stream"):
        stream += load_damaged_stream(tx, name)
        bindings.note(stream)
    if name == SYSTEM:
        read.system = stream
    if name.startswith("case/") and not known:
        read.lost.add(subject(name))
        expected = "the case that the stream tells of"
        faults.append(Violation("I12", name, "case", expected, "none"))
        return
    read.lines += length
    with collecting(faults, "I10", name, "stream"):
        chain = [*check_stream(name, name, stream)]
        faults += chain
        if check is not None:
            faults += () if chain else check_approvals(stream)
            faults += check_entry_macs(check, stream, chain)
    if name.startswith(log_review.STREAM):
        with collecting(faults, "I10", name, "process"):
            log_review.fold(name.removeprefix(log_review.STREAM), stream)


def check_empty_streams(tx: Tx, known: Iterable[Violation]) -> Iterator[Violation]:
    """I10: a stream has lines; where they are lost, the log may have named it already."""
    named = {violation.case for violation in known}
    for name in ledger_entries.empty_streams(tx):
        if not {name, subject(name)} & named:
            yield Violation("I10", subject(name), "stream", "its lines", "none")
