"""An export of many cases: names and days that nobody can undo, and what is left out is said."""

from __future__ import annotations

import io
import json
import tracemalloc
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime, timedelta
from hashlib import sha256
from itertools import pairwise
from typing import IO, Any, cast

import pytest

from service.audit.exports import event_export
from service.audit.exports.case_events import case_events
from service.audit.exports.event_export import (
    DAYS,
    ExportOrder,
    ExportReport,
    count_cases,
    export_cases,
    record_export,
)
from service.records.context import Actor
from service.store.casefile import cases
from service.store.installation import ledger_entries
from service.store.writing import write_last
from tests.support.scale import figure
from tests.support.world import NOON, World

MANY, EACH = figure("exports"), 3
"""Cases of an export, and events of each."""
ALL = ExportOrder("json", rare=True)


def exported(world: World, order: ExportOrder, least: int = 2) -> tuple[ExportReport, bytes]:
    out = io.BytesIO()
    with world.database.transaction(write=False) as tx:
        report = export_cases(tx, world.program.services, order, out, least=least)
    return report, out.getvalue()


def by_case(content: bytes) -> dict[str, list[datetime]]:
    found: dict[str, list[datetime]] = {}
    for row in map(json.loads, content.splitlines()):
        found.setdefault(row["case"], []).append(datetime.fromisoformat(row["at"]))
    return found


def test_names_are_made_anew_and_each_case_is_moved_as_a_whole(three_cases: World) -> None:
    report, content = exported(three_cases, ALL)
    _, again = exported(three_cases, ALL)
    assert (report.cases, report.digest) == (3, sha256(content).hexdigest())
    one, other = by_case(content), by_case(again)
    assert not one.keys() & other.keys()
    _, true = exported(three_cases, replace(ALL, shifted=False, pseudonyms=True))
    with three_cases.database.transaction(write=False) as tx:
        assert by_case(true).keys() == {case.ref for case in cases.listed(tx)}
    (first, *_), (moved, *_) = by_case(true).values(), one.values()
    assert {timedelta(0), *(b - a for a, b in pairwise(first))} == {
        timedelta(0), *(b - a for a, b in pairwise(moved))
    }  # fmt: skip
    assert abs(moved[0] - first[0]) <= timedelta(days=DAYS)


def test_a_rare_way_is_left_out_and_counted(three_cases: World) -> None:
    report, _ = exported(three_cases, replace(ALL, rare=False))
    assert (report.cases, report.left_out) == (2, Counter(rare=1))
    report, _ = exported(three_cases, replace(ALL, rare=False), least=3)
    assert (report.cases, report.left_out) == (0, Counter(rare=3))


def test_the_scope_is_days_release_and_office(three_cases: World) -> None:
    with three_cases.database.transaction(write=False) as tx:
        office = three_cases.viewer().office
        for order, expected in (
            (ALL, 3),
            (replace(ALL, since=NOON.date(), until=NOON.date()), 3),
            (replace(ALL, since=date(2026, 3, 3)), 0),
            (replace(ALL, until=date(2026, 3, 1)), 0),
            (replace(ALL, release=1, office=office), 3),
            (replace(ALL, release=2), 0),
            (replace(ALL, office="nowhere"), 0),
        ):
            assert count_cases(tx, order) == expected, order


def test_a_protected_identity_is_never_in_it(
    three_cases: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = cases.listed

    def marked(*given: Any, **more: Any) -> list[cases.CaseSummary]:
        found = listed(*given, **more)
        return [replace(case, marking="PROTECTED") for case in found[:1]] + found[1:]

    monkeypatch.setattr(cases, "listed", marked)
    report, _ = exported(three_cases, ALL)
    assert (report.cases, report.left_out) == (2, Counter(protected=1))


class RolledBack(Exception):
    """Ends a transaction without a commit."""


def test_an_export_is_an_entry_of_its_makers_office(three_cases: World) -> None:
    report, _ = exported(three_cases, ALL)
    by, stream = Actor("p_sara", three_cases.viewer().office), three_cases.viewer().office
    with suppress(RolledBack), three_cases.database.transaction() as tx:
        services = three_cases.program.services
        record_export(tx, services, ALL, report, by=by, now=NOON, reason="for a study")
        write_last(tx)
        (entry,) = ledger_entries.latest(tx, f"office/{stream}", kinds=["export"])
        body = json.loads(entry.body)
        assert (body["what"], body["items"]) == ("json", 3)
        assert (body["digest"], body["options"]) == (report.digest, ["shifted", "rare"])
        assert "study" not in entry.body
        raise RolledBack


def test_many_cases_take_the_memory_of_one(
    three_cases: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    with three_cases.database.transaction(write=False) as tx:
        one = cases.listed(tx)[0]
        events = case_events(tx, three_cases.program.services, one, {}, "sv")[:EACH]

    def many(*_: object) -> Iterator[tuple[cases.CaseSummary, Any]]:
        return ((one, list(events)) for _ in range(MANY))

    class Nowhere:
        size = 0

        def write(self, data: bytes) -> int:
            self.size += len(data)
            return len(data)

    monkeypatch.setattr(event_export, "_events", many)
    out, heard = Nowhere(), list[int]()
    with three_cases.database.transaction(write=False) as tx:
        tracemalloc.start()
        report = export_cases(
            tx,
            three_cases.program.services,
            ExportOrder("xes"),
            cast("IO[bytes]", out),
            least=2,
            progress=lambda n: heard.append(n) if n % 1_000 == 0 else None,
        )
        _, peak = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    assert (report.cases, report.events) == (MANY, MANY * len(events))
    assert heard == [*range(1_000, MANY + 1, 1_000)] * 2
    assert out.size > MANY * 100 * EACH
    assert peak < 2 * 2**20
