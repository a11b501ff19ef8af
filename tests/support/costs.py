"""The plugin that knows what each test costs: dear ones are marked `slow`, dear files begin first.

`tests/support/costs.toml` holds what was measured, in CPU seconds of a test and its child
processes: wall time depends on what else the machine does, CPU time hardly does. After tests have
changed, `pytest --write-costs` measures those that it runs anew. A test that is not in the table
counts as cheap, and a run names it when it is not.
"""

from __future__ import annotations

import resource
import tomllib
from collections import defaultdict
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from statistics import mean
from typing import Final

import pytest

SLOW: Final = 0.05
"""CPU seconds from which a test is slow: `dev.py check` leaves it out, and the table holds what it
costs; less does not matter for the order.
"""

SURPRISE: Final = 20
"""So many times the limit must a test without the mark cost before a run names it: a busy machine
counts up to twice as much."""

DEAR_FIXTURES: Final = frozenset(
    {"guesses", "golden", "installation", "installed", "kept", "played", "spring"}
    | {"used_installation"}
)
"""Fixtures that cost more than all tests of a usual file: whoever asks for one is slow."""

TABLE: Final = Path(__file__).with_name("costs.toml")
HEAD: Final = (
    "# CPU seconds of each test, on average over its parameters;"
    " `pytest --write-costs` writes it.\n"
)
COST: Final = "cpu_seconds"
"""The property of a test's report that holds its cost."""
SET_UP: Final = "cpu_seconds_of_fixtures"
"""The property that holds what was set up for it, of which others after it have a share."""


def known_costs() -> Mapping[str, float]:
    """The name of a test function to what it costs; moving it to another file changes nothing."""
    return tomllib.loads(TABLE.read_text("utf-8"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """The option that renews the table."""
    about = f"write the cost of the tests of this run into {TABLE.name}"
    parser.addoption("--write-costs", action="store_true", help=about)


@pytest.hookimpl(tryfirst=True)  # before pytest chooses by marks
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the slow tests, and put dear files first, so that two workers end together."""
    costs, files = known_costs(), defaultdict[Path, float](float)
    for item in items:
        cost = costs.get(function_of(item.nodeid), 0.0)
        files[item.path] += cost
        if cost >= SLOW or not DEAR_FIXTURES.isdisjoint(getattr(item, "fixturenames", ())):
            item.add_marker(pytest.mark.slow)
    items.sort(key=lambda item: -files[item.path])


def function_of(nodeid: str) -> str:
    """The name of the function in the name of a test."""
    return nodeid.partition("[")[0].rpartition("::")[2]


def cpu_seconds() -> float:
    """CPU seconds of this process so far, and of its children that have ended."""
    own, children = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


@pytest.hookimpl(wrapper=True)
def pytest_runtest_setup(item: pytest.Item) -> Generator[None]:
    """Note in the report of a test what its fixtures cost; they are shared and not counted."""
    with _noted(item, SET_UP):
        yield


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None]:
    """Note in the report of a test what its body costs."""
    with _noted(item, COST):
        yield


@contextmanager
def _noted(item: pytest.Item, name: str) -> Iterator[None]:
    """Note what the body costs."""
    before = cpu_seconds()
    try:
        yield
    finally:
        item.user_properties.append((name, cpu_seconds() - before))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name the tests that are slow and not marked so; renew the table where that was asked for."""
    reports = [each for how in ("passed", "failed") for each in terminalreporter.getreports(how)]
    unmarked = [report for report in reports if "slow" not in report.keywords]
    dear = [
        (cost, f"{name}{whose}")
        for of, whose in ((COST, ""), (SET_UP, ": its fixtures"))
        for name, cost in mean_costs(unmarked, of).items()
        if cost > SLOW * SURPRISE
    ]
    if dear:
        terminalreporter.section("slow tests that are not marked so; see tests/support/costs.py")
    for cost, name in sorted(dear, reverse=True):
        terminalreporter.write_line(f"{cost:6.1f} s  {name}")
    if terminalreporter.config.getoption("write_costs"):
        write_costs(reports)


def mean_costs(reports: Iterable[pytest.TestReport], of: str = COST) -> Mapping[str, float]:
    """The name of each test function that ran to what its body or its fixtures cost on average."""
    measured = defaultdict[str, list[float]](list)
    for report in (report for report in reports if report.when == "call"):
        measured[function_of(report.nodeid)] += [
            float(str(value)) for name, value in report.user_properties if name == of
        ]
    return {name: mean(costs) for name, costs in measured.items() if costs}


def write_costs(reports: Iterable[pytest.TestReport]) -> None:
    """Renew the table for the tests that ran; those that are gone go from it too."""
    costs = {**known_costs(), **mean_costs(reports)}
    source = "".join(file.read_text("utf-8") for file in TABLE.parents[1].rglob("test_*.py"))
    rows = [
        f"{name} = {cost:.2f}\n"
        for name, cost in sorted(costs.items())
        if cost >= SLOW and f"def {name}(" in source
    ]
    TABLE.write_text(HEAD + "".join(rows), "utf-8")
