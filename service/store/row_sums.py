"""Sums of MACs: the row of a case tells which rows it has in the tables that decide about it.

A row that decides bears a MAC of its own (`checked_rows`). But an older state of it, with the MAC
that it had then, is genuine, and a row that was deleted is missed by nobody. So the row of the case
bears, for each of these tables, the sum of the MACs of all its rows there, modulo 2^128, and a MAC
over the sums. Who changes such a row notes the difference, which is written once for each case.
Source: decisions/0096.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import msgspec
import structlog
from sqlalchemy import bindparam, select, update

from service.errors import RowRefused
from service.store.guarded_rows import row_maker
from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import cases

if TYPE_CHECKING:
    from service.store.transaction import RowMac, Tx

log = structlog.get_logger("store")
SUMMED: Final = ("party", "case_grant", "consent", "named_person", "approval")
"""Tables whose rows are summed, in the order of their sums."""
WIDTH: Final = 16
"""Bytes of a MAC, and of a sum of MACs."""
MODULUS: Final = 1 << 8 * WIDTH
KEPT: Final = "row_sums"
"""Where a transaction keeps what it knows of sums, until it ends."""
OF_CASE = PreparedStatement(
    as_system("sums", select(cases.c.sums).where(cases.c.id == bindparam("id")))
)
WRITE = PreparedStatement(
    as_system(
        "sums",
        update(cases)
        .where(cases.c.id == bindparam("b_id"), cases.c.sums == bindparam("b_sums"))
        .values(sums=bindparam("sums")),
    )
)
GIVE = PreparedStatement(
    as_system("sums", update(cases).where(cases.c.id == bindparam("b_id"))).values(
        sums=bindparam("sums")
    )
)


@dataclass(slots=True)
class _KnownSums:
    """What a transaction knows of sums."""

    stored: dict[str, bytes] = field(default_factory=dict)
    """Case to the sums that its row bears, whose MAC is right."""
    noted: dict[str, dict[str, int]] = field(default_factory=dict)
    """Case to table and difference, as far as the case's row does not bear it yet."""


def packed(make: RowMac, case_id: str, sums: Mapping[str, int]) -> bytes:
    """Sums as the row of a case bears them: 16 bytes for each of `SUMMED`, and a MAC over all.

    Args:
        sums: table to the sum of the MACs of the case's rows in it; 0 where there is none.
    """
    plain = b"".join((sums.get(name, 0) % MODULUS).to_bytes(WIDTH, "big") for name in SUMMED)
    return plain + _mac(make, case_id, plain)


def add_up(make: RowMac, case_id: str, macs: Iterable[tuple[str, bytes]]) -> bytes:
    """The sums that the row of a case must bear.

    Args:
        macs: of every genuine row of the case in one of `SUMMED`, with its table.
    """
    sums = dict.fromkeys(SUMMED, 0)
    for table, mac in macs:
        sums[table] += _number(mac)
    return packed(make, case_id, sums)


def begin(tx: Tx, case_id: str) -> bytes:
    """The sums of a new case, which has no row yet."""
    made = _known(tx).stored[case_id] = packed(row_maker(tx), case_id, {})
    return made


def note(tx: Tx, table: str, case_id: str, *, was: bytes = b"", now: bytes = b"") -> None:
    """A row of a case bears another MAC now: the row of the case will bear the difference.

    Args:
        was: b"" for a new row; `now` is b"" for one that is gone.
    """
    noted = _known(tx).noted
    if not noted:
        tx.before_commit(lambda: _write(tx))
    of_case = noted.setdefault(case_id, {})
    of_case[table] = of_case.get(table, 0) + _number(now) - _number(was)


def compare(tx: Tx, table: str, case_id: str, stored: bytes | None, macs: Iterable[bytes]) -> None:
    """Refuse rows of a case that are not all those that it has, each as it is now.

    Args:
        stored: the sums that its row bears, read in the same statement as the rows.
        macs: of the rows.
    Raises:
        RowRefused: one was taken away or put back to an older state, or the sums were.
    """
    known = _known(tx)
    wanted = _sum_of(_genuine(tx, known, case_id, stored), table)
    if known.noted:
        wanted += known.noted.get(case_id, {}).get(table, 0)
    for mac in macs:
        wanted -= _number(mac)
    if wanted % MODULUS:
        raise _refused(table, case_id)


def take_change(tx: Tx, case_id: str) -> dict[str, bytes]:
    """What a statement is given that writes the noted differences of a case: the sums as its row
    bears them (`b_sums`) and will bear them (`sums`). Nothing when nothing is noted.

    Raises:
        RowRefused: the sums were not written by this installation.
    """
    known = _known(tx)
    noted = known.noted.pop(case_id, None)
    if noted is None:
        return {}
    stored = known.stored.get(case_id) or tx.value(OF_CASE, {"id": case_id})
    was = _genuine(tx, known, case_id, stored)
    after = {name: _sum_of(was, name) + noted.get(name, 0) for name in SUMMED}
    known.stored[case_id] = packed(row_maker(tx), case_id, after)
    return {"b_sums": was, "sums": known.stored[case_id]}


def give(tx: Tx, case_id: str, sums: bytes) -> None:
    """Give the row of a case its sums: for the upgrade alone, which has compared its rows."""
    tx.run(GIVE, {"b_id": case_id, "sums": sums})


def _write(tx: Tx) -> None:
    """Write what is noted, the cases in one order, so that no two transactions wait for each other
    (deadlock).

    Raises:
        CaseMoved: somebody was faster with another row of the case.
    """
    for case_id in sorted(_known(tx).noted):
        tx.later(WRITE, {"b_id": case_id, **take_change(tx, case_id)}, exactly=1)


def _known(tx: Tx) -> _KnownSums:
    found: _KnownSums | None = tx.kept.get(KEPT)
    if found is None:
        found = tx.kept[KEPT] = _KnownSums()
    return found


def _genuine(tx: Tx, known: _KnownSums, case_id: str, stored: bytes | None) -> bytes:
    """Sums of a case that this installation has written.

    Raises:
        RowRefused: it has not.
    """
    given = stored or b""
    if given != known.stored.get(case_id):
        plain, mac = given[:-WIDTH], given[-WIDTH:]
        if not hmac.compare_digest(_mac(row_maker(tx), case_id, plain), mac):
            raise _refused(cases.name, case_id)
        known.stored[case_id] = given
    return given


def _sum_of(sums: bytes, table: str) -> int:
    at = SUMMED.index(table) * WIDTH
    return _number(sums[at : at + WIDTH])


def _refused(table: str, case_id: str) -> RowRefused:
    """The error to raise, which the log tells too."""
    log.error("row_refused", where=table, person="", case=case_id)
    return RowRefused(table=table, case=case_id)


def _mac(make: RowMac, case_id: str, plain: bytes) -> bytes:
    return make(msgspec.msgpack.encode(("cases.sums", case_id, plain)))


def _number(mac: bytes) -> int:
    return int.from_bytes(mac, "big")
