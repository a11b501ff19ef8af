"""What was verified and handed out stands in the ledger, its reason sealed."""

from __future__ import annotations

import json
from contextlib import suppress

from service.audit.proof.proof_bundle import ProofOrder
from service.audit.proof.proof_entries import record_bundle, record_verification
from service.audit.verify import VerifyReport
from service.records.context import Actor
from service.records.ledger_append import open_reason
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.writing import write_last
from tests.support.proven import Proven

BY = Actor("p_sara", "o_north")


class RolledBack(Exception):
    """Ends a transaction without a commit."""


def test_an_export_and_a_verification_are_entries(proven: Proven) -> None:
    services, now = proven.world.program.services, proven.world.clock.now()
    stream = f"reads/{proven.case}"
    with suppress(RolledBack), proven.world.database.transaction() as tx:
        record_verification(
            tx, by=BY, now=now, case_id=proven.case, report=VerifyReport(1, 3, 9, ())
        )
        found = cases.get(tx, proven.case)
        assert found is not None
        order, made = ProofOrder((found,), answers=True), proven.made
        record_bundle(tx, services, order, made, by=BY, now=now, reason="for the court")
        write_last(tx)
        export, verified = ledger_entries.latest(tx, stream, kinds=["export", "verified"])
        assert json.loads(verified.body) == {"faults": 0, "lines": 9}
        body = json.loads(export.body)
        assert (body["what"], body["digest"]) == ("proof", made.digest)
        assert body["scope"] == ["case", "reads", "release", "C0"]
        key = services.key(tx, f"case:{proven.case}")
        assert open_reason(key, stream, BY.id, body["word"]) == "for the court"
        raise RolledBack
