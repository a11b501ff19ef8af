"""Every stream is walked once; one without its case, or without lines, is named."""

from __future__ import annotations

from service.audit.checks.bound_rows import Bindings
from service.audit.checks.stream_checks import check_empty_streams, check_streams
from service.casework.history.violations import Violation
from service.store.installation import ledger_entries
from tests.support.damaged_case import DamagedCase


def test_streams_are_read_with_what_they_bind(damaged: DamagedCase) -> None:
    bindings, faults = Bindings(), list[Violation]()
    names = dict(ledger_entries.streams(damaged.tx))
    cases = [name.removeprefix("case/") for name in names if name.startswith("case/")]
    read = check_streams(damaged.tx, cases, (), bindings, faults)
    assert (faults, read.lost, read.lines) == ([], set(), sum(names.values()))
    assert {entry.stream for entry in read.system} == {"system"}
    assert {"office", "person", "membership", "cases"} <= {table for table, _ in bindings.rows}
    again = check_streams(damaged.tx, cases, set(names), Bindings(), faults)
    assert (again.lines, again.system) == (0, [])


def test_a_stream_without_its_case_is_named(damaged: DamagedCase) -> None:
    faults: list[Violation] = []
    read = check_streams(damaged.tx, (), (), Bindings(), faults)
    assert damaged.case in read.lost
    assert f"case/{damaged.case}" in {fault.case for fault in faults}


def test_a_stream_without_lines_is_named_once(damaged: DamagedCase) -> None:
    assert list(check_empty_streams(damaged.tx, ())) == []
    damaged.change("INSERT INTO stream (number, name) VALUES (99, 'office/none')")
    (fault,) = check_empty_streams(damaged.tx, ())
    assert (fault.case, fault.place) == ("office/none", "stream")
    assert list(check_empty_streams(damaged.tx, [fault])) == []
