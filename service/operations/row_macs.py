"""MACs of rows that an older program wrote without one, and the sums of them in the rows of cases:
the upgrade gives them, once.

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
from service.store import row_sums
from service.store.checked_rows import FORMS, give_mac
from service.store.guarded_rows import CASE, GUARDED
from service.store.tables import batch
from service.store.transaction import RowMac, Tx
from service.store.work import batches

UNBOUND: Final = "no ledger entry binds the row as it is: see `tresteg verify` of the old program"
RUNS: Final = "it runs, or nobody began it: let it end, or stop it, before the upgrade"
SINCE: Final = "0004"
"""The schema from which on rows bear MACs in this form."""


def has_rows(tx: Tx) -> bool:
    """Whether there is any row that needs a MAC."""
    return any(next(iter(stored_rows(tx, table)), None) for table in FORMS)


def give_macs(tx: Tx, make: RowMac) -> Iterator[str]:
    """Give each row that decides something its MAC, and then each case the sums of its rows; a
    sentence about each row that gets none.
    """
    bindings, ids = Bindings(), verify.case_ids(tx)
    check_streams(tx, ids, set(), bindings, [])
    of_cases: dict[str, list[tuple[str, bytes]]] = {id_: [] for id_ in ids}
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
                mac = form.mac(make, row)
                give_mac(tx, table, row, mac)
                if table in row_sums.SUMMED and row[CASE] in of_cases:
                    of_cases[row[CASE]].append((table, mac))
            else:
                yield f"{table} {key}: {UNBOUND if table in GUARDED else RUNS}"
    for id_, macs in of_cases.items():
        row_sums.give(tx, id_, row_sums.add_up(make, id_, macs))
