"""A consent that is taken back beside its case: sealed words, and live consents alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from service.casework.cases import consents as case_consents
from service.casework.commands import late_withdrawal
from service.casework.commands.late_withdrawal import Withdrawal
from service.errors import CaseMoved, InvalidAnswers, NotFound
from service.security.keyring import Keyring
from service.store.casefile import cases, consents, facts
from service.store.transaction import Tx
from tests.support import small
from tests.support.by_hand import entry
from tests.support.world import World, open_world

SAID = Withdrawal(("REFER",), "SELF", "2026-03-02", "PHONE", "Allt som skickats finns kvar.")


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.one(small.person("a"), "s>a a>e"))
    yield made
    made.database.close()


def begin(desk: World, *purposes: str) -> str:
    """A case with live consents."""
    case, services = desk.start().case_id, desk.program.services
    with desk.database.transaction() as tx:
        key = services.case_keys(tx, case).for_writing(tx, "social", case_consents.WORDS)
        given = {one: {"givenBy": "SELF", "givenOn": "2026-03-01"} for one in purposes}
        facts: dict[str, Any] = {"by": "p_sara", "rev": 1, "now": desk.clock.now()}
        case_consents.give(
            tx, services.programme.configuration, key=key, case_id=case, given=given, **facts
        )
        entry(tx, f"case/{case}")
    return case


def withdraw(desk: World, case: str, said: Withdrawal = SAID) -> None:
    with desk.database.transaction() as tx:
        late_withdrawal.withdraw_after_end(
            tx,
            desk.program.services,
            by=desk.loaded_viewer("sara"),
            now=desk.clock.now(),
            case=summary(tx, case),
            said=said,
        )


def summary(tx: Tx, case: str) -> cases.CaseSummary:
    found = cases.get(tx, case)
    assert found is not None
    return found


def test_an_open_case_has_its_own_message_for_it(desk: World) -> None:
    case = begin(desk, "REFER")
    with pytest.raises(NotFound):
        withdraw(desk, case)


def test_only_what_is_named_is_taken_back_and_its_words_open(desk: World) -> None:
    case = begin(desk, "REFER", "PARTICIPATE")
    desk.do(case, "a")
    withdraw(desk, case)
    with desk.database.transaction(write=False) as tx:
        assert set(case_consents.live(tx, case, desk.clock.now())) == {"PARTICIPATE"}
        rows = consents.of_case(tx, case)
        keys, history = desk.program.services.case_keys(tx, case), facts.of_case(tx, case)
        [kept] = late_withdrawal.kept_withdrawals(keys, history, rows)
    assert (kept.purpose, str(kept.on), kept.who, kept.how) == (
        "REFER",
        "2026-03-02",
        "SELF",
        "PHONE",
    )
    assert (kept.effect, kept.office) == (SAID.effect, "social")
    assert desk.faults() == []


def test_what_is_not_live_cannot_be_taken_back(desk: World) -> None:
    case = begin(desk, "REFER")
    desk.do(case, "a")
    with pytest.raises(InvalidAnswers):
        withdraw(desk, case, replace(SAID, purposes=("FOLLOW_UP",)))
    withdraw(desk, case)
    with pytest.raises(InvalidAnswers):
        withdraw(desk, case)


def test_two_at_once_take_it_back_once(desk: World) -> None:
    case = begin(desk, "REFER")
    desk.do(case, "a")
    with desk.database.transaction(write=False) as tx:
        [row] = consents.of_case(tx, case)
    withdraw(desk, case)
    with pytest.raises(CaseMoved), desk.database.transaction() as tx:
        consents.take_back(tx, row, on=desk.clock.now().date(), withdrawal=b"")
