"""Rows that decide: what of them the ledger binds, and the MAC that it is bound by.

A write function of such a table hands the row as it is afterwards to `bind`; the last entry that
its stream gets in the transaction bears the MACs of all of them. So a row that somebody else
changed, deleted, put in or put back is not the one that the ledger names. What the ledger tells
already, or the replay of a case gives, is compared with that and not bound. Source: decisions/0032.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from service.security import ledger_lines
from service.store.row_mapping import values
from service.store.tables import metadata

if TYPE_CHECKING:
    from sqlalchemy import Table

    from service.store.at_hand import Reader
    from service.store.changes import RowMac, Writer
    from service.store.transaction import Tx

RowValues: TypeAlias = Mapping[str, Any]
"""A row, by the names of its columns."""
ROWS: Final = "rows"
"""Key in the body of an entry: table to key and MAC of rows, as `bound_mac` makes it."""
GONE: Final = "-"
"""What stands before the MAC of a row that is there no more."""
LONGEST_BYTES: Final = 1024
"""Bytes above which their SHA-256 is bound, such as those of a release's files."""
STAR: Final = "*"
MAC: Final = "mac"
"""Column that holds the MAC of its own row, so that it is checked when the row is used."""
CASE: Final = "case_id"
FOLD: Final = "the replay of the case gives it, and is compared"
LEASE: Final = "a worker's lease: it changes with every try and decides nothing"
CHOICE: Final = "a choice of the person herself, such as her language"
UNBOUND_SETTINGS: Final[Mapping[str, str]] = {
    "keyring": "the fingerprint of the keyring, compared at every start and by `tresteg verify`",
    "ledger.anchor": "it bears a MAC of its own; without it, every entry must bear one",
    "clock.seen": "a worker's sign of life",
    "demo.clock": "by how much the clock of a demo is ahead",
    "demo.walk": "the place in a demo's guided tour",
    "demo.people": "the cards of a demo's people",
    "demo.seeded": "when a demo was made",
}
"""Settings that no entry binds, and why."""


@dataclass(frozen=True)
class GuardedTable:
    """A table whose rows are bound: which columns are not, and why.

    `shape` gives of a row what is bound where a column is bound in part, or not in every row.
    """

    name: str
    exempt: Mapping[str, str] = field(default_factory=dict)
    shape: Callable[[RowValues], RowValues] = dict

    @property
    def table(self) -> Table:
        """The table itself."""
        return metadata.tables[self.name]

    @cached_property
    def columns(self) -> tuple[str, ...]:
        """Names of the columns that are bound."""
        return tuple(
            column.name
            for column in self.table.columns
            if column.name not in self.exempt and column.name != MAC
        )

    @cached_property
    def keys(self) -> tuple[str, ...]:
        """Names of the columns that name the row."""
        return tuple(column.name for column in self.table.primary_key)


def _letter(row: RowValues) -> RowValues:
    """A letter that is leased waits still; the error of a try is replaced by the next one's."""
    waits = row["state"] in ("waiting", "leased")
    return {
        **row,
        "state": "waiting" if waits else row["state"],
        "error": "" if waits else row["error"],
        "not_before": row["not_before"] is not None,
    }


def _session(row: RowValues) -> RowValues:
    """A session of before this was kept does not say by what it was begun: its MAC stays."""
    return {name: value for name, value in row.items() if name != "begun_by" or value is not None}


def _of_fold(*names: str) -> dict[str, str]:
    return dict.fromkeys(names, FOLD)


GUARDED: Final[Mapping[str, GuardedTable]] = {
    guard.name: guard
    for guard in (
        GuardedTable(
            "cases",
            _of_fold(
                *("release_id", "rev", "snapshot", "stage", "station", "status", "end"),
                *("inner_end", "next_due", "opened_at", "moved_at", "closed_at"),
            )
            | {"sums": "they bear a MAC, and are compared with the rows that they are of"},
        ),
        GuardedTable(
            "task",
            _of_fold(
                *("element", "nth", "role", "office_id", "stage", "due", "follow_up", "priority"),
                *("opened_at", "sort_due", "sort_rank", "ref", "sender"),
            ),
        ),
        GuardedTable("party"),
        GuardedTable("consent"),
        GuardedTable("case_grant"),
        GuardedTable("named_person"),
        GuardedTable("word_pair"),
        GuardedTable("case_bar"),
        GuardedTable("case_officer"),
        GuardedTable("approval"),
        GuardedTable("document"),
        GuardedTable("note"),
        GuardedTable("referral"),
        GuardedTable("retention_act"),
        GuardedTable("hold"),
        GuardedTable("subject_request"),
        GuardedTable("incident"),
        GuardedTable(
            "letter", dict.fromkeys(("tries", "lease_until", "leased_by"), LEASE), _letter
        ),
        GuardedTable("document_request"),
        GuardedTable("office"),
        GuardedTable("person", dict.fromkeys(("language", "settings"), CHOICE)),
        GuardedTable("membership"),
        GuardedTable("absence"),
        GuardedTable("login_session", {"seen_at": "when the person last did something"}, _session),
        GuardedTable("credential", {"used_at": "when it was last used"}),
        GuardedTable("release"),
        GuardedTable("release_dossier"),
        GuardedTable("draft"),
        GuardedTable("report"),
        GuardedTable(
            "vault_key",
            dict.fromkeys(
                ("epoch", "wrapped"), "wrapped anew when keys rotate; opening it is checked"
            )
            | dict.fromkeys(
                ("case_id", "office_id", "klass"), "its owner says the same, and is compared"
            ),
        ),
        GuardedTable("setting"),
    )
}
"""Every table whose rows an entry binds."""


def key_text(table: str, row: RowValues) -> str:
    """What names a row among all rows of its table."""
    return " ".join(_text(row[column.name]) for column in metadata.tables[table].primary_key)


def key_in(stream: str, key: str) -> str:
    """A key as the entries of a stream write it: a star for the case that they are of anyway."""
    kind, _, case = stream.partition("/")
    return key.replace(case, STAR) if kind == "case" else key


def key_from(stream: str, key: str) -> str:
    """The whole key, from how an entry of a stream writes it."""
    kind, _, case = stream.partition("/")
    return key.replace(STAR, case) if kind == "case" else key


def content(table: str, row: RowValues) -> bytes:
    """What of a row is bound, as canonical JSON.

    Args:
        row: every bound column of the table at least.
    """
    guard = GUARDED[table]
    shaped = guard.shape(row)
    bound = {name: _canonical(shaped[name]) for name in guard.columns if name in shaped}
    return ledger_lines.canonical({"table": table, "row": bound})


def bound_mac(
    make: RowMac, entry: tuple[str, int], table: str, key: str, bound: bytes | None
) -> str:
    """MAC of a row in the ledger entry that binds it. It is worth nothing in another entry, so
    nobody can write an entry that binds an older state of the row anew.

    Args:
        entry: stream and number of the entry.
        key: as the entry writes it.
        bound: `content` of the row; None when it is gone.
    """
    place = ledger_lines.canonical([*entry, table, key, bound is None])
    made = base64.b64encode(make(place + b"\n" + (bound or b""))).decode().rstrip("=")
    return f"{GONE if bound is None else ''}{made}"


def bound_macs(tx: Tx, stream: str, number: int) -> dict[str, dict[str, str]]:
    """Table to key and MAC of the rows that an entry binds; they are bound then."""
    make, entry = row_maker(tx), (stream, number)
    return {
        table: {key: bound_mac(make, entry, table, key, bound) for key, bound in rows.items()}
        for table, rows in tx.changes.bound.pop(stream).items()
    }


def bind(writer: Writer, stream: str, table: str, row: object) -> None:
    """Have the stream's next entry bind a row as it is now.

    Args:
        row: a dataclass or a mapping with every bound column.
    """
    given = row if isinstance(row, Mapping) else values(row)
    writer.changes.bind(
        stream, table, key_in(stream, key_text(table, given)), content(table, given)
    )


def unbind(writer: Writer, stream: str, table: str, key: RowValues) -> None:
    """Have the stream's next entry say that a row is gone.

    Args:
        key: the columns that name the row.
    """
    writer.changes.bind(stream, table, key_in(stream, key_text(table, key)), None)


def row_maker(given: Reader | Writer) -> RowMac:
    """What makes the MACs of rows that somebody reads or writes.

    Raises:
        RuntimeError: the database was handed no key for them.
    """
    if given.row_mac is None:
        raise RuntimeError("this database was handed no key for rows: only a program has one")
    return given.row_mac


def _text(value: object) -> str:
    return value.hex() if isinstance(value, bytes) else str(value)


def _canonical(value: Any) -> ledger_lines.Canonical:  # noqa: ANN401 - a value of any column
    if isinstance(value, datetime):
        return ledger_lines.moment(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.hex() if len(value) <= LONGEST_BYTES else sha256(value).hexdigest()
    found: ledger_lines.Canonical = value
    return found
