"""A consent is live from the day it is given until it is withdrawn or ends."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest

from service.casework.cases import consents
from service.store.casefile import consents as rows
from service.store.transaction import Tx
from tests.casework.cases.conftest import Load
from tests.support import by_hand
from tests.support.world import NOON, World

REV = 1


def give(tx: Tx, desk: World, load: Load, case_id: str, **given: dict[str, Any]) -> None:
    services, key = desk.program.services, load(tx).key
    who: dict[str, Any] = {"by": "p_sara", "now": NOON, "key": key}
    consents.give(
        tx, services.programme.configuration, case_id=case_id, given=given, rev=REV, **who
    )


def test_a_consent_is_live_with_who_gave_it(desk: World, case_id: str, tx: Tx, load: Load) -> None:
    give(tx, desk, load, case_id, REFER={"givenBy": "GUARDIAN"}, PARTICIPATE={})
    assert consents.live(tx, case_id, NOON) == {"REFER": "GUARDIAN", "PARTICIPATE": "SELF"}


@pytest.mark.parametrize(
    ("purpose", "value", "ends"),
    [
        ("REFER", {}, None),
        ("REFER", {"validTo": "2026-03-10"}, date(2026, 3, 10)),
        ("SHARE_HEALTH", {"givenOn": "2026-02-28"}, date(2026, 8, 28)),
        ("SHARE_HEALTH", {"validTo": "2026-03-10"}, date(2026, 3, 10)),
    ],
)
def test_a_consent_ends_as_it_says_or_as_configured(
    desk: World,
    case_id: str,
    tx: Tx,
    load: Load,
    purpose: str,
    value: dict[str, Any],
    ends: date | None,
) -> None:
    give(tx, desk, load, case_id, **{purpose: value})
    (row,) = rows.of_case(tx, case_id)
    assert row.valid_to == ends
    if ends is not None:
        after = NOON + timedelta(days=(ends - NOON.date()).days + 1)
        assert consents.live(tx, case_id, after) == {}


def test_what_is_said_about_a_consent_is_sealed(
    desk: World, case_id: str, tx: Tx, load: Load
) -> None:
    give(tx, desk, load, case_id, REFER={"how": "ORAL", "words": "by telephone"})
    (row,) = rows.of_case(tx, case_id)
    assert row.detail is not None
    assert b"telephone" not in row.detail
    place = {"table": "consent", "column": "detail", "row": row.id, "extra": "REFER"}
    assert load(tx).key.open("consents", row.detail, **place) == b'{"words": "by telephone"}'
    assert row.how == "ORAL"


def test_a_withdrawn_consent_is_not_live(desk: World, case_id: str, tx: Tx, load: Load) -> None:
    give(tx, desk, load, case_id, REFER={}, PARTICIPATE={})
    by_hand.withdraw(tx, case_id, ["REFER"], on=NOON.date(), rev=2)
    assert set(consents.live(tx, case_id, NOON)) == {"PARTICIPATE"}


@pytest.mark.parametrize(
    ("answers", "withdrawn_on"),
    [
        ({"purposesWithdrawn": ["REFER"], "saidOn": "2026-03-01"}, date(2026, 3, 1)),
        ({"purposesWithdrawn": ["REFER"]}, NOON.date()),
        ({"purposesWithdrawn": None}, None),
        ({"note": "words"}, None),
    ],
)
def test_answers_withdraw_the_consents_that_they_name(
    desk: World,
    case_id: str,
    tx: Tx,
    load: Load,
    answers: dict[str, Any],
    withdrawn_on: date | None,
) -> None:
    give(tx, desk, load, case_id, REFER={}, PARTICIPATE={})
    consents.withdraw_by_answers(
        tx,
        desk.program.services.programme.configuration,
        now=NOON,
        rows=lambda: rows.of_case(tx, case_id),
        answers=answers,
        rev=2,
    )
    found = {row.purpose: row.withdrawn_on for row in rows.of_case(tx, case_id)}
    assert found == {"REFER": withdrawn_on, "PARTICIPATE": None}
