"""The protection marking is changed with a reason, by offices whose role may."""

from __future__ import annotations

from typing import Any

import pytest

from service.access import Viewer
from service.casework.cases.protection import LONGEST, check_reason, may_mark, set_marking
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, Stale
from service.store.casefile import parties
from service.store.installation import ledger_entries, offices
from service.store.transaction import Tx
from service.store.writing import write_last
from tests.casework.cases.conftest import BOARD
from tests.support.directory import ROLE
from tests.support.world import NOON, World

OFFICER = Viewer("p_stina", BOARD.id, frozenset({"CaseApprover"}))


@pytest.fixture
def marked(desk: World, case_id: str, tx: Tx) -> dict[str, Any]:
    """What a change of the marking is called with, in a case that the board approves."""
    offices.add(tx, BOARD)
    parties.bind(tx, case_id, {"CaseApprover": BOARD.id}, parties.of_case(tx, case_id))
    return {"services": desk.program.services, "now": NOON, "case_id": case_id}


def test_a_marking_is_kept_and_its_reason_sealed(
    case_id: str, tx: Tx, marked: dict[str, Any]
) -> None:
    set_marking(tx, by=OFFICER, marking="SEKRETESSMARKERING", reason=" a threat ", **marked)
    write_last(tx)
    (entry,) = ledger_entries.latest(tx, f"case/{case_id}", kinds=["marking"])
    assert "threat" not in entry.body
    assert entry.actor == "p_stina"
    set_marking(tx, by=OFFICER, marking="SEKRETESSMARKERING", reason="again", **marked)
    write_last(tx)
    assert len(ledger_entries.latest(tx, f"case/{case_id}", kinds=["marking"])) == 1


def test_an_office_without_part_finds_no_case(tx: Tx, marked: dict[str, Any]) -> None:
    stranger = Viewer("p_x", "elsewhere", frozenset({"CaseApprover"}))
    with pytest.raises(NotFound):
        set_marking(tx, by=stranger, marking="NONE", reason="r", **marked)


def test_a_role_that_may_not_is_refused(desk: World, tx: Tx, marked: dict[str, Any]) -> None:
    with pytest.raises(NotAllowed):
        set_marking(tx, by=desk.viewer(), marking="NONE", reason="r", **marked)


def test_a_marking_that_changed_meanwhile_is_stale(tx: Tx, marked: dict[str, Any]) -> None:
    with pytest.raises(Stale):
        set_marking(tx, by=OFFICER, marking="NONE", reason="r", was="FINGERADE_UPPGIFTER", **marked)


def test_all_faults_are_named_at_once(tx: Tx, marked: dict[str, Any]) -> None:
    with pytest.raises(InvalidAnswers) as refused:
        set_marking(tx, by=OFFICER, marking="UNKNOWN", reason=" ", **marked)
    assert [fault.path for fault in refused.value.faults] == ["marking", "why"]


def test_who_may_mark_holds_the_role_for_her_office(desk: World) -> None:
    services = desk.program.services
    configuration = services.programme.configuration
    assert may_mark(configuration, OFFICER, {"CaseApprover": BOARD.id})
    assert not may_mark(configuration, OFFICER, {"CaseApprover": "another"})
    assert not may_mark(configuration, desk.viewer(), {ROLE: "social"})


def test_a_reason_is_neither_empty_nor_too_long() -> None:
    check_reason("r" * LONGEST)
    for reason, key in (("", "form.reason_missing"), ("r" * (LONGEST + 1), "form.too_long")):
        with pytest.raises(InvalidAnswers) as refused:
            check_reason(reason)
        assert [fault.key for fault in refused.value.faults] == [key]
    with pytest.raises(InvalidAnswers):
        check_reason("good", FieldFault("other", "form.required"))
