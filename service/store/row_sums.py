"""Sums of MACs: the row of a case tells which rows it has in the tables that decide about it, and
where it stands.

A row that decides bears a MAC of its own (`checked_rows`). But an older state of it, with the MAC
that it had then, is genuine, and a row that was deleted is missed by nobody. So the row of the case
bears, for each of these tables, the sum of the MACs of all its rows there, modulo 2^128, and a MAC
over the sums and over what each turn makes of the case: number, release, status and stage. Who
changes such a row notes the difference, which is written once for each case.
Source: decisions/0096.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Mapping
from operator import attrgetter
from typing import TYPE_CHECKING, Final, TypeAlias

import msgspec
import structlog
from sqlalchemy import bindparam, select, update

from service.errors import RowRefused
from service.store.guarded_rows import row_maker
from service.store.prepared import PreparedStatement
from service.store.row_scope import as_system
from service.store.tables import cases

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import RowMac, Writer
    from service.store.transaction import Tx

log = structlog.get_logger("store")
SUMMED: Final = (
    *(
        "party",
        "case_grant",
        "consent",
        "named_person",
        "approval",
        "case_bar",
        "retention_act",
        "hold",
        "subject_request",
        "document_choice",
    ),
)
"""Tables whose rows are summed, in the order of their sums."""
WIDTH: Final = 16
"""Bytes of a MAC, and of a sum of MACs."""
MODULUS: Final = 1 << 8 * WIDTH
STANDING: Final = ("rev", "release_id", "status", "stage")
"""Columns of a case that the MAC of its sums covers: a turn sets them."""
STANDING_COLUMNS: Final = tuple(cases.c[name] for name in STANDING)
Standing: TypeAlias = "tuple[int, str, str, str]"
"""Their values."""
standing_of: Final[Callable[[object], Standing]] = attrgetter(*STANDING)
"""The standing of a case, of its row as a dataclass."""
OF_CASE = PreparedStatement(
    as_system("sums", select(cases.c.sums, *STANDING_COLUMNS).where(cases.c.id == bindparam("id")))
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


def packed(make: RowMac, case_id: str, standing: Standing, sums: Mapping[str, int]) -> bytes:
    """Sums as the row of a case bears them: 16 bytes for each of `SUMMED`, and a MAC over all and
    over where the case stands.

    Args:
        sums: table to the sum of the MACs of the case's rows in it; 0 where there is none.
    """
    plain = b"".join((sums.get(name, 0) % MODULUS).to_bytes(WIDTH, "big") for name in SUMMED)
    return plain + _mac(make, case_id, standing, plain)


def add_up(
    make: RowMac, case_id: str, standing: Standing, macs: Iterable[tuple[str, bytes]]
) -> bytes:
    """The sums that the row of a case must bear.

    Args:
        macs: of every genuine row of the case in one of `SUMMED`, with its table.
    """
    sums = dict.fromkeys(SUMMED, 0)
    for table, mac in macs:
        sums[table] += _number(mac)
    return packed(make, case_id, standing, sums)


def note(writer: Writer, table: str, case_id: str, *, was: bytes = b"", now: bytes = b"") -> None:
    """A row of a case bears another MAC now: the row of the case will bear the difference.

    Args:
        was: b"" for a new row; `now` is b"" for one that is gone.
    """
    writer.changes.note_sum(table, case_id, _number(now) - _number(was))


def check(make: RowMac, case_id: str, standing: Standing, stored: bytes | None) -> bytes:
    """The sums of a case, which this installation has written for where it stands.

    Raises:
        RowRefused: it has not.
    """
    given = stored or b""
    plain, mac = given[:-WIDTH], given[-WIDTH:]
    if not hmac.compare_digest(_mac(make, case_id, standing, plain), mac):
        raise _refused(cases.name, case_id)
    return given


def compare(
    reader: Reader,
    table: str,
    case_id: str,
    standing: Standing,
    stored: bytes | None,
    macs: Iterable[bytes],
) -> None:
    """Refuse rows of a case that are not all those that it has, each as it is now.

    Args:
        standing: where its row says that it stands; read with the sums that it bears (`stored`) in
            the same statement as the rows.
        macs: of the rows.
    Raises:
        RowRefused: one was taken away or put back to an older state, or the sums were.
    """
    wanted = _sum_of(check(row_maker(reader), case_id, standing, stored), table)
    wanted += reader.unwritten_sums.get(case_id, {}).get(table, 0)
    for mac in macs:
        wanted -= _number(mac)
    if wanted % MODULUS:
        raise _refused(table, case_id)


def with_noted(writer: Writer, case_id: str, standing: Standing, sums: bytes) -> bytes:
    """Sums that the row of a case bears from now on: with what was noted, which is written so.

    Args:
        standing: where the case stands from now on.
        sums: those that it bore, checked.
    """
    noted = writer.changes.sums.pop(case_id, {})
    after = {name: _sum_of(sums, name) + noted.get(name, 0) for name in SUMMED}
    return packed(row_maker(writer), case_id, standing, after)


def give(tx: Tx, make: RowMac, case_id: str, macs: Iterable[tuple[str, bytes]]) -> None:
    """Give the row of a case its sums: for the upgrade alone, which has compared its rows.

    Args:
        macs: as `add_up` takes them.
    """
    for _, *stands in tx.all(lambda *row: row, OF_CASE, {"id": case_id}):
        standing = tuple(stands)
        tx.run(GIVE, {"b_id": case_id, "sums": add_up(make, case_id, standing, macs)})


def write(tx: Tx) -> None:
    """Write the differences of cases that no turn has saved, the cases in one order, so that no two
    transactions wait for each other (deadlock).

    Raises:
        CaseMoved: somebody was faster with another row of the case.
        RowRefused: the sums of a case were not written by this installation.
    """
    for case_id in sorted(tx.changes.sums):
        rows = tx.all(lambda *row: row, OF_CASE, {"id": case_id})
        stored, *stands = rows[0] if rows else (b"", 0, "", "", "")
        standing = tuple(stands)
        was = check(row_maker(tx), case_id, standing, stored)
        sums = with_noted(tx, case_id, standing, was)
        tx.later(WRITE, {"b_id": case_id, "b_sums": was, "sums": sums}, exactly=1)


def _sum_of(sums: bytes, table: str) -> int:
    at = SUMMED.index(table) * WIDTH
    return _number(sums[at : at + WIDTH])


def _refused(table: str, case_id: str) -> RowRefused:
    """The error to raise, which the log tells too."""
    log.error("row_refused", where=table, person="", case=case_id)
    return RowRefused(table=table, case=case_id)


def _mac(make: RowMac, case_id: str, standing: Standing, plain: bytes) -> bytes:
    return make(msgspec.msgpack.encode(("cases.sums", case_id, standing, plain)))


def _number(mac: bytes) -> int:
    return int.from_bytes(mac, "big")
