"""What was verified and handed out stands in the ledger, its reason sealed."""

from __future__ import annotations

import json
from contextlib import suppress

from service.actions.context import Actor
from service.actions.history.proof.records import record_case_export, record_verification
from service.actions.history.verify import VerifyReport
from service.actions.ledger_entries import open_reason
from service.store.installation import ledger_entries
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
        record_case_export(
            tx,
            services,
            by=BY,
            now=now,
            case_id=proven.case,
            what="proof",
            scope=["case"],
            digest="0" * 64,
            reason="for the court",
        )
        export, verified = ledger_entries.latest(tx, stream, kinds=["export", "verified"])
        assert json.loads(verified.body) == {"faults": 0, "lines": 9}
        body = json.loads(export.body)
        assert (body["what"], body["scope"], body["digest"]) == ("proof", ["case"], "0" * 64)
        key = services.key(tx, f"case:{proven.case}")
        assert open_reason(key, stream, BY.id, body["word"]) == "for the court"
        raise RolledBack
