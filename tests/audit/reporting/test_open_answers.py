"""Open answers: how a case ended, and open amounts; of each field what counts."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

import pytest

from service.audit.reporting.open_answers import CostSum, open_answers
from service.release.bundle import Bundle
from service.release.programme.report_rules import ReportRules
from service.store.casefile import cases
from service.store.installation import keys
from tests.support import diagrams, small
from tests.support.small_desk import START
from tests.support.world import World


def money(key: str, klass: str, **more: str) -> dict[str, object]:
    """An amount of a form."""
    currency = [{"label": "EUR", "value": "EUR"}]
    return {
        "type": "group",
        "path": key,
        "label": key.title(),
        "id": f"Field_{key}",
        "properties": {"class": klass, "as": "money", "money": f"{key} paid", **more},
        "components": [
            {"type": "number", "key": "amount", "label": "A", "id": f"{key}_a"},
            {
                "type": "select",
                "key": "currency",
                "label": "C",
                "id": f"{key}_c",
                "values": currency,
            },
        ],
    }


FORM = small.form(
    "ask",
    small.CHOICE,
    money("ticket", "C0"),
    money("fee", "C0", **{"money.each": "yes"}),
    money("cash", "C2"),
)


def bundle() -> Bundle:
    """A release whose two tasks ask for amounts."""
    body = small.begin(id_=START) + small.person("a", "ask") + small.person("b", "ask")
    drawn = diagrams.process("return_case", body + diagrams.end(), f"{START}>a a>b b>e")
    made = small.bundle(diagrams.document(drawn))
    return replace(made, files={**made.files, "forms/ask.form": FORM})


@pytest.fixture
def paying(world: World) -> World:
    world.publish(bundle())
    rules = replace(world.program.services.programme, report=ReportRules(outcome="answer"))
    services = replace(world.program.services, programme=rules)
    return replace(world, program=replace(world.program, services=services))


def answers(ticket: str, fee: str, cash: str) -> dict[str, list[str]]:
    amounts = {"ticket": ticket, "fee": fee, "cash": cash}
    typed = {f"{key}.amount": [amount] for key, amount in amounts.items()}
    return {"answer": ["YES"], **typed, **{f"{key}.currency": ["EUR"] for key in amounts}}


def read(world: World, case: str) -> tuple[dict[str, str], list[CostSum]]:
    with world.database.transaction(write=False) as tx:
        row = cases.get(tx, case)
        assert row is not None
        return open_answers(tx, world.program.services, [row])


def test_the_newest_amount_counts_and_what_adds_up_adds_up(paying: World) -> None:
    case = paying.start(element=START).case_id
    paying.do(case, "a", answers("100", "10", "7"))
    paying.do(case, "b", answers("120.5", "15", "7"))
    outcomes, costs = read(paying, case)
    assert outcomes == {case: "YES"}
    assert costs == [
        CostSum("fee", "paid", "EUR", Decimal(25), 1),
        CostSum("ticket", "paid", "EUR", Decimal("120.5"), 1),
    ], "a sealed amount is in no sum"


def test_a_case_without_answers_gives_nothing(paying: World) -> None:
    assert read(paying, paying.start(element=START).case_id) == ({}, [])


def test_an_erased_case_gives_nothing(paying: World) -> None:
    case = paying.start(element=START).case_id
    paying.do(case, "a", answers("100", "10", "7"))
    with paying.database.transaction() as tx:
        for key in keys.of_case(tx, case):
            keys.drop(tx, key.owner, stream=f"case/{case}")
    assert read(paying, case) == ({}, [])
