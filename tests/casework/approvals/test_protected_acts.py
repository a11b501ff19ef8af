"""An act on a protected identity needs an approval; on every other case none."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.casework.approvals import protected_acts
from service.errors import ApprovalNeeded
from tests.support.world import World


def test_only_a_protected_identity_needs_an_approval(desk: World, case_id: str) -> None:
    case = desk.case(case_id)
    about: dict[str, Any] = {
        "by": desk.viewer(),
        "now": desk.clock.now(),
        "kind": protected_acts.PRINT_CASE,
    }
    with desk.database.transaction() as tx:
        for marking in ("NONE", "PROGRAMME_PROTECTED"):
            ordinary = replace(case, marking=marking)
            protected_acts.use_if_protected(tx, case=ordinary, **about)
        protected = replace(case, marking="SKYDDAD_FOLKBOKFORING")
        with pytest.raises(ApprovalNeeded) as refused:
            protected_acts.use_if_protected(tx, case=protected, subject="s", **about)
    assert refused.value.facts == {"case": case.id, "kind": "print_case", "subject": "s"}


def test_another_act_or_subject_has_another_digest() -> None:
    made = {
        protected_acts.digest(kind, case, subject)
        for kind in (protected_acts.PRINT_CASE, protected_acts.PRINT_TASK)
        for case in ("a", "b")
        for subject in ("", "x")
    }
    assert len(made) == 8
