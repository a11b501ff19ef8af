"""What waits for a second person, and what somebody has asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from service.casework.approvals import protected_acts, requests
from service.casework.approvals.waiting_list import load_approval_lists, what_text
from tests.support.world import World


def test_a_request_waits_for_others_and_stands_among_ones_own(desk: World, case_id: str) -> None:
    case = case_id
    services, now, sara, stina = (
        desk.program.services,
        desk.clock.now(),
        desk.viewer(),
        desk.viewer("stina"),
    )
    kind = protected_acts.PRINT_CASE
    with desk.database.transaction() as tx:
        requests.ask(
            tx,
            services,
            by=sara,
            now=now,
            kind=kind,
            case_id=case,
            subjects={},
            digest=protected_acts.digest(kind, case, ""),
            reason="the court asks",
        )
    nils = replace(stina, person="p_nils", office="other", roles=frozenset({"data-protection"}))
    with desk.database.transaction(write=False) as tx:
        own = load_approval_lists(tx, services, sara, now)
        others = [load_approval_lists(tx, services, who, now) for who in (stina, nils)]
        stranger = load_approval_lists(tx, services, replace(stina, office="other"), now)
        late = load_approval_lists(tx, services, sara, now + timedelta(days=4))
    assert (len(own.waiting), [row.state for row in own.own]) == (0, ["asked"])
    assert [row.state for row in late.own] == ["expired"]
    for lists in others:
        (row,) = lists.waiting
        assert (row.reason, row.ref) == ("the court asks", desk.case(case).ref)
        assert "Sara" in row.who
    assert stranger.waiting == ()


def test_a_kind_without_words_is_called_by_its_code() -> None:
    assert what_text("print_case", "en") == "Print a case of a protected identity"
    assert what_text("unknown", "en") == "unknown"
