"""The upgrade of the tables: cases are folded again before it says that all is well."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.application.container import Tresteg
from service.audit import verify
from service.engine import ENGINE, engine_changes
from service.errors import BadSettings
from service.operations import moved_passwords, row_macs
from service.operations.start_checks import refuse_foreign_keyring, refuse_newer_engine
from service.store.casefile import cases, facts
from service.store.database import Database
from service.store.transaction import Tx

SAMPLE = 20
"""Open cases that are folded, and as many that have ended: those that moved last."""


@dataclass(frozen=True, slots=True)
class UpgradeReport:
    """Result of an upgrade: how many cases were folded, and which differ from what is stored."""

    folded: int
    faults: tuple[str, ...]
    upgraded: bool


class _SampleDiffers(Exception):
    """A case of the sample folds to something else: the transaction must be rolled back."""


def upgrade(
    database: Database, program: Callable[[], Tresteg], *, despite_faults: bool = False
) -> UpgradeReport:
    """Bring the tables up to date, and fold a sample of the cases before the commit.

    Args:
        program: makes the program with its keyring; called only when there are cases.
        despite_faults: commit also when a case of the sample folds to something else.
    Raises:
        BadSettings: the tables are not as declared after it, or a newer program has worked here;
            nothing was changed.
    """
    folded: list[str] = []
    faults: list[str] = []

    def look(tx: Tx, before: str | None) -> None:
        for sentence in database.differences(tx):
            raise BadSettings(sentence)
        refuse_newer_engine(tx)
        if row_macs.is_older(before) and row_macs.has_rows(tx):
            made = program()
            refuse_foreign_keyring(tx, made)
            faults.extend(row_macs.give_macs(tx, made.services, made.clock.now()))
        if moved_passwords.is_older(before) and moved_passwords.has_any(tx):
            made = program()
            refuse_foreign_keyring(tx, made)
            moved_passwords.move(tx, made.services, made.clock.now())
        folded.extend(id_ for status in ("open", "ended") for id_ in _newest(tx, status))
        if folded:
            faults.extend(_faults(tx, program(), folded))
        if faults and not despite_faults:
            raise _SampleDiffers

    try:
        database.upgrade(before_commit=look)
    except _SampleDiffers:
        return UpgradeReport(len(folded), tuple(faults), upgraded=False)
    return UpgradeReport(len(folded), tuple(faults), upgraded=True)


def _newest(tx: Tx, status: str) -> list[str]:
    return cases.newest(tx, status, SAMPLE)


def _faults(tx: Tx, program: Tresteg, ids: list[str]) -> Iterator[str]:
    """What verification finds in the sample, and what has changed since its facts were made."""
    refuse_foreign_keyring(tx, program)
    tx.row_mac = program.services.vault.row_mac  # the database was named without its keyring
    report = verify.verify_some(tx, program.services, ids, now=program.clock.now())
    yield from map(str, report.faults)
    made = {
        fact.engine
        for id_ in sorted({fault.case for fault in report.faults if fault.invariant == "I3"})
        for fact in facts.of_case(tx, id_)
    }
    for text in sorted(made - {ENGINE}):
        yield f"facts of these cases were made with {'; '.join(engine_changes(text))}"
