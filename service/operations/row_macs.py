"""MACs of rows that an older program wrote without one, and the sums of them in the rows of cases:
the upgrade gives them, once.

A row gets its MAC only if the newest ledger entry about it binds it as it is, so a row that was put
in by somebody else before the upgrade does not become a true one by it. Batches are bound by no
entry: those that are over get theirs, since nobody acts on them any more. What follows from the
turns of a case gets its MAC where the replay of the case finds no fault. Source: decisions/0092,
0094.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

from service.audit import verify
from service.audit.checks.bound_rows import Bindings, is_bound, stored_rows
from service.audit.checks.stream_checks import check_streams
from service.errors import NotFound
from service.records.context import Services
from service.store import row_sums
from service.store.changes import RowMac
from service.store.checked_rows import FORMS, give_mac
from service.store.guarded_rows import CASE, GUARDED, RowValues, key_text
from service.store.installation import checkpoints, ledger_anchor
from service.store.tables import batch
from service.store.transaction import Tx
from service.store.work import batches

UNBOUND: Final = "no ledger entry binds the row as it is: see `tresteg verify` of the old program"
OF_REPLAY: Final = ("job", "task")
"""Tables whose rows the replay of their case gives."""
LEASES: Final = "I6"
"""What the leases of a worker that was stopped break: they decide nothing."""
RUNS: Final = "it runs, or nobody began it: let it end, or stop it, before the upgrade"
SINCE: Final = "0004"
"""The schema from which on rows bear MACs in this form."""


def is_older(schema: str | None) -> bool:
    """Whether tables stood at a schema without MACs; None where there were none."""
    return schema is not None and schema < SINCE


def has_rows(tx: Tx) -> bool:
    """Whether there is any row that needs a MAC, or an entry that bears none."""
    if checkpoints.newest(tx) is not None or checkpoints.count_waiting(tx, limit=1):
        return True
    return any(next(iter(stored_rows(tx, table)), None) for table in FORMS)


def give_macs(tx: Tx, services: Services, now: datetime) -> Iterator[str]:
    """Give each row that decides something its MAC; a sentence about each that gets none. Entries
    get none, and the anchor says so.
    """
    make = services.vault.row_mac
    tx.row_mac = make  # the database was named without its keyring
    ledger_anchor.drop(tx, make)
    yield from _give_bound(tx, make)
    yield from _give_of_replay(tx, services, now)


def _give_of_replay(tx: Tx, services: Services, now: datetime) -> Iterator[str]:
    """Give what follows from turns its MAC, and take it again from the rows of a case that has a
    fault then.
    """
    make, of_case = services.vault.row_mac, dict[str, list[tuple[str, RowValues]]]()
    for table in OF_REPLAY:
        for key, row in stored_rows(tx, table):
            if row is None:
                yield f"{table} {key}: the row cannot be read"
                continue
            give_mac(tx, table, row, FORMS[table].mac(make, row))
            of_case.setdefault(row[CASE], []).append((table, row))
    for case_id, rows in sorted(of_case.items()):
        fault = _fault(tx, services, case_id, now)
        for table, row in rows if fault else ():
            give_mac(tx, table, row, None)
            yield f"{table} {key_text(table, row)}: {fault}"


def _fault(tx: Tx, services: Services, case_id: str, now: datetime) -> str:
    """The first fault of a case, in words; "" when there is none."""
    try:
        report = verify.verify_some(tx, services, [case_id], now=now)
    except NotFound:
        return f"there is no case {case_id}"
    faults = (str(fault) for fault in report.faults if fault.invariant != LEASES)
    return next(faults, "")


def _give_bound(tx: Tx, make: RowMac) -> Iterator[str]:
    """Give what the ledger binds its MAC, and then each case the sums of its rows."""
    bindings, ids = Bindings(), verify.case_ids(tx)
    check_streams(tx, ids, set(), bindings, [])
    of_cases: dict[str, list[tuple[str, bytes]]] = {id_: [] for id_ in ids}
    over = {
        row["id"]
        for _, row in stored_rows(tx, batch.name)
        if row is not None and row["state"] != batches.RUNNING
    }
    for table in sorted(FORMS.keys() - set(OF_REPLAY)):
        for key, row in stored_rows(tx, table):
            why = _refusal(make, table, key, row, bindings, over)
            if row is None or why:
                yield f"{table} {key}: {why}"
                continue
            mac = FORMS[table].mac(make, row)
            give_mac(tx, table, row, mac)
            if table in row_sums.SUMMED and row[CASE] in of_cases:
                of_cases[row[CASE]].append((table, mac))
    for id_, macs in of_cases.items():
        row_sums.give(tx, make, id_, macs)


def _refusal(
    make: RowMac,
    table: str,
    key: str,
    row: RowValues | None,
    bindings: Bindings,
    over: Collection[str],
) -> str:
    """Why a row gets no MAC; "" when it gets one.

    Args:
        over: ids of batches that are over.
    """
    if row is None:
        return "the row cannot be read"
    if table in GUARDED:
        return "" if is_bound(make, table, key, row, bindings) else UNBOUND
    return "" if row.get("batch_id", row.get("id")) in over else RUNS
