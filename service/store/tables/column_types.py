"""Column types: what a column may hold.

Every kind is closed, sealed or secret; open text in plain sight needs a written reason.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from sqlalchemy import BigInteger, Column, Date, Integer, LargeBinary, String, Text
from sqlalchemy.dialects.postgresql import TIMESTAMP
from sqlalchemy.types import TypeDecorator

from service.security.packing import pack, unpack

if TYPE_CHECKING:
    from collections.abc import Callable

    from sqlalchemy.engine import Dialect
    from sqlalchemy.types import TypeEngine

DriverValue: TypeAlias = Any
"""A value as a driver takes or gives it; its kind differs by database."""
JsonValue: TypeAlias = Any
"""A value of any of JSON's kinds."""
ColumnArgument: TypeAlias = Any
"""An argument as SQLAlchemy's `Column` takes it."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
NAIVE: Final = "a moment without a zone"
DISTANT: Final = datetime(9999, 12, 31, tzinfo=UTC)
"""What an order takes where there is no moment."""


class Id(String):
    """An id, a code or an enum value of the program or a release: never what a person typed."""

    cache_ok = True


class Number(Integer):
    """A whole number."""


class LargeNumber(BigInteger):
    """A whole number of more than 31 bits."""


class Day(Date):
    """A calendar day of the process."""


class OpenText(Text):
    """Plain text that somebody typed, with the reason why it may lie open."""

    cache_ok = True

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def __repr__(self) -> str:
        """The same for every reason, so that a reworded one is no change of the schema."""
        return "OpenText()"


class PlainBytes(LargeBinary):
    """Bytes that both drivers take and give as they are."""

    def bind_processor(self, dialect: Dialect) -> None:
        """None: as they are."""

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """None: as they are."""


class OpenBytes(TypeDecorator[bytes]):
    """Plain bytes, with the reason why they may lie open."""

    impl = PlainBytes
    cache_ok = True

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason


class Moment(TypeDecorator[datetime]):
    """An aware moment in UTC: microseconds since 1970 on SQLite, `timestamptz` on PostgreSQL.

    A naive one is refused.
    """

    impl = BigInteger
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """The database's own kind."""
        return dialect.type_descriptor(
            TIMESTAMP(timezone=True) if dialect.name == "postgresql" else BigInteger()
        )

    def bind_processor(self, dialect: Dialect) -> Callable[[datetime | None], DriverValue]:
        """What makes a driver's value of one; past the two calls of a `TypeDecorator`, since each
        turn writes thirty.
        """
        return _with_zone if dialect.name == "postgresql" else _microseconds

    def result_processor(
        self,
        dialect: Dialect,
        coltype: object,  # noqa: ARG002 - as SQLAlchemy calls it
    ) -> Callable[[DriverValue], datetime | None] | None:
        """What makes one of a driver's value; None where it is taken as it comes."""
        return _in_utc if dialect.name == "postgresql" else _moment


def _with_zone(value: datetime | None) -> datetime | None:
    if value is not None and value.tzinfo is None:
        raise ValueError(NAIVE)
    return value


def _microseconds(value: datetime | None) -> int | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise ValueError(NAIVE)
    return (value - EPOCH) // MICROSECOND


def _in_utc(value: datetime | None) -> datetime | None:
    return None if value is None else value.astimezone(UTC)


def _moment(value: int | None) -> datetime | None:
    return None if value is None else EPOCH + value * MICROSECOND


class MomentAsKept(Moment):
    """A moment that stays as the database keeps it until `moment_of` converts it: for results of
    which few rows are looked at.
    """

    cache_ok = True

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """None: as it comes."""


def moment_of(kept: DriverValue) -> datetime:
    """A moment that was read as the database keeps it."""
    if isinstance(kept, datetime):
        return kept.astimezone(UTC)
    found: datetime = EPOCH + kept * MICROSECOND
    return found


class Json(TypeDecorator[Any]):
    """Compact JSON text of ids, codes and numbers, with the reason why it may lie open."""

    impl = Text
    cache_ok = True

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same on both databases
        """To the database."""
        return None if value is None else compact(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> JsonValue:  # noqa: ARG002 - the same on both databases
        """From the database."""
        return None if value is None else json.loads(value)


class PackedText(TypeDecorator[str]):
    """Plain text of the program in few bytes, with the reason why it may lie open."""

    impl = PlainBytes
    cache_ok = True

    def __init__(self, reason: str = "") -> None:
        super().__init__()
        self.reason = reason

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - the same on both databases
        """To the database."""
        return None if value is None else pack(value.encode())

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same on both databases
        """From the database."""
        return None if value is None else unpack(value).decode()


class PackedJson(PackedText):
    """Compact JSON of ids, codes and numbers in few bytes, with the reason why it may lie open."""

    cache_ok = True

    def process_bind_param(self, value: JsonValue, dialect: Dialect) -> bytes | None:
        """To the database."""
        return None if value is None else super().process_bind_param(compact(value), dialect)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> JsonValue:
        """From the database."""
        text = super().process_result_value(value, dialect)
        return None if text is None else json.loads(text)


class Hash(TypeDecorator[str]):
    """A SHA-256 or a part of one: hex text in the code, half as many bytes in the database."""

    impl = PlainBytes
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:  # noqa: ARG002 - the same on both databases
        """To the database."""
        return None if value is None else bytes.fromhex(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:  # noqa: ARG002 - the same on both databases
        """From the database."""
        return None if value is None else value.hex()


class Sealed(TypeDecorator[bytes]):
    """A sealed value of the vault: the only kind for the classes C1 to C3."""

    impl = PlainBytes
    cache_ok = True


class Digest(TypeDecorator[bytes]):
    """A keyed or plain digest of a secret, compared only."""

    impl = PlainBytes
    cache_ok = True


class Wrapped(TypeDecorator[bytes]):
    """A key under another key, or a password's slow hash."""

    impl = PlainBytes
    cache_ok = True


def compact(value: JsonValue) -> str:
    """JSON text as a column of JSON keeps it: in one way, whatever the order of its keys."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)


def plain(
    name: str,
    kind: TypeEngine[Any],
    *rules: ColumnArgument,
    empty: bool = False,
    **more: ColumnArgument,
) -> Column[Any]:
    """A column of class C0."""
    return Column(name, kind, *rules, nullable=empty, info={"class": "C0"}, **more)


def sealed(name: str, klass: str, *, empty: bool = False) -> Column[bytes]:
    """A column of class C1, C2 or C3: sealed."""
    return Column(name, Sealed(), nullable=empty, info={"class": klass})


def secret(
    name: str,
    kind: TypeEngine[Any],
    *,
    empty: bool = False,
    **more: ColumnArgument,
) -> Column[Any]:
    """A column that is never shown, logged or exported."""
    return Column(name, kind, nullable=empty, info={"class": "secret"}, **more)
