"""Violations of invariants that `tresteg verify` reports, and how checks collect them.

I1   A request that was acknowledged is a fact or an entry; a fact's effect is in the snapshot.
I2   A task is completed at most once, and the answer of a job is taken at most once.
I3   Facts of a case are numbered without gap; played again they give the stored snapshot byte for
     byte, and the rows that follow from it: open tasks, jobs, lists.
I4   A due timer fires once and never before it is due; no armed timer is without a job.
I5   A letter has one key, and each delivered mail belongs to a letter.
I6   No lease is older than its limit.
I7   Of two answers to one task one wins, and the other one is refused.
I8   No case is closed without an end event that was reached; none is open with nothing open.
I9   One idempotency key has one answer and one effect.
I10  Each fact, release and act has its ledger entry; chains are whole, and checkpoints hold them.
I11  Sealed values and keys open where they belong, and rows that decide are those that were bound.
I12  A grant, task, job, letter, file or referral points to a case, office and role that exist.

A database at rest shows I2 to I4, I6, I8 and I10 to I12; the others show under load and faults.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from service.errors import CannotOpen, TrestegError
from service.security.records import LedgerEntry
from service.store.at_hand import NotLoaded


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
    except NotLoaded:
        raise  # a fault of this program, not of a row
    except CannotOpen as e:
        faults.append(cannot_open(case_id, str(e.facts.get("table", place))))
    except TrestegError as e:
        found = f"{e.code}: {e}"
        faults.append(Violation(invariant, case_id, place, "what this program takes", found))
    except Exception as e:  # noqa: BLE001 - whatever a damaged row does, it is named
        found = type(e).__name__
        faults.append(Violation(invariant, case_id, place, "rows that can be read", found))
