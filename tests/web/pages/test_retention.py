"""The page of what falls due, holds, and what was erased: for data protection, and each office."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from service.access import CLASSES
from service.casework.retention.erasure import ErasureOrder, erase
from service.release.bundle import Bundle
from service.security.keyring import Keyring
from service.store.casefile import cases, holds
from tests.casework.retention.test_due_runs import ONE, plan, spoil
from tests.support import small
from tests.support.directory import OFFICE, THREE_OFFICES
from tests.support.world import SEED, World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    """Offices at work, with a plan that the social services have signed, and an ended case."""
    files = {**ONE.files, "workflows/config/retention.toml": plan("SOCIALTJANST").encode()}
    made = open_world(database_url, keyring, Bundle(files), directory=THREE_OFFICES)
    case = made.start().case_id
    made.do(case, "a", small.ANSWERS)
    made.clock.set(made.clock.now() + timedelta(days=10))
    yield made
    made.database.close()


def lasting(desk: World) -> list[holds.Hold]:
    with desk.database.transaction(write=False) as tx:
        return holds.lasting(tx, desk.clock.now())


def test_what_falls_due_is_listed_in_words(desk: World) -> None:
    page = desk.browser("disa").get("/retention").text
    assert "2026-04-03" in page
    assert "2026-0001" in page
    assert "by itself on that day" in page
    assert "HEALTH" in page
    assert "Nobody has signed" in page, "the others' rules"


def test_an_office_sees_its_own_and_sets_no_hold(desk: World) -> None:
    sara = desk.browser("sara")
    page = sara.get("/retention").text
    assert "2026-0001" in page
    assert "Hold the case" not in page
    assert "2026-0001" not in desk.browser("omar").get("/retention").text
    asked = {"case": "2026-0001", "until": "2026-03-20", "reason": "Inspection"}
    assert sara.post("/retention", asked).status_code == 404
    assert lasting(desk) == []


def test_who_works_for_no_case_has_no_such_page(desk: World) -> None:
    assert desk.browser("maja").get("/retention").status_code == 404


def test_a_hold_is_set_and_ended(desk: World) -> None:
    disa = desk.browser("disa")
    disa.get("/retention")
    asked = {"case": "2026-0001", "until": "2026-03-20", "reason": "Inspection 2026-4"}
    assert disa.post("/retention", asked).status_code == 303
    (row,) = lasting(desk)
    page = disa.get("/retention").text
    assert "nothing is erased until" in page
    assert "Inspection" not in page
    assert "2026-04-03" not in page, "it does not fall due while it is held"
    assert disa.post("/retention", {"hold": row.id}).status_code == 303
    assert lasting(desk) == []
    assert desk.faults() == []


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("case", "2026-9999", "There is no case"),
        ("until", "soon", "day"),
        ("until", "2026-06-01", "at most 30 days"),
        ("reason", "", "Why"),
    ],
)
def test_a_hold_that_cannot_be_set_says_why(desk: World, name: str, value: str, said: str) -> None:
    disa = desk.browser("disa")
    disa.get("/retention")
    asked = {"case": "2026-0001", "until": "2026-03-20", "reason": "Inspection", name: value}
    answer = disa.post("/retention", asked)
    assert answer.status_code == 422
    assert said in answer.text
    assert lasting(desk) == []


def test_what_was_erased_is_listed(desk: World) -> None:
    with desk.database.transaction() as tx:
        services = desk.program.services
        (case,) = cases.listed(tx)
        order = ErasureOrder(case.id, OFFICE, CLASSES, "HEALTH", services.current(tx).id)
        erase(tx, services, order, by=SEED, now=desk.clock.now())
    page = desk.browser("disa").get("/retention").text
    assert "(HEALTH)" in page
    assert "Nothing falls due" in page


def test_a_case_that_could_not_be_looked_at_is_named_to_data_protection(desk: World) -> None:
    with desk.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx)
    spoil(desk, case.id, "snapshot")
    page = desk.browser("disa").get("/retention").text
    assert "1 case could not be looked at" in page
    assert f"{case.number} · {case.ref}" in page
    page = desk.browser("sara").get("/retention").text
    assert "1 case could not be looked at" in page
    assert case.number not in page
