"""The commands of unmasking do what the mechanism does, each in one transaction."""

from __future__ import annotations

from service.casework.approvals.unmasking import (
    AskUnmasking,
    DecideUnmasking,
    EndUnmasking,
)
from tests.casework.approvals.conftest import REASON, Audit


def test_asking_deciding_and_ending_are_commands(audit: Audit) -> None:
    id_ = audit.do(AskUnmasking(audit.case, ("C1",), REASON), by=audit.greta)
    audit.do(DecideUnmasking(id_, approve=True), by=audit.disa)
    assert audit.look().opened is not None
    audit.do(EndUnmasking(id_), by=audit.disa)
    assert audit.look().opened is None


def test_a_no_is_the_same_command(audit: Audit) -> None:
    id_ = audit.do(AskUnmasking(audit.case, ("C1",), REASON), by=audit.greta)
    audit.do(DecideUnmasking(id_, approve=False, reason="No need"), by=audit.disa)
    assert audit.look().opened is None
