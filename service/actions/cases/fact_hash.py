"""The hash of a fact, which chains the history of a case.

The keys are part of the hash and kept for ever, whatever the fields of `Fact` are called. A further
field of a fact is a new format, with a version of its own.
"""

from __future__ import annotations

from service.security import ledger
from service.store.casefile.facts import Fact


def fact_hash(fact: Fact) -> str:
    """Digest of all columns of a fact that are not sealed, the hash of the fact before it
    included.
    """
    return ledger.digest(
        {
            "case_id": fact.case_id,
            "rev": fact.rev,
            "at": ledger.moment(fact.at),
            "actor": fact.actor,
            "office": fact.office,
            "kind": fact.kind,
            "element": fact.element,
            "nth": fact.nth,
            "work_id": fact.work_id,
            "release_id": fact.release_id,
            "definition": fact.definition,
            "engine": fact.engine,
            "stimulus": fact.stimulus,
            "steps": fact.steps,
            "open_after": fact.open_after,
            "state": fact.state,
            "prev_hash": fact.prev_hash,
        }
    )
