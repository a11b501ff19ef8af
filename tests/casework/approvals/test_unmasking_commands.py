"""The commands of unmasking do what the mechanism does, each in one transaction."""

from __future__ import annotations

from functools import partial

from service.casework.approvals import requests, unmasking
from tests.casework.approvals.conftest import REASON, Audit


def test_asking_deciding_and_ending_are_commands(audit: Audit) -> None:
    id_ = audit.do(
        partial(unmasking.ask, case_id=audit.case, classes=("C1",), reason=REASON), by=audit.greta
    )
    audit.do(partial(unmasking.decide, id_=id_, approve=True), by=audit.disa)
    assert audit.look().opened is not None
    audit.do(partial(requests.end, id_=id_), by=audit.disa)
    assert audit.look().opened is None


def test_a_no_is_the_same_command(audit: Audit) -> None:
    id_ = audit.do(
        partial(unmasking.ask, case_id=audit.case, classes=("C1",), reason=REASON), by=audit.greta
    )
    audit.do(partial(unmasking.decide, id_=id_, approve=False, reason="No need"), by=audit.disa)
    assert audit.look().opened is None
