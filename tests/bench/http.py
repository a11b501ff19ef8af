"""S4, S19: the whole product over HTTP against the floor: completions, waiting, processor time.

`python -m tests.bench.http [seconds] [rounds]`. On SQLite and PostgreSQL, with one and two web
processes, for 1 to 8 clients; the two sites take turns, cell by cell, in one run. A completion
bears its share of starting its case, and of what its services and letters cost.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench._gauge import Chart, Row, copy_of, pause, postgres, report, sqlite
from tests.bench.over_http.clients import Arm, Client, Floor, Product, drive
from tests.bench.over_http.servers import PEOPLE, floor, install, product

SECONDS, ROUNDS = 2.0, 4
CLIENTS, PROCESSES = (1, 2, 4, 8), (1, 2)
WARM = 2.0
REST = 0.4
"""Seconds after a cell in which a worker does what is left of it."""
SQLITE, POSTGRES = "SQLite", "PostgreSQL"


@dataclass
class Cell:
    """What one site did for so many clients, over all rounds."""

    seconds: float = 0.0
    times: list[float] = field(default_factory=list)
    cpu: dict[str, float] = field(default_factory=dict)
    """Seconds of the processor, by what the processes do."""

    def add(self, seconds: float, times: list[float], cpu: dict[str, float]) -> None:
        self.seconds += seconds
        self.times += times
        self.cpu = {what: self.cpu.get(what, 0.0) + used for what, used in cpu.items()}

    @property
    def rate(self) -> float:
        """Completions in a second."""
        return len(self.times) / self.seconds

    def quantile(self, share: float) -> float:
        """Milliseconds within which that share of the completions was answered."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(len(ordered) * share))]


Cells = dict[tuple[str, int, str, int], Cell]
"""Database, web processes, site and clients to what was measured."""


def cpu_each(cells: list[Cell], *whats: str) -> float:
    """Milliseconds of the processor for one completion, over several cells."""
    used = sum(cell.cpu.get(what, 0.0) for cell in cells for what in whats)
    return 1000 * used / sum(len(cell.times) for cell in cells)


def run_cell(arm: Arm, count: int, people: deque[str], seconds: float, cell: Cell) -> None:
    """Let so many clients work, and add what came of it."""
    clients = [Client(arm, people) for _ in range(count)]
    before = arm.site.cpu()
    times = drive(clients, seconds)
    pause(REST)
    after = arm.site.cpu()
    after["database"] -= sum(client.looked for client in clients)
    cell.add(seconds, times, {what: after[what] - before[what] for what in after})


@contextmanager
def databases(name: str) -> Iterator[tuple[str, str]]:
    """The addresses of two databases of one kind: with the product's tables, and for the floor."""
    with (sqlite if name == SQLITE else postgres)() as url:
        yield url, copy_of(url) if url else ""


def measure(name: str, seconds: float, rounds: int) -> Cells:
    """Both sites on one kind of database, in turn."""
    cells: Cells = {}
    folder = Path(tempfile.mkdtemp(prefix="tresteg-bench-"))
    with databases(name) as (url, other):
        if not url:
            return cells
        environment, sessions = install(url, folder), dict[str, dict[str, str]]()
        for processes in PROCESSES:
            with ExitStack() as stack:
                whole = stack.enter_context(product(folder, environment, processes))
                bare = stack.enter_context(floor(folder, other, processes))
                arms: dict[str, Arm] = {"floor": Floor(bare), "whole": Product(whole, sessions)}
                people = deque(PEOPLE)
                for arm in arms.values():
                    run_cell(arm, max(CLIENTS), people, WARM, Cell())
                for turn in range(rounds):
                    for count in CLIENTS:
                        for which in sorted(arms, reverse=bool(turn % 2)):
                            key = (name, processes, which, count)
                            cell = cells.setdefault(key, Cell())
                            run_cell(arms[which], count, people, seconds, cell)
    shutil.rmtree(folder, ignore_errors=True)
    return cells


def rows(cells: Cells, name: str, processes: int) -> list[Row]:
    """The rows of one database and number of processes."""
    where = f"{name}, {processes} web process{'es'[: 2 * (processes > 1)]}"
    of = {
        which: [cells[name, processes, which, count] for count in CLIENTS]
        for which in ("floor", "whole")
    }
    least, most = of["floor"][-1], of["whole"][-1]
    rate, wait = most.rate / least.rate, most.quantile(0.99) / least.quantile(0.99)
    may_wait = 0.2 if name == SQLITE and processes == 1 else 0.5
    app = {which: cpu_each(each, "web", "worker") for which, each in of.items()}
    may_cost, costs = (0.9 if name == SQLITE else 1.0), app["whole"] / app["floor"]
    found = [
        Row(
            "S4",
            f"{where}, {CLIENTS[-1]} clients: completions of the whole / of the floor",
            ">= 1.2",
            f"{rate:.2f} ({most.rate:.0f} a second against {least.rate:.0f})",
            rate >= 1.2,
        ),
        Row(
            "S4",
            f"{where}, {CLIENTS[-1]} clients: p99 of the whole / of the floor",
            f"<= {may_wait:g}",
            f"{wait:.2f} ({most.quantile(0.99):.0f} ms against {least.quantile(0.99):.0f})",
            wait <= may_wait,
        ),
        Row(
            "S19",
            f"{where}: processor time of the application a completion, whole / floor",
            f"<= {may_cost:.1f}",
            f"{costs:.2f} ({app['whole']:.1f} ms, its worker's included, against"
            f" {app['floor']:.1f})",
            costs <= may_cost,
        ),
    ]
    if name == POSTGRES:
        server = {which: cpu_each(each, "database") for which, each in of.items()}
        ratio = server["whole"] / server["floor"]
        found.append(
            Row(
                "S19",
                f"{where}: processor time of PostgreSQL a completion, whole / floor",
                "<= 1.5",
                f"{ratio:.2f} ({server['whole']:.1f} ms against {server['floor']:.1f})",
                ratio <= 1.5,
            )
        )
    return found


def details(cells: Cells) -> list[Row]:
    """Every cell: completions a second, waiting, and what each process used."""
    found = []
    for (name, processes, which, count), cell in cells.items():
        used = ", ".join(
            f"{what} {cpu_each([cell], what):.1f}" for what in cell.cpu if cell.cpu[what] > 0
        )
        times = " / ".join(f"{cell.quantile(share):.0f}" for share in (0.5, 0.95, 0.99))
        found.append(
            Row(
                "H",
                f"{which}, {name}, {processes} web, {count} clients",
                "",
                f"{cell.rate:.0f} a second; p50 / p95 / p99 {times} ms; processor ms: {used}",
                None,
            )
        )
    return found


def charts(cells: Cells, name: str) -> Chart:
    """Completions a second over clients."""
    words = {"floor": "floor", "whole": "Tresteg"}
    return Chart(
        f"clients-{name.lower()}",
        f"Completions a second over HTTP, {name}",
        "clients at once",
        "completions a second",
        {
            f"{words[which]}, {processes} web process{'es'[: 2 * (processes > 1)]}": [
                (count, cells[name, processes, which, count].rate) for count in CLIENTS
            ]
            for which in words
            for processes in PROCESSES
        },
    )


def main() -> None:
    given = dict(enumerate(sys.argv[1:]))
    seconds, rounds = float(given.get(0, SECONDS)), int(given.get(1, ROUNDS))
    cells: Cells = {}
    for name in (SQLITE, POSTGRES):
        cells |= measure(name, seconds, rounds)
    measured = [name for name in (SQLITE, POSTGRES) if (name, 1, "whole", 1) in cells]
    found = [row for name in measured for n in PROCESSES for row in rows(cells, name, n)]
    report("http", [*found, *details(cells)], [charts(cells, name) for name in measured])


if __name__ == "__main__":
    main()
