"""S2, S3, S5, S9: what completing a task costs, against a bare commit and the naive loop.

On SQLite (FULL) and on PostgreSQL.
"""

from __future__ import annotations

from service.operations.sequencer import sequence_all
from service.store.casefile import cases
from tests.bench._arms import Bare, Stock, new_desk, run_case, taped
from tests.bench._gauge import Row, copy_of, median, packed, postgres, report, sqlite

ROUNDS, WARM = 12, 2


def measure(name: str, url: str) -> list[Row]:
    """All arms in turn, round after round, on one database server."""
    world = new_desk(url)
    world.database.close()
    bare, stock = Bare(copy_of(url)), Stock(url)
    ours, floor, naive = list[float](), list[float](), list[float]()
    with taped(world.database) as tape:
        for turn in range(ROUNDS + WARM):
            _, mine = run_case(world, tape)
            rows = bare.play(tape)
            other = stock.case("naive")
            if turn >= WARM:
                ours, floor, naive = ours + mine, floor + rows, naive + other["seconds"]
    statements = [s for s, _ in tape.counts]
    bare.close()
    stock.close()
    world.database.close()
    least, times = (3.0, 3.5) if url.startswith("sqlite") else (2.0, 2.0)
    against_floor, against_naive = median(ours) / median(floor), median(naive) / median(ours)
    described = (
        f"{median(ours):.2f} ms against {median(floor):.2f} ms bare, {median(naive):.2f} ms naive"
    )
    return [
        Row(
            "S2",
            f"{name}: complete / bare commit of its rows",
            f"<= {least}",
            f"{against_floor:.2f} ({described})",
            against_floor <= least,
        ),
        Row(
            "S3",
            f"{name}: completions, ours / naive loop",
            f">= {times}",
            f"{against_naive:.2f}",
            against_naive >= times,
        ),
        Row(
            "S5",
            f"{name}: statements and commits",
            "<= 12 and 1",
            f"{max(statements)} and {max(c for _, c in tape.counts)}",
            max(statements) <= 12,
        ),
    ]


def sizes(url: str, count: int = 40) -> list[Row]:
    """Bytes of a finished case: the file's growth once everything is packed."""
    world = new_desk(url)
    world.database.close()
    empty, largest = packed(url), 0
    for _ in range(count):
        case, _ = run_case(world)
        sequence_all(world.program)
        with world.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
            largest = max(largest, len(loaded.case.snapshot or b"") if loaded is not None else 0)
    world.database.close()
    grown = (packed(url) - empty) / count
    stock = Stock(url)
    naive = stock.case("naive")["bytes"]
    stock.close()
    return [
        Row(
            "S9",
            "bytes of a finished case, facts and ledger included",
            "<= 22,000",
            f"{grown:,.0f} (naive state alone {naive:,})",
            grown <= 22_000,
        ),
        Row("S9", "bytes of its snapshot", "<= 500", f"{largest:,}", largest <= 500),
    ]


def main() -> None:
    with sqlite() as url:
        rows = measure("SQLite FULL", url)
    with sqlite() as url:
        rows += sizes(url)
    with postgres() as url:
        if url:
            rows += measure("PostgreSQL", url)
    report("completion", rows)


if __name__ == "__main__":
    main()
