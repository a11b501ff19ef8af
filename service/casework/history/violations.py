"""Violations of invariants that `tresteg verify` reports, and how checks collect them.

Source: trust.md 9.2 (invariants I1 to I12).
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.errors import CannotOpen, TrestegError
from service.security.records import LedgerEntry


@dataclass(frozen=True, slots=True)
class Violation:
    """One violation: which invariant, in which case, at which fact or row, expected and found.

    Never a value of a person.
    """

    invariant: str
    case: str
    place: str
    expected: str
    found: str

    def __str__(self) -> str:
        about = f"{self.case} {self.place}: {self.invariant}"
        return f"{about}: expected {self.expected}, found {self.found}"


def cannot_open(case_id: str, place: str) -> Violation:
    """I11: a sealed value does not open."""
    return Violation("I11", case_id, place, "a box that opens", "one that does not")


def entry_body(entry: LedgerEntry) -> dict[str, int | str | dict[str, str]]:
    """Read the body of a ledger entry; empty when it is no JSON object."""
    try:
        body = json.loads(entry.body)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


@contextmanager
def collecting(faults: list[Violation], invariant: str, case_id: str, place: str) -> Iterator[None]:
    """Report a row that breaks a check as a violation; those found before it are kept."""
    try:
        yield
    except CannotOpen as e:
        faults.append(cannot_open(case_id, str(e.facts.get("table", place))))
    except TrestegError as e:
        found = f"{e.code}: {e}"
        faults.append(Violation(invariant, case_id, place, "what this program takes", found))
    except Exception as e:  # noqa: BLE001 - whatever a damaged row does, it is named
        found = type(e).__name__
        faults.append(Violation(invariant, case_id, place, "rows that can be read", found))
