"""The format of a fact: the digest of what it shows, and where its sealed values lie.

The keys of the digest, the purposes and the places are kept for ever, whatever the fields of `Fact`
are called. A further field of a fact is a new format, with a version of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.errors import CannotOpen
from service.records.case_keys import CaseKeys
from service.security import ledger_lines
from service.security.vault import OwnerKey
from service.store.casefile.facts import COLUMN, Fact

ROUTING: Final = "routing"
PURPOSES: Final[Mapping[str, str]] = {
    ROUTING: "routing",
    **{column: f"answers/{klass}" for klass, column in COLUMN.items()},
}
"""Column of `fact_payload` to the purpose of its key."""
CLASS_OF: Final[Mapping[str, str]] = {column: klass for klass, column in COLUMN.items()}


def place(case_id: str, rev: int, column: str) -> dict[str, str]:
    """What a sealed value of a fact is bound to; it opens nowhere else."""
    return {"table": "fact_payload", "column": column, "row": case_id, "extra": str(rev)}


def key_of(keys: CaseKeys, office: str, column: str) -> OwnerKey:
    """The key of a sealed value of a fact that an office made.

    Raises:
        CannotOpen: it is erased.
    """
    return keys.require_own() if column == ROUTING else keys.of(office, CLASS_OF[column])


def open_value(
    key: OwnerKey, case_id: str, rev: int, column: str, sealed: bytes | None
) -> tuple[bytes, bytes]:
    """A sealed value of a fact, as canonical JSON, and the key of its commitment.

    Raises:
        CannotOpen: there is none, or it is not what was sealed there.
    """
    where = place(case_id, rev, column)
    if sealed is None:
        raise CannotOpen(owner=key.owner, table=where["table"], column=column)
    return key.open_committed(PURPOSES[column], sealed, **where)


def fact_content(fact: Fact) -> dict[str, ledger_lines.Canonical]:
    """Everything in a fact that is not sealed, as its ledger entry binds it."""
    return {
        "case_id": fact.case_id,
        "rev": fact.rev,
        "at": ledger_lines.moment(fact.at),
        "actor": fact.actor,
        "office": fact.office,
        "kind": fact.kind,
        "element": fact.element,
        "nth": fact.nth,
        "work_id": fact.work_id,
        "form": fact.form,
        "release_id": fact.release_id,
        "engine": fact.engine,
        "stimulus": fact.turn.stimulus,
        "steps": fact.turn.steps,
        "open": fact.turn.open,
        "state": fact.state,
    }


def fact_hash(fact: Fact) -> str:
    """Digest of everything in a fact that is not sealed, hex."""
    return ledger_lines.digest(fact_content(fact))
