"""Rows with a MAC of their own: one reader, which checks it, and one writer, which makes it.

Whoever can write into the database can write a row, but not its MAC. So a row is checked when it is
used, and a change goes through only where the row is still the one that was checked: a row that
this installation has not written does not become one by being used. The ledger binds most of these
rows besides (`guarded_rows`), which `verify` compares. Source: decisions/0092.
"""

from __future__ import annotations

import hmac
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from enum import Enum
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec
import structlog
from sqlalchemy import bindparam, delete, insert, select, update

from service.errors import RowRefused
from service.store import row_sums
from service.store.guarded_rows import CASE, GUARDED, MAC, bind, row_maker, unbind
from service.store.prepared import PreparedStatement
from service.store.row_mapping import columns, values
from service.store.row_scope import as_system
from service.store.row_sums import STANDING_COLUMNS
from service.store.tables import cases, metadata
from service.store.tables.column_types import Json, compact
from service.store.tables.metadata import DECIDES, decides_something

if TYPE_CHECKING:
    from sqlalchemy import BindParameter, ColumnElement, Executable, Table

    from service.store.at_hand import Reader
    from service.store.changes import RowMac, Writer
    from service.store.guarded_rows import RowValues
    from service.store.transaction import Tx

log = structlog.get_logger("store")
Kind = TypeVar("Kind")
_ENCODER: Final = msgspec.msgpack.Encoder()
_BEFORE: Final[BindParameter[bytes]] = bindparam("b_before")


class Refused(Enum):
    """What becomes of a row that this installation has not written."""

    MISSING = "it is as if it were not there"
    STOPS = "nothing goes on with it, and an incident of the installation says so"


class RowForm:
    """What of a row of a table its MAC covers: each column that decides something, packed.

    Left out is what the table exempts, each column with its reason (`tables.metadata.decides`). Of
    what the ledger binds in part, the same part is covered (`GuardedTable.shape`).
    """

    def __init__(self, table: Table) -> None:
        """Take the form of a table that decides something."""
        exempt: Mapping[str, str] = table.info[DECIDES]
        self.table, self._name = table, str(table.name)  # `quoted_name` is no text to msgspec
        self.names: tuple[str, ...] = tuple(
            column.name for column in table.columns if column.name not in {MAC, *exempt}
        )
        self._json = tuple(isinstance(table.c[name].type, Json) for name in self.names)
        self._has_json = any(self._json)
        guard = GUARDED.get(self._name)
        self._shape = None if guard is None or guard.shape is dict else guard.shape

    def packed(self, given: Iterable[Any]) -> bytes:
        """The bytes that the MAC is of; the same on both databases.

        Args:
            given: the values of `names`.
        """
        if self._shape is not None:
            given = self._shape(dict(zip(self.names, given, strict=True))).values()
        plain = (*given,)
        if self._has_json:
            plain = tuple(
                compact(value) if is_json else value
                for value, is_json in zip(plain, self._json, strict=True)
            )
        return _ENCODER.encode((self._name, plain))

    def mac(self, make: RowMac, row: RowValues) -> bytes:
        """The MAC of a row."""
        return make(self.packed(row[name] for name in self.names))


FORMS: Final[Mapping[str, RowForm]] = {
    table.name: RowForm(table) for table in metadata.sorted_tables if decides_something(table)
}
"""Name to form of every table whose rows bear a MAC of their own."""


class CheckedRows(Generic[Kind]):
    """The rows of a table that decides something, as `Kind`.

    Args:
        kind: a dataclass with a field for each column that the MAC covers.
        refused: what becomes of a row that this installation has not written.
    """

    def __init__(self, table: Table, kind: type[Kind], refused: Refused) -> None:
        self.columns: tuple[ColumnElement[Any], ...] = (*columns(table, kind), table.c[MAC])
        """What a statement selects whose rows `all` and `one` read."""
        self._table, self._kind, self._refused = table, kind, refused
        self._form = FORMS[table.name]
        self._covered: Callable[[Kind], tuple[Any, ...]] = attrgetter(*self._form.names)
        self._key = tuple(column.name for column in table.primary_key)
        self._is_bound = table.name in GUARDED
        self._is_summed = table.name in row_sums.SUMMED
        self._add = PreparedStatement(insert(table))
        self._same = [table.c[name] == bindparam(f"b_{name}") for name in self._key]
        self._drop = PreparedStatement(delete(table).where(*self._same, table.c[MAC] == _BEFORE))
        self._changes: dict[tuple[str, ...], PreparedStatement] = {}

    def all(
        self,
        reader: Reader,
        statement: Executable | PreparedStatement,
        given: Mapping[str, object] | None = None,
        *,
        listed: bool = False,
    ) -> list[Kind]:
        """Every row that a statement over `columns` gives, checked.

        Args:
            listed: for a list, which leaves out what would stop elsewhere: what somebody picks from
                it is read once more before anything is done with it.
        Raises:
            RowRefused: one was not written by this installation, and such a row stops here.
        """
        return self.genuine(reader, reader.all(lambda *row: row, statement, given), listed=listed)

    def one(
        self,
        reader: Reader,
        statement: Executable | PreparedStatement,
        given: Mapping[str, object] | None = None,
    ) -> Kind | None:
        """The first row that a statement over `columns` gives, checked; None when there is none."""
        row = reader.one(lambda *row: row, statement, given)
        return None if row is None else next(iter(self.genuine(reader, [row])), None)

    def reads_of_case(self, *order: ColumnElement[Any], reason: str = "") -> PreparedStatement:
        """What `of_case` asks: every row of a case, each with the sums that the case's row bears.

        Both in one statement, so that they are of the same moment; one without a row when the case
        has none.

        Args:
            order: columns of the table.
            reason: why it looks at everything, as `row_scope.as_system` takes it; "" when it does
                not.
        """
        given, table = cases.c.id == bindparam(CASE), self._table
        rows = cases.outerjoin(table, table.c[CASE] == cases.c.id)
        wanted = (
            select(*self.columns, cases.c.sums, *STANDING_COLUMNS)
            .select_from(rows)
            .where(given)
            .order_by(*order)
        )
        return PreparedStatement(as_system(reason, wanted) if reason else wanted)

    def of_case(self, reader: Reader, statement: PreparedStatement, case_id: str) -> list[Kind]:
        """All rows of a case in this table, checked: none was put back or taken away.

        Args:
            statement: as `reads_of_case` gives it.
        Raises:
            RowRefused: one was, or one was not written by this installation.
        """
        found = reader.all(lambda *row: row, statement, {CASE: case_id})
        width = len(self.columns)
        rows = (row[:width] for row in found if row[0] is not None)
        known = list(self._checked(reader, rows))
        if found:
            sums, *standing = found[0][width:]
            macs = (mac for _, mac in known)
            stands = tuple(standing)
            row_sums.compare(reader, self._table.name, case_id, stands, sums, macs)
        return [row for row, _ in known]

    def genuine(
        self, reader: Reader, rows: Iterable[Sequence[Any]], *, listed: bool = False
    ) -> list[Kind]:
        """Those of some rows of `columns` that this installation has written.

        Raises:
            RowRefused: as `all` does.
        """
        return [row for row, _ in self._checked(reader, rows, listed=listed)]

    def _checked(
        self, reader: Reader, rows: Iterable[Sequence[Any]], *, listed: bool = False
    ) -> Iterator[tuple[Kind, bytes]]:
        """Those of some rows that this installation has written, each with its MAC.

        Raises:
            RowRefused: as `all` does.
        """
        for *fields, mac in rows:
            row = self._kind(*fields)
            if self.is_genuine(reader, row, mac, listed=listed):
                yield row, mac

    def is_genuine(
        self, reader: Reader, row: Kind, mac: bytes | None, *, listed: bool = False
    ) -> bool:
        """Whether this installation has written a row.

        Raises:
            RowRefused: as `all` does.
        """
        if hmac.compare_digest(self.mac(reader, row), mac or b""):
            return True
        self._refuse(reader, row, stops=self._refused is Refused.STOPS and not listed)
        return False

    def add(self, writer: Writer, *rows: Kind, stream: str = "") -> None:
        """Put in rows, each with its MAC.

        Args:
            stream: of the ledger, whose next entry binds them; "" for a table that none binds.
        """
        made = [(row, self.mac(writer, row)) for row in rows]
        writer.later(self._add, [{**values(row), MAC: mac} for row, mac in made])
        for row, mac in made:
            self._note(writer, row, now=mac)
            self._bind(writer, stream, row)

    def change(self, writer: Writer, before: Kind, after: Kind, *, stream: str = "") -> None:
        """Change a row that is still as it was read; perhaps only before the next question.

        Raises:
            CaseMoved: somebody was faster, or the row was not written by this installation.
        """
        was, now = values(before), values(after)
        names = tuple(name for name in now if now[name] != was[name])
        given = {f"b_{name}": was[name] for name in self._key}
        given |= {f"b_new_{name}": now[name] for name in names}
        mac_before, mac_after = self.mac(writer, before), self.mac(writer, after)
        given |= {"b_before": mac_before, "b_mac": mac_after}
        writer.later(self._change_of(names), given, exactly=1)
        self._note(writer, after, was=mac_before, now=mac_after)
        self._bind(writer, stream, after)

    def try_change(
        self,
        tx: Tx,
        statement: PreparedStatement,
        given: Mapping[str, object],
        before: Kind,
        after: Kind,
        *,
        stream: str = "",
    ) -> bool:
        """Change a row by a statement of its own, which compares the MAC with `b_before` and sets
        it to `b_mac`; False when the row is not as it was, or as the statement wants it.
        """
        macs = {"b_before": self.mac(tx, before), "b_mac": self.mac(tx, after)}
        if tx.run(statement, {**given, **macs}) != 1:
            return False
        self._bind(tx, stream, after)
        return True

    def drop(self, writer: Writer, row: Kind, *, stream: str = "") -> None:
        """Delete a row that is still as it was read.

        Raises:
            CaseMoved: as `change` does.
        """
        key = {name: values(row)[name] for name in self._key}
        given = {f"b_{name}": value for name, value in key.items()}
        given["b_before"] = self.mac(writer, row)
        writer.later(self._drop, given, exactly=1)
        self._note(writer, row, was=self.mac(writer, row))
        if self._is_bound:
            unbind(writer, stream, self._table.name, key)

    def mac(self, given: Reader | Writer, row: Kind) -> bytes:
        """The MAC of a row, for a statement that writes it in another way."""
        return row_maker(given)(self._form.packed(self._covered(row)))

    def _note(self, writer: Writer, row: Kind, *, was: bytes = b"", now: bytes = b"") -> None:
        """Let the row of the case bear the difference in its sums, where rows are summed."""
        case_id: str | None = getattr(row, CASE) if self._is_summed else None
        if case_id is not None:
            row_sums.note(writer, self._table.name, case_id, was=was, now=now)

    def _bind(self, writer: Writer, stream: str, row: Kind) -> None:
        if self._is_bound:
            bind(writer, stream, self._table.name, row)

    def _change_of(self, names: tuple[str, ...]) -> PreparedStatement:
        """The statement that changes these columns, and the MAC."""
        if names not in self._changes:
            new: dict[str, Any] = {name: bindparam(f"b_new_{name}") for name in names}
            one = update(self._table).where(*self._same, self._table.c[MAC] == _BEFORE)
            self._changes[names] = PreparedStatement(one.values({**new, MAC: bindparam("b_mac")}))
        return self._changes[names]

    def _refuse(self, reader: Reader, row: Kind, *, stops: bool) -> None:
        """Name a row in the log and to who began the transaction, and stop where it must.

        Raises:
            RowRefused: it stops.
        """
        given = values(row)
        person = given.get("person_id", "")
        case = given["id"] if self._table.name == "cases" else given.get(CASE) or ""
        log.error("row_refused", where=self._table.name, person=person, case=case)
        refused = RowRefused(table=self._table.name, case=case)
        if stops:
            raise refused
        reader.refused.append(refused)


def give_mac(tx: Tx, table: str, row: RowValues, mac: bytes | None) -> None:
    """Give a row its MAC, or take it: for the upgrade alone, which has compared it with the ledger,
    or compares it with the replay of its case then.
    """
    keys = metadata.tables[table].primary_key
    tx.run(_give_mac(table), {**{f"b_{key.name}": row[key.name] for key in keys}, "b_mac": mac})


@cache
def _give_mac(table: str) -> PreparedStatement:
    found = metadata.tables[table]
    same = (key == bindparam(f"b_{key.name}") for key in found.primary_key)
    return PreparedStatement(update(found).where(*same).values({MAC: bindparam("b_mac")}))
