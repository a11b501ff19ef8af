"""`tresteg verify`: with the keyring, each case is replayed and compared with everything that is
stored (`verify_all`); without it, what needs no key is checked (`verify_without_keys`).

With the keyring hash chains, sealed values and rows are checked one by one, snapshots byte for
byte. The invariants I1 to I12 stand in `casework.history.violations`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from service.audit.checks.bound_rows import Bindings, check_bound_rows, without_known
from service.audit.checks.checkpoint_checks import LOG, check_log
from service.audit.checks.derived_rows import (
    check_access,
    check_batches,
    check_case_numbers,
    check_chunks,
    check_counts,
    check_dossiers,
    check_keys,
)
from service.audit.checks.entry_macs import check_entry_macs
from service.audit.checks.entry_order import (
    PlanRuns,
    check_approvals,
    check_moves,
    check_prints,
    check_withdrawals,
)
from service.audit.checks.postponed_work import check_postponed
from service.audit.checks.referral_checks import check_referrals
from service.audit.checks.sealed_columns import (
    check_erased,
    check_path_erased,
    check_sealed_columns,
    check_sealed_values,
)
from service.audit.checks.stored_rows import check_erased_row, check_orphans, check_rows
from service.audit.checks.stream_checks import check_empty_streams, check_streams
from service.casework.history import promises
from service.casework.history.chain_checks import check_history, load_facts, take_stream
from service.casework.history.promises import BrokenPromise
from service.casework.history.replay import replay_case
from service.casework.history.violations import Violation, collecting, entry_body
from service.casework.retention.erasure import ERASED
from service.errors import NotFound, RowRefused
from service.records.context import Services
from service.records.fact_format import ROUTING
from service.security.checkpoint_folder import NOT_KEPT, OutsideLog
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand, NotLoaded, Reader
from service.store.casefile import cases, grants
from service.store.casefile.facts import LOWEST, OF_NO_FACT, PAYLOADS, Fact, read_of_case
from service.store.casefile.facts import of_case as facts_of_case
from service.store.casefile.retention_acts import DESTROY, RetentionAct
from service.store.guarded_rows import GUARDED
from service.store.installation import keys, ledger_entries, offices
from service.store.installation.ledger_anchor import EntryCheck
from service.store.lists import case_access
from service.store.read_models import whole_rows
from service.store.transaction import Tx
from service.store.work import incidents, letters, tasks

UNBOUND = ("job", "unsent")
"""Tables of a case whose rows no entry binds, and that are verified."""
UNCHECKED: Final = ("sealed_values", "folds", "rows", "signers")
"""Checks that need the keyring; the words for each are `cli.verify.…` in `service.text`."""


@dataclass(frozen=True, slots=True)
class ReadOnce:
    """What every case and stream is compared with, and is read once for all of them."""

    entries: EntryCheck
    runs: PlanRuns

    @classmethod
    def of(cls, tx: Tx, services: Services) -> ReadOnce:
        """Nothing is read yet."""
        return cls(EntryCheck(tx, services.vault.row_mac), PlanRuns(tx, services))


@dataclass(frozen=True, slots=True)
class ErasedPath:
    """A case whose path is erased, with the number of the entry that says so, and the rule."""

    case: str
    entry: int
    rule: str


@dataclass(frozen=True, slots=True)
class VerifyReport:
    """Result of a verification: how much was verified, violations, and promises that cases broke.

    A broken promise is no damage: the history that shows it is intact.
    """

    cases: int
    facts: int
    lines: int
    faults: tuple[Violation, ...]
    breaches: tuple[BrokenPromise, ...] = ()
    unchecked: tuple[str, ...] = ()
    """Checks that were left out, in words; empty with a keyring."""
    paths: tuple[ErasedPath, ...] = ()
    """Cases whose path is erased: of them the chain is whole, and nothing else is left."""


def verify_all(
    tx: Tx,
    services: Services,
    *,
    now: datetime,
    outside: OutsideLog = NOT_KEPT,
    folded: Collection[str] | None = None,
) -> VerifyReport:
    """Verify every case, the chains of all other streams, and the one log over all of them.

    Args:
        outside: checkpoints that are kept outside the database, read before the transaction began.
        folded: ids of cases; of all others only the chain of the ledger is walked.
    """
    ids = case_ids(tx)
    bindings = Bindings()
    whole = ids if folded is None else [id_ for id_ in ids if id_ in folded]
    once = ReadOnce.of(tx, services)
    report = verify_some(tx, services, whole, now=now, bindings=bindings, once=once)
    faults = [*report.faults]
    make, chained = services.vault.row_mac, {f"case/{id_}" for id_ in whole}
    others = check_streams(tx, ids, chained, bindings, faults, once.entries)
    lost = others.lost
    for place, found in (
        ("case_number", check_case_numbers(tx, others.system)),
        ("vault_key", check_keys(tx, services)),
        ("document_chunk", check_chunks(tx)),
        ("release_dossier", check_dossiers(tx)),
        ("batch", check_batches(tx)),
        ("rows", check_bound_rows(tx, bindings, now=now, make=make, lost=lost)),
        ("moments", check_postponed(tx, now)),
    ):
        with collecting(faults, "I11", "installation", place):
            faults += without_known(found, faults)
    with collecting(faults, "I3", "installation", "counts"):
        faults += check_counts(tx) if not faults else ()
    with collecting(faults, "I10", LOG, "checkpoint"):
        faults += check_log(tx, services.vault.verifying_key(), outside)
    faults += check_empty_streams(tx, faults)
    lines = report.lines + others.lines
    return replace(report, lines=lines, faults=tuple(dict.fromkeys(faults)))


def verify_without_keys(tx: Tx, *, now: datetime, outside: OutsideLog = NOT_KEPT) -> VerifyReport:
    """Verify what needs no key: every chain, the one log, that facts are those that the ledger
    binds, and that exactly the rows are there that it binds.

    Args:
        outside: checkpoints that are kept outside the database, read before the transaction began.
    """
    ids = case_ids(tx)
    bindings = Bindings()
    faults: list[Violation] = []
    facts = lines = 0
    for id_ in ids:
        of_facts, of_lines = _check_case(tx, id_, bindings, faults)
        facts, lines = facts + of_facts, lines + of_lines
    others = check_streams(tx, ids, {f"case/{id_}" for id_ in ids}, bindings, faults)
    for place, found in (
        ("case_number", check_case_numbers(tx, others.system)),
        ("document_chunk", check_chunks(tx)),
        ("release_dossier", check_dossiers(tx)),
        ("batch", check_batches(tx)),
        ("rows", check_bound_rows(tx, bindings, now=now, make=None, lost=others.lost)),
    ):
        with collecting(faults, "I11", "installation", place):
            faults += found
    with collecting(faults, "I10", LOG, "checkpoint"):
        faults += check_log(tx, None, outside)
    faults += check_empty_streams(tx, faults)
    found_once = tuple(dict.fromkeys(faults))
    return VerifyReport(len(ids), facts, lines + others.lines, found_once, unchecked=UNCHECKED)


def verify_some(
    tx: Tx,
    services: Services,
    ids: Iterable[str],
    *,
    now: datetime,
    bindings: Bindings | None = None,
    once: ReadOnce | None = None,
) -> VerifyReport:
    """Verify several cases, and nothing else.

    Args:
        bindings: as for `verify`.
        once: what all of them are compared with, where it is used for more than these.
    Raises:
        NotFound: one of them does not exist.
    """
    once = once or ReadOnce.of(tx, services)
    reports = [verify(tx, services, id_, now=now, bindings=bindings, once=once) for id_ in ids]
    return VerifyReport(
        cases=len(reports),
        facts=sum(report.facts for report in reports),
        lines=sum(report.lines for report in reports),
        faults=tuple(fault for report in reports for fault in report.faults),
        breaches=tuple(breach for report in reports for breach in report.breaches),
        paths=tuple(path for report in reports for path in report.paths),
    )


def verify_alone(tx: Tx, services: Services, case_id: str, *, now: datetime) -> VerifyReport:
    """Verify one case and no other in this transaction: its rows are asked for together, and held.

    Raises:
        NotFound: no such case.
    """
    try:
        at_hand = _load_rows(tx, services, case_id)
        once = ReadOnce.of(tx, services)
        return _verify(at_hand, tx, services, case_id, now=now, once=once)
    except (NotFound, NotLoaded):
        raise
    except Exception:  # noqa: BLE001 - of a damaged row, which the check that reads it alone names
        return verify(tx, services, case_id, now=now)


def _load_rows(tx: Tx, services: Services, case_id: str) -> AtHand:
    """Load what the verification of a case reads, but what it reads one after the other: contents
    of documents, and what entries of other streams tell.
    """
    of_case = {"case_id": case_id}
    at_hand = tx.read(
        *cases.reads_of_stored(case_id),
        read_of_case(case_id, after=LOWEST),
        (PAYLOADS, {"case_ids": (case_id,)}),
        (OF_NO_FACT, of_case),
        ledger_entries.read_of_stream(f"case/{case_id}"),
        keys.read_of_case(case_id),
        (offices.DIRECTORY, {}),
        (tasks.OF_ONE_CASE, of_case),
        (incidents.OF_CASE, of_case),
        (grants.OF_CASE, of_case),
        (letters.OF_CASE, of_case),
        (case_access.OF_CASE, of_case),
        (case_access.STOPS, of_case),
        *whole_rows.reads_of_case((*GUARDED, *UNBOUND), case_id),
    )
    case = cases.stored(at_hand, case_id)
    if case is not None:
        take_stream(tx, at_hand, f"case/{case_id}")
        stored = facts_of_case(at_hand, case_id, after=LOWEST)
        services.prepare(tx, at_hand, {case.release_id, *(fact.release_id for fact in stored)})
    return at_hand


def verify(
    tx: Tx,
    services: Services,
    case_id: str,
    *,
    now: datetime,
    bindings: Bindings | None = None,
    once: ReadOnce | None = None,
) -> VerifyReport:
    """Replay one case from its facts and compare everything that is stored of it.

    Whatever a damaged row does, it is reported, and the rest is still checked.

    Args:
        bindings: gets what the case's entries bind, where all rows are compared later; without it,
            those of the case are compared now.
        once: what several cases are compared with.
    Raises:
        NotFound: no such case.
    """
    once = once or ReadOnce.of(tx, services)
    return _verify(tx, tx, services, case_id, now=now, once=once, bindings=bindings)


def _verify(
    reader: Reader,
    tx: Tx,
    services: Services,
    case_id: str,
    *,
    now: datetime,
    once: ReadOnce,
    bindings: Bindings | None = None,
) -> VerifyReport:
    """As `verify`, from rows of the case that may be at hand.

    Args:
        tx: asks what is not of the case alone, and contents of documents.
    """
    brief = cases.stored(reader, case_id)
    if brief is None:
        raise NotFound
    faults: list[Violation] = []
    stored = load_facts(reader, case_id, brief.rev, faults)
    readable = not faults
    stream = check_history(reader, case_id, stored, faults)
    make = services.vault.row_mac
    chain, gone = [*faults], brief.kind == cases.PATH_ERASED
    with collecting(faults, "I10", case_id, "story"):
        # of a damaged history only the damage is named, and of an erased path nothing can be asked
        has_story = not chain and not gone
        faults += _check_story(reader, tx, once.runs, case_id, stored, stream) if has_story else ()
    with collecting(faults, "I10", case_id, "lines"):
        faults += check_entry_macs(once.entries, stream, chain)
    own = Bindings() if bindings is None else bindings
    own.note(stream)
    stored_acts = whole_rows.stored_as(reader, RetentionAct, "retention_act", case_id)
    acts = [act for act in stored_acts if act.does == DESTROY]
    if acts:
        with collecting(faults, "I11", case_id, "erased"):
            faults += check_erased(reader, case_id, acts)
            faults += check_erased_row(reader, case_id, acts)
    elif readable:
        _check_replay(reader, services, case_id, now, faults)
    if gone:
        with collecting(faults, "I11", case_id, "path"):
            faults += check_path_erased(tx, case_id)
    else:
        _check_values_and_rows(reader, tx, services, case_id, stream, acts, now, faults)
    if bindings is None:
        found = check_bound_rows(reader, own, now=now, make=make, case_id=case_id)
        faults += without_known(found, faults)
    with collecting(faults, "I3", case_id, "lists"), suppress(RowRefused):  # which I11 names
        # where something else is wrong, what follows from it is not said too
        faults += check_access(reader, brief, now) if not faults else ()
    whole = readable and not acts
    broken = _broken_promises(reader, services, brief, stored, now, faults) if whole else []
    erased = [*_erased_path(case_id, stream)] if gone else []
    lengths = len(stored), len(stream)
    once_each = tuple(dict.fromkeys(faults))
    return VerifyReport(1, *lengths, once_each, tuple(broken), paths=tuple(erased))


def _erased_path(case_id: str, stream: Sequence[LedgerEntry]) -> Iterator[ErasedPath]:
    """The entry with which the path of a case was erased."""
    for entry in stream:
        body = entry_body(entry) if entry.kind == ERASED else {}
        classes: object = body.get("classes")
        if isinstance(classes, list) and cases.PATH in classes:
            yield ErasedPath(case_id, entry.seq, str(body.get("rule", "")))


def case_ids(tx: Tx) -> list[str]:
    """List the ids of all cases, oldest first."""
    ids: list[str] = []
    while page := cases.listed(tx, after=ids[-1] if ids else "", gone=True):
        ids += (case.id for case in page)
    return ids


def _check_case(
    tx: Tx, case_id: str, bindings: Bindings, faults: list[Violation]
) -> tuple[int, int]:
    """Check the facts of a case and its stream; gives how many there are of each."""
    brief = cases.stored(tx, case_id)
    stored = load_facts(tx, case_id, brief.rev if brief is not None else 0, faults)
    stream = check_history(tx, case_id, stored, faults)
    bindings.note(stream)
    return len(stored), len(stream)


def _check_replay(
    reader: Reader, services: Services, case_id: str, now: datetime, faults: list[Violation]
) -> None:
    """I3, I4, I8: the replay gives every state, step and waiting row, and the stored snapshot."""
    replayed = replay_case(reader, services, case_id, faults)
    if replayed is not None:
        with collecting(faults, "I3", case_id, "rows"):
            faults += check_rows(reader, services, case_id, replayed, now)


def _check_values_and_rows(
    reader: Reader,
    tx: Tx,
    services: Services,
    case_id: str,
    stream: list[LedgerEntry],
    acts: Sequence[RetentionAct],
    now: datetime,
    faults: list[Violation],
) -> None:
    """I11, I12: sealed values open, and rows point to what there is."""
    with collecting(faults, "I11", case_id, "boxes"):
        found = check_sealed_values(reader, services, case_id, stream, acts)
        faults += [fault for fault in found if not _is_of_unplayable(fault, faults)]
        faults += check_sealed_columns(reader, services, case_id, stream, acts, tx)
    with collecting(faults, "I12", case_id, "rows"):
        faults += check_orphans(reader, case_id, now)
    with collecting(faults, "I12", case_id, "referrals"):
        faults += check_referrals(reader, services, case_id, stream)


def _is_of_unplayable(fault: Violation, known: list[Violation]) -> bool:
    """Whether a fault is of sealed values that the replay could not open, and has named."""
    values, _, fact = fault.place.partition(" of fact ")
    unplayable = any(one.place == f"payload of fact {fact}" for one in known)
    return unplayable and values in ("values", f"values {ROUTING}")


def _broken_promises(
    reader: Reader,
    services: Services,
    case: cases.CaseSummary,
    stored: Sequence[Fact],
    now: datetime,
    faults: list[Violation],
) -> list[BrokenPromise]:
    broken: list[BrokenPromise] = []
    with collecting(faults, "I3", case.id, "steps"):
        broken += promises.broken_promises(reader, services, case, stored, now)
    return broken


def _check_story(
    reader: Reader,
    tx: Tx,
    runs: PlanRuns,
    case_id: str,
    stored: Sequence[Fact],
    stream: Sequence[LedgerEntry],
) -> Iterator[Violation]:
    """I10: what facts and entries tell can have happened in this order."""
    yield from check_approvals(stream)
    yield from check_moves(runs, case_id, stored)
    yield from check_prints(tx, case_id, stream)
    yield from check_withdrawals(reader, case_id, stream)
