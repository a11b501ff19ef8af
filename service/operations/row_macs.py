"""MACs of rows that an older program wrote without one: the upgrade gives them, once.

A row gets its MAC only if the newest ledger entry about it binds it as it is, so a row that was put
in by somebody else before the upgrade does not become a true one by it. Batches are bound by no
entry: those that are over get theirs, since nobody acts on them any more. Source: decisions/0092.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from service.audit import verify
from service.audit.checks.bound_rows import Bindings, is_bound, stored_rows
from service.audit.checks.stream_checks import check_streams
from service.store.checked_rows import FORMS, give_mac
from service.store.guarded_rows import GUARDED
from service.store.installation import checkpoints, ledger_anchor
from service.store.tables import batch
from service.store.transaction import RowMac, Tx
from service.store.work import batches

UNBOUND: Final = "no ledger entry binds the row as it is: see `tresteg verify` of the old program"
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


def give_macs(tx: Tx, make: RowMac) -> Iterator[str]:
    """Give each row that decides something its MAC; a sentence about each that gets none. Entries
    get none, and the anchor says so.
    """
    ledger_anchor.drop(tx, make)
    bindings = Bindings()
    check_streams(tx, verify.case_ids(tx), set(), bindings, [])
    over = frozenset[str]()
    for table, form in sorted(FORMS.items()):
        for key, row in stored_rows(tx, table):
            if row is None:
                yield f"{table} {key}: the row cannot be read"
                continue
            if table == batch.name and row["state"] != batches.RUNNING:
                over |= {row["id"]}
            genuine = (
                is_bound(make, table, key, row, bindings)
                if table in GUARDED
                else row.get("batch_id", row.get("id")) in over
            )
            if genuine:
                give_mac(tx, table, row, form.mac(make, row))
            else:
                yield f"{table} {key}: {UNBOUND if table in GUARDED else RUNS}"
