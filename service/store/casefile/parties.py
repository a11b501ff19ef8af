"""Parties of a case: which office holds which role."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.store.checked_rows import CheckedRows, Refused
from service.store.tables import party

if TYPE_CHECKING:
    from service.store.at_hand import Reader
    from service.store.changes import Writer


@dataclass(frozen=True, slots=True)
class Party:
    """An office that holds a role in a case."""

    case_id: str
    role: str
    office_id: str


ROWS = CheckedRows(party, Party, Refused.STOPS)
OF_CASE = ROWS.reads_of_case()


def of_case(reader: Reader, case_id: str) -> dict[str, str]:
    """Office by role."""
    return {row.role: row.office_id for row in ROWS.of_case(reader, OF_CASE, case_id)}


def bind(
    writer: Writer, case_id: str, offices: Mapping[str, str], known: Mapping[str, str]
) -> None:
    """Set the offices of these roles; other roles stay as they are.

    Args:
        offices: role to office; "" for a role that nobody holds any more.
        known: role to office, as the case was loaded.
    """
    stream = f"case/{case_id}"
    for role, office in sorted(offices.items()):
        before = Party(case_id, role, known[role]) if role in known else None
        after = Party(case_id, role, office) if office else None
        if before is None and after is not None:
            ROWS.add(writer, after, stream=stream)
        elif before is not None and after is not None:
            ROWS.change(writer, before, after, stream=stream)
        elif before is not None:
            ROWS.drop(writer, before, stream=stream)
