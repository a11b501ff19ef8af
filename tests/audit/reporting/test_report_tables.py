"""Figures as tables of texts."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from service.audit.reporting.report_tables import (
    ReportTable,
    ReportTexts,
    amount_text,
    reads_of_texts,
    span_text,
)
from tests.audit.reporting.conftest import AUDITOR, Run, figures
from tests.support.world import World


def tables(world: World) -> dict[str, ReportTable]:
    found, services = figures(world), world.program.services
    with world.database.transaction(write=False) as tx:
        at_hand = tx.read(*reads_of_texts(services))
        services.prepare_current(tx, at_hand)
        services.prepare(tx, at_hand, {id_ for id_, _ in found.elements.values()})
    current, now = services.current(at_hand), world.clock.now()
    texts = ReportTexts(at_hand, services, AUDITOR, found, current, now)
    return {table.id: table for table in texts.tables()}


@pytest.mark.parametrize(
    ("time", "sv", "en"),
    [
        (timedelta(minutes=20), "20 min", "20 min"),
        (timedelta(hours=30), "30 tim", "30 h"),
        (timedelta(days=3), "3 dagar", "3 days"),
        (timedelta(days=3.5), "3,5 dagar", "3.5 days"),
        (None, "–", "–"),
    ],
)
def test_a_duration_is_written_in_its_unit(time: timedelta | None, sv: str, en: str) -> None:
    assert (span_text(time, "sv"), span_text(time, "en")) == (sv, en)


def test_an_amount_has_two_decimals() -> None:
    assert (amount_text(Decimal(5), "sv"), amount_text(Decimal("5.5"), "en")) == ("5,00", "5.50")


def test_tables_are_there_with_names_and_never_with_ids(reported: World, run: Run) -> None:
    run(2), run(4, answer="NO"), run(1, ends=False)
    made = tables(reported)
    first, second = made["steps"].rows
    assert first[2:6] == ("3", "2 days", "4 days", "4 days")
    assert second[-2:] == ("1", "0"), "one waits, none is late"
    assert made["outcomes"].rows == (("Ja", "1"), ("Nej", "1"))
    [role] = made["roles"].rows
    assert role[0] == "Referring"
    assert role[1] == "5"
    for table in made.values():
        assert all(len(row) == len(table.heads) for row in table.rows)
        assert table.title
        assert table.empty


def test_a_table_without_rows_says_so(reported: World) -> None:
    assert {table.rows for table in tables(reported).values()} == {()}
