"""The plugin that measures what each test costs in CPU seconds and names slow tests without a mark.

Wall time depends on what else the machine does; CPU time of a test and of its child processes
hardly does.
"""

from __future__ import annotations

import resource
from collections.abc import Generator
from typing import Final

import pytest

SLOW: Final = 1.0
"""CPU seconds from which a test carries the mark `slow`, and `dev.py check` leaves it out."""

COST: Final = "cpu_seconds"
"""The property of a test's report that holds its cost."""


def cpu_seconds() -> float:
    """CPU seconds of this process so far, and of its children that have ended."""
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Note in the report of a test what its body costs; fixtures are shared and not counted."""
    before = cpu_seconds()
    try:
        yield
    finally:
        item.user_properties.append((COST, cpu_seconds() - before))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that are slow and do not carry the mark, the dearest first."""
    costs = [
        (float(str(value)), report.nodeid)
        for outcome in ("passed", "failed")
        for report in terminalreporter.getreports(outcome)
        if report.when == "call" and "slow" not in report.keywords
        for name, value in report.user_properties
        if name == COST
    ]
    slow = sorted((each for each in costs if each[0] > SLOW), reverse=True)
    if slow:
        terminalreporter.section(f"more than {SLOW:g} s of CPU, and not marked as slow")
    for cost, name in slow:
        terminalreporter.write_line(f"{cost:6.1f} s  {name}")
