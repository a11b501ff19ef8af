"""The money of a played case: what the forms declare."""

from __future__ import annotations

from decimal import Decimal

import pytest

from service.casework.casefile.case_view import load_case_view
from service.casework.pages.case_money import MoneyLine, money
from service.people import accounts
from service.store.casefile import cases
from service.store.installation import people
from tests.support.played_cases import UNTIL, Played

pytestmark = pytest.mark.slow


def lines_of(played: Played, ref: str, office: str, role: str) -> list[MoneyLine]:
    program = played.program
    with program.database.transaction(write=False) as tx:
        case = next(one.id for one in cases.listed(tx) if one.ref == ref)
        viewer = accounts.load_viewer(tx, people.with_role(tx, office, role)[-1].person.id)
        assert viewer is not None
        view = load_case_view(tx, program.services, viewer, case, UNTIL)
        return [line for line, _ in money(view).lines]


def test_planned_and_paid_stand_beside_each_other(played: Played) -> None:
    lines = lines_of(played, "would-not-talk", "iom-sofia", "IomLocal")
    planned = [line.amount for line in lines if line.state == "planned"]
    paid = [line.amount for line in lines if line.state == "paid"]
    assert planned == [Decimal(900), Decimal(600)], "the dropped activity is left out"
    assert paid == [Decimal(300), Decimal(300)], "each delivery counts"
