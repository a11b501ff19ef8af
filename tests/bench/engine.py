"""S1, S6, S11, S12, S13: the engine against the stock loop, growth, fold, preview and linter.

What one process computes alone is measured in processor time, so that a busy machine does not
count.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from time import process_time

from service.application.shipped_files import read_bundle
from service.casework.history.replay import replay_turns
from service.casework.tasks import form_session, send_buttons
from service.engine import Answer, Complete, Definition, Start, advance, lint
from service.engine.advance import play
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.patches import turn
from service.engine.types import Json, Stimulus
from service.release.bundle import Bundle
from service.release.prepared import files_of
from service.sandbox.handlers import declared
from service.sandbox.release_linting import SHARED
from service.security.keyring import make_keyring
from tests.bench._arms import Stock, new_desk, run_case
from tests.bench._gauge import Chart, Row, median, now, report, sqlite
from tests.support import small
from tests.support.world import NOON, open_world

ROOT = Path(__file__).parents[2]
ROUNDS = 30
ANSWERS: dict[str, Json] = {"answer": "YES"}
LENGTHS: dict[str, list[tuple[float, float]]] = {}
"""Completions so far to milliseconds of one, by kind of case; for the chart."""


def alone(definition: Definition) -> list[float]:
    """One case through `advance`, state bytes and all; a completion's share of the calls that
    services make is counted to it.
    """
    now, number, seconds = advance(definition, b"", Start(), now=NOON, seed="1"), 1, []
    while not now.finished:
        begun = process_time()
        waiting = next(o for o in now.open if o.kind == "task")
        values = ANSWERS if definition.elements[waiting.element].form == "ask" else {}
        number += 1
        now = advance(
            definition, now.state, Complete(waiting.id, values), now=NOON, seed=str(number)
        )
        while job := next((o for o in now.open if o.kind == "job"), None):
            number += 1
            now = advance(definition, now.state, Answer(job.id, {}), now=NOON, seed=str(number))
        seconds.append(process_time() - begun)
    return seconds


def in_memory(definition: Definition) -> list[float]:
    """The same case without its codec: it stays in memory from its start to its end."""
    seconds, number = list[float](), 1
    with turn(NOON, "1"):
        case = CaseExecution(definition)
        opened = play(case, Start())
    while not case.completed:
        begun = process_time()
        waiting = next(o for o in opened if o.kind == "task")
        stimulus: Stimulus | None = Complete(
            waiting.id, ANSWERS if definition.elements[waiting.element].form == "ask" else {}
        )
        while stimulus is not None:
            number += 1
            with turn(NOON, str(number)):
                opened = play(case, stimulus)
            job = next((o for o in opened if o.kind == "job"), None)
            stimulus = Answer(job.id, {}) if job else None
        seconds.append(process_time() - begun)
    return seconds


def engine(url: str) -> list[Row]:
    world, stock = new_desk(url), Stock(url)
    run_case(world)
    with world.database.transaction(write=False) as tx:
        definition = world.program.services.current(tx).definitions["p"]
    arms: dict[str, list[float]] = {"alone": [], "codec": [], "stock": []}
    for round_ in range(ROUNDS + 3):
        found = {
            "alone": in_memory(definition),
            "codec": alone(definition),
            "stock": stock.case("memory")["seconds"],
        }
        if round_ >= 3:
            arms = {name: arms[name] + seconds for name, seconds in found.items()}
    stock.close()
    world.database.close()
    mean = {name: sum(seconds) / len(seconds) for name, seconds in arms.items()}
    ratios = {name: mean["stock"] / mean[name] for name in arms}
    floor = f"stock {mean['stock'] * 1000:.2f} ms"
    texts = {
        name: f"{ratios[name]:.2f} ({mean[name] * 1000:.2f} ms a completion, {floor})"
        for name in arms
    }
    return [
        Row(
            "S1",
            "engine alone, services included / stock loop, both in memory",
            ">= 4.0",
            texts["alone"],
            ratios["alone"] >= 4.0,
        ),
        Row(
            "S1",
            "engine with its codec / stock loop in memory",
            ">= 2.5",
            texts["codec"],
            ratios["codec"] >= 2.5,
        ),
    ]


def growth(url: str) -> list[Row]:
    world = open_world(url, make_keyring(demo=True), small.row_of_tasks(100))
    tenths = [list[float]() for _ in range(10)]
    for _ in range(6):
        _, seconds = run_case(world, clock=process_time)
        for tenth, values in enumerate(tenths):
            values.extend(seconds[10 * tenth : 10 * tenth + 10])
    world.database.close()
    ratio = median(tenths[-1]) / median(tenths[0])
    LENGTHS["tasks in a row"] = [(10 * n + 10, median(each)) for n, each in enumerate(tenths)]
    return [Row("S6", "task 91-100 / task 1-10 of a case", "<= 1.1", f"{ratio:.2f}", ratio <= 1.1)]


def long_loop(url: str, most: int = 2_000) -> list[Row]:
    world = open_world(url, make_keyring(demo=True), small.loop())
    case, seconds = world.start().case_id, []
    for _ in range(most):
        key = world.key(case, "a")
        begun = process_time()
        world.complete(key, small.ANSWERS)
        seconds.append(process_time() - begun)
    ratio = median(seconds[-100:]) / median(seconds[100:200])
    LENGTHS["turns of a loop"] = [
        (n + 100, median(seconds[n : n + 100])) for n in range(0, most, 100)
    ]
    rows = [
        Row(
            "S6",
            f"turn {most - 100}-{most} / 100-200 of a loop",
            "<= 1.2",
            f"{ratio:.2f}",
            ratio <= 1.2,
        )
    ]
    sixty = world.start().case_id
    for _ in range(58):
        world.do(sixty, "a", small.ANSWERS)
    world.do(sixty, "a", {"answer": ["NO"]})

    def fold() -> int:
        with world.database.transaction(write=False) as tx:
            return sum(1 for _ in replay_turns(tx, world.program.services, sixty))

    folded = fold()
    rows.append(within("S11", f"fold of a finished case of {folded} facts", fold, 6))
    world.database.close()
    return rows


def preview(url: str) -> list[Row]:
    """What the page's script asks for while somebody types: every button of a case's first task."""
    world = open_world(url, make_keyring(demo=True), small.bench())
    task = world.tasks(world.start().case_id)[0]

    def ask() -> None:
        with world.database.transaction(write=False) as tx:
            at = form_session.open_task_form(
                tx, world.program.services, world.viewer(), task.key, world.clock.now()
            )
            send_buttons.preview_buttons(
                at, {key: list(texts) for key, texts in small.ANSWERS.items()}
            )

    row = within("S12", "preview of what sending an open task brings, page data included", ask, 2)
    world.database.close()
    return [row]


def linter(_: str) -> list[Row]:
    """`return_case.bpmn` with the release around it, as the editor has it looked through."""
    bundle = read_bundle(ROOT / "workflows", ROOT / "forms")
    files, _forms, _findings = files_of(bundle, declared())
    found = lint(files, today=NOON.date())
    about = f"{len(files.diagrams)} diagrams, {len(found)} findings"
    return [
        within(
            "S13",
            f"parse and lint of the shipped release, {about}",
            lambda: lint(files, today=NOON.date()),
            80,
        ),
        editor(bundle),
    ]


def editor(bundle: Bundle) -> Row:
    """Findings of a release with one change more each time, by the child process that lints."""
    name, seconds = "workflows/return_case.bpmn", []
    for number in range(13):
        comment = f"<!-- {number} -->".encode()
        changed = Bundle({**bundle.files, name: bundle.files[name] + comment})
        begun = now()
        SHARED.findings(changed, name, today=NOON.date())
        seconds.append(now() - begun)
    took = median(seconds[3:]) / 1000
    return Row("S13", "findings after a change", "<= 0.5 s", f"{took:.2f} s", took <= 0.5)


def within(id_: str, measure: str, work: Callable[[], object], most: float) -> Row:
    """The median of twenty, in processor time."""
    times = []
    for _ in range(23):
        begun = process_time()
        work()
        times.append(process_time() - begun)
    took = median(times[3:])
    return Row(id_, measure, f"<= {most:g} ms", f"{took:.1f} ms", took <= most)


def main() -> None:
    rows: list[Row] = []
    for bench in (engine, growth, long_loop, preview, linter):
        with sqlite() as url:
            rows += bench(url)
    chart = Chart(
        "length-of-case",
        "Processor time of a completion in a case that grows longer",
        "completions so far",
        "milliseconds",
        LENGTHS,
    )
    report("engine", rows, [chart])


if __name__ == "__main__":
    main()
