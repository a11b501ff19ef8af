"""Rows are frozen dataclasses whose fields are named as the columns."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sqlalchemy import ColumnElement, FromClause


Kind = TypeVar("Kind")
NAMES: dict[type, tuple[str, ...]] = {}


def names_of(kind: type) -> tuple[str, ...]:
    """Names of the fields of a row, looked up once a class, because every turn asks for them."""
    if kind not in NAMES:
        NAMES[kind] = tuple(field.name for field in fields(kind))
    return NAMES[kind]


def columns(table: FromClause, kind: type) -> list[ColumnElement[Any]]:
    """The columns that fill `kind`, in the order of its fields."""
    return [table.c[name] for name in names_of(kind)]


def values(row: object) -> dict[str, Any]:
    """The fields of a row, as a statement takes them."""
    return {name: getattr(row, name) for name in names_of(type(row))}


def from_mapping(kind: type[Kind], row: Mapping[str, Any]) -> Kind:
    """A row of this kind, from columns by name; others are left out."""
    return kind(**{name: row[name] for name in names_of(kind)})


def width(kind: type) -> int:
    """How many columns `kind` takes."""
    return len(names_of(kind))
