"""The one collection of tables, with names for every rule so that migrations can speak of them."""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import MetaData, Table

DECIDES: Final = "decides"
"""Under this name the `info` of a table says whether its rows decide something."""


def decides(**exempt: str) -> dict[str, Any]:
    """What the `info` of a table says whose rows decide something, or are acted on: each bears a
    MAC, which is checked when it is used (`checked_rows`).

    Args:
        exempt: columns that the MAC does not cover, and why.
    """
    return {DECIDES: exempt}


def decides_something(table: Table) -> bool:
    """Whether the rows of a table bear a MAC of their own."""
    return not isinstance(table.info[DECIDES], str)


def checked_elsewhere(how: str) -> dict[str, Any]:
    """What the `info` of a table says whose rows bear no MAC: what keeps a forged one harmless."""
    return {DECIDES: how}


metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)
