"""S4, S19 of several checkouts of the product, side by side: what a mechanism is worth.

`python -m tests.bench.checkouts KIND SECONDS ROUNDS NAME=FOLDER...`, KIND `SQLite` or `PostgreSQL`
(whose server takes connections of four checkouts): each folder holds a checkout, such
as a git worktree in which one mechanism is taken out; the floor and this checkout (`now`) come
along. Each site has a copy of one database, all take turns cell by cell, with eight clients. The
same checkout named twice shows what chance alone does.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
from collections import deque
from contextlib import ExitStack
from pathlib import Path

from tests.bench._gauge import copy_of
from tests.bench.http import PROCESSES, Cell, cpu_each, databases, run_cell
from tests.bench.over_http.clients import Arm, Floor, Product
from tests.bench.over_http.servers import PEOPLE, ROOT, floor, install, product

CLIENTS, WARM = 8, 2.0


def measure(
    kind: str, processes: int, checkouts: dict[str, Path], seconds: float, rounds: int
) -> dict[str, list[Cell]]:
    """Every site in turn; gives the cells of each, one a round."""
    cells: dict[str, list[Cell]] = {}
    folder = Path(tempfile.mkdtemp(prefix="tresteg-bench-"))
    with databases(kind) as (url, other), ExitStack() as stack:
        if not url:
            return cells
        environment = install(url, folder)
        arms: dict[str, Arm] = {
            "floor": Floor(stack.enter_context(floor(folder, other, processes)))
        }
        for name, root in checkouts.items():
            own = {**environment, "TRESTEG_DATABASE_URL": copy_of(url)}
            whole = product(folder, own, processes, root)
            arms[name] = Product(stack.enter_context(whole), {})
        people = deque(PEOPLE)
        for arm in arms.values():
            run_cell(arm, CLIENTS, people, WARM, Cell())
        for turn in range(rounds):
            for name in sorted(arms, reverse=bool(turn % 2)):
                cell = Cell()
                run_cell(arms[name], CLIENTS, people, seconds, cell)
                cells.setdefault(name, []).append(cell)
    return cells


def main() -> None:
    kind, seconds, rounds = sys.argv[1], float(sys.argv[2]), int(sys.argv[3])
    given = (word.partition("=") for word in sys.argv[4:])
    checkouts = {"now": ROOT, **{name: Path(path).resolve() for name, _, path in given}}
    for processes in PROCESSES:
        cells = measure(kind, processes, checkouts, seconds, rounds)
        print(f"{kind}, {processes} web", flush=True)
        for name in [name for name in ("floor", *checkouts) if name in cells]:
            against = [
                one.rate / floor.rate
                for one, floor in zip(cells[name], cells["floor"], strict=True)
            ]
            cpu = [cpu_each([cell], "web", "worker") for cell in cells[name]]
            server = [cpu_each([cell], "database") for cell in cells[name]]
            wait = [cell.quantile(0.99) for cell in cells[name]]
            print(
                f"  {name:14} {statistics.median(against):.2f} of the floor"
                f" ({min(against):.2f}-{max(against):.2f}),"
                f" p99 {statistics.median(wait):.0f} ms,"
                f" processor {statistics.median(cpu):.2f} + {statistics.median(server):.2f} ms",
                flush=True,
            )


if __name__ == "__main__":
    main()
