"""S1, S6, S11: the engine against the library's stock loop, growth along a case, and the fold of a finished case."""

from __future__ import annotations

from service.actions.folding import turns
from service.engine import Answer, Complete, Definition, Start, advance
from service.keyring import make_keyring
from tests import small
from tests.bench._arms import Stock, new_desk, run_case
from tests.bench._gauge import Row, median, now, report, sqlite
from tests.desk import NOON, open_desk

ROUNDS = 30
ANSWERS = {"answer": "YES"}


def alone(definition: Definition) -> list[float]:
    """One case through `advance`, state bytes and all; a completion's share of the calls that services make is counted to it."""
    turn, number, seconds = advance(definition, b"", Start(), now=NOON, seed="1"), 1, []
    while not turn.finished:
        begun = now()
        waiting = next(o for o in turn.open if o.kind == "task")
        values = ANSWERS if definition.elements[waiting.element].form == "ask" else {}
        number += 1
        turn = advance(definition, turn.state, Complete(waiting.id, values), now=NOON, seed=str(number))
        while job := next((o for o in turn.open if o.kind == "job"), None):
            number += 1
            turn = advance(definition, turn.state, Answer(job.id, {}), now=NOON, seed=str(number))
        seconds.append(now() - begun)
    return seconds


def engine(url: str) -> list[Row]:
    desk, stock = new_desk(url), Stock(url)
    run_case(desk)
    with desk.database.transaction(write=False) as tx:
        definition = desk.program.house.current(tx).definitions["p"]
    ours, theirs = list[float](), list[float]()
    for turn in range(ROUNDS + 3):
        mine, other = alone(definition), stock.case("memory")["seconds"]
        if turn >= 3:
            ours, theirs = ours + mine, theirs + other
    stock.close()
    desk.database.close()
    ratio = sum(theirs) / len(theirs) / (sum(ours) / len(ours))
    told = f"{ratio:.2f} ({sum(ours) / len(ours) * 1000:.2f} ms a completion, stock {sum(theirs) / len(theirs) * 1000:.2f} ms)"
    return [Row("S1", "engine with its codec, services included / stock loop in memory", ">= 2.0", told, ratio >= 2.0)]


def growth(url: str) -> list[Row]:
    desk = open_desk(url, make_keyring(demo=True), small.row_of_tasks(100))
    first, last = list[float](), list[float]()
    for _ in range(6):
        _, seconds = run_case(desk)
        first, last = first + seconds[:10], last + seconds[90:100]
    desk.database.close()
    ratio = median(last) / median(first)
    return [Row("S6", "task 91-100 / task 1-10 of a case", "<= 1.2", f"{ratio:.2f}", ratio <= 1.2)]


def long_loop(url: str, most: int = 2_000) -> list[Row]:
    desk = open_desk(url, make_keyring(demo=True), small.loop())
    case, seconds = desk.start().case_id, []
    for _ in range(most):
        key = desk.key(case, "a")
        begun = now()
        desk.complete(key, small.ANSWERS)
        seconds.append(now() - begun)
    ratio = median(seconds[-100:]) / median(seconds[100:200])
    rows = [Row("S6", f"turn {most - 100}-{most} / 100-200 of a loop", "<= 1.5", f"{ratio:.2f}", ratio <= 1.5)]
    sixty = desk.start().case_id
    for _ in range(58):
        desk.do(sixty, "a", small.ANSWERS)
    desk.do(sixty, "a", {"answer": ["NO"]})
    times = []
    for _ in range(20):
        begun = now()
        with desk.database.transaction(write=False) as tx:
            folded = sum(1 for _ in turns(tx, desk.program.house, sixty))
        times.append(now() - begun)
    desk.database.close()
    rows.append(Row("S11", f"fold of a finished case of {folded} facts", "<= 15 ms", f"{median(times):.1f} ms", median(times) <= 15))
    return rows


def main() -> None:
    rows: list[Row] = []
    for bench in (engine, growth, long_loop):
        with sqlite() as url:
            rows += bench(url)
    report("engine", rows)


if __name__ == "__main__":
    main()
