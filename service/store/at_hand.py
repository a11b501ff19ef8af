"""Rows at hand: what a batch of questions brought, as a value.

Whoever decides is handed these rows and no transaction. The functions of `service.store` that read
take either (`Reader`): from a transaction they ask, here they find. What was not loaded is not
fetched: `NotLoaded` names it, and the load of that act has to ask for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias, TypeVar

from service.store.prepared import PreparedStatement

if TYPE_CHECKING:
    from sqlalchemy import Executable

    from service.errors import RowRefused
    from service.store.changes import RowMac

Kind = TypeVar("Kind")
Read: TypeAlias = "tuple[PreparedStatement, Mapping[str, object]]"
"""A statement that asks, with its values."""
Question: TypeAlias = "tuple[PreparedStatement, frozenset[tuple[str, object]]]"
"""The same as a key: statements with equal values are one question."""
NOTHING: Mapping[str, object] = {}
NO_SUMS: Mapping[str, Mapping[str, int]] = {}


class NotLoaded(Exception):
    """What decides asked for rows that its load did not bring. A fault of this program."""

    def __init__(self, statement: object, values: Mapping[str, object]) -> None:
        names = ", ".join(sorted(values))
        super().__init__(f"not loaded, with values for {names or 'nothing'}: {statement}")


class Reader(Protocol):
    """Who gives rows: a transaction, which asks, or `AtHand`, which was loaded."""

    @property
    def row_mac(self) -> RowMac | None:
        """Computes the MACs of rows; None in a database that was handed no key for them."""

    @property
    def refused(self) -> list[RowRefused]:
        """Rows that were left out because this installation has not written them."""

    @property
    def unwritten_sums(self) -> Mapping[str, Mapping[str, int]]:
        """Case to table and difference of sums that the row of the case does not bear yet."""

    def one(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> Kind | None:
        """The first row as `kind`, or None."""

    def all(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> list[Kind]:
        """Every row as `kind`."""

    def value(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401 - one column of any kind
        """The first column of the first row, or None."""


def question(statement: PreparedStatement, values: Mapping[str, object]) -> Question:
    """A question as a key."""
    return statement, frozenset(values.items())


class AtHand:
    """Rows of some questions. Two are equal when they were answered alike.

    Args:
        rows: each question to its rows, as the code reads them.
        refused: where rows are noted that this installation has not written.
    """

    def __init__(
        self,
        row_mac: RowMac | None,
        refused: list[RowRefused],
        rows: Mapping[Question, Sequence[Sequence[Any]]],
        unwritten_sums: Mapping[str, Mapping[str, int]] = NO_SUMS,
    ) -> None:
        self.row_mac = row_mac
        self.refused = refused
        self.unwritten_sums = unwritten_sums
        self._rows = dict(rows)
        self.kept: dict[str, Any] = {}
        """What was worked out of these rows, such as answers that were opened."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AtHand) and self._rows == other._rows

    __hash__ = None  # type: ignore[assignment]  # rows may hold lists

    def take(self, more: AtHand) -> None:
        """Have the rows of another batch too. A load does it; whoever decides only finds."""
        self._rows.update(more._rows)

    def known(
        self,
        kind: Callable[..., Kind],
        statement: PreparedStatement,
        values: Mapping[str, object],
    ) -> list[Kind] | None:
        """Every row as `kind`, if that was loaded; None when it was not."""
        rows = self._rows.get(question(statement, values))
        return None if rows is None else [kind(*row) for row in rows]

    def also_as(self, pairs: Iterable[tuple[Read, Read]]) -> AtHand:
        """The same rows, and those of a question as the answer of another that means the same.

        Args:
            pairs: what was asked, and what it is known as from now on.
        """
        rows = dict(self._rows)
        for asked, known in pairs:
            rows[question(*known)] = rows[question(*asked)]
        return AtHand(self.row_mac, self.refused, rows, self.unwritten_sums)

    def one(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> Kind | None:
        """The first row as `kind`, or None.

        Raises:
            NotLoaded: nobody asked for it.
        """
        found = self._found(statement, values or NOTHING)
        return kind(*found[0]) if found else None

    def all(
        self,
        kind: Callable[..., Kind],
        statement: Executable | PreparedStatement,
        values: Mapping[str, object] | None = None,
    ) -> list[Kind]:
        """Every row as `kind`.

        Raises:
            NotLoaded: nobody asked for it.
        """
        return [kind(*row) for row in self._found(statement, values or NOTHING)]

    def value(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object] | None = None
    ) -> Any:  # noqa: ANN401 - one column of any kind
        """The first column of the first row, or None.

        Raises:
            NotLoaded: nobody asked for it.
        """
        return self.one(lambda first, *_more: first, statement, values)

    def _found(
        self, statement: Executable | PreparedStatement, values: Mapping[str, object]
    ) -> Sequence[Sequence[Any]]:
        found: Sequence[Sequence[Any]] | None = None
        if isinstance(statement, PreparedStatement):
            found = self._rows.get(question(statement, values))
        if found is None:
            raise NotLoaded(getattr(statement, "statement", statement), values)
        return found


def known(
    reader: Reader,
    kind: Callable[..., Kind],
    statement: PreparedStatement,
    values: Mapping[str, object],
) -> list[Kind] | None:
    """Rows of a wider question, if they are at hand; None when they are not."""
    return reader.known(kind, statement, values) if isinstance(reader, AtHand) else None


def worked_out(reader: Reader) -> dict[str, Any]:
    """Where what was worked out of rows at hand is kept, such as opened answers; of a transaction
    nothing is.
    """
    return reader.kept if isinstance(reader, AtHand) else {}
