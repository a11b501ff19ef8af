"""S7, S8: lists, and a completion, with 1,000, 100,000 and 1,000,000 stored cases.

`python -m tests.bench.lists [sizes]`, such as `1000,100000`; on SQLite. The demo is made once and
its cases are multiplied (`_many_cases`); pages are asked of the whole application without a server,
and measured in processor time, the least of several. Before anything is measured, the product's own
`verify` looks at the demo's cases, and at what lists read of some clones.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from service.actions.cases.turn import TurnResult
from service.actions.commands.case_start import start_case
from service.actions.commands.task_completion import complete_task
from service.actions.history import verify
from service.actions.history.rows.list_rows import check_access, check_counts
from service.actions.people import accounts
from service.actions.publishing.trial.scenario_times import resolve
from service.application import unit_of_work
from service.application.container import Tresteg
from service.application.installation import prepare_database
from service.clock import WallClock
from service.demo import seed, state
from service.forms import flatten
from service.security.keyring import Keyring, demo_keyring
from service.settings import Settings
from service.store.casefile import cases
from service.store.lists import case_access
from service.store.row_scope import as_system
from service.store.tables import task
from service.store.transaction import Tx
from tests.bench._gauge import Chart, Row, report
from tests.bench._many_cases import fill
from tests.support.browser import Browser
from tests.support.programs import make_application, make_program
from tests.support.world import START, usual
from tests.web.api.v1.answers import FIRST

SIZES, ROUNDS, SAMPLE = (1_000, 100_000, 1_000_000), 7, 200
FLAT, CPU = 1.5, 10.0
"""How many times as long a page may take as with the fewest cases, and milliseconds at most."""
TURN = 1.2
"""How many times as long a completion may take."""
PAGES: Mapping[str, tuple[str, str]] = {
    "inbox": ("aino", "/inbox"),
    "inbox, by case": ("aino", "/inbox?sort=case"),
    "inbox, the newest": ("aino", "/inbox?sort=new"),
    "inbox, by stage": ("aino", "/inbox?sort=stage"),
    "inbox, waits elsewhere": ("aino", "/inbox?box=waiting"),
    "cases": ("aino", "/cases"),
    "cases, by due date": ("aino", "/cases?sort=due"),
    "cases, by pseudonym": ("aino", "/cases?sort=case"),
    "cases, unmoved the longest": ("aino", "/cases?sort=since"),
    "cases, all by pseudonym": ("aino", "/cases?sort=case&state=every"),
    "office": ("aino", "/office"),
    "audit list": ("greta", "/audit"),
    "audit list, a rare word": ("greta", "/audit?q=2026-9"),
    "processes": ("maja", "/processes"),
}
"""Page to who asks for it, and its address."""
ON_CASES, ON_TASKS = (
    ("cases", "office", "audit list", "processes"),
    ("inbox", "inbox, by case", "inbox, by stage", "inbox, waits elsewhere"),
)
"""The pages of the two charts."""


def program_on(file: Path, keyring: Keyring) -> Tresteg:
    """A program on a SQLite file."""
    settings = Settings(
        database_url=f"sqlite:///{file}",
        base_url="http://localhost",
        secret_key="a bench needs none " * 2,
        mail_url="print:",
    )
    return make_program(settings, keyring, WallClock())


def make_demo(folder: Path) -> None:
    """Play the demo's cases into an empty folder."""
    program = program_on(folder / "tresteg.db", demo_keyring(folder / "keyring.json"))
    prepare_database(program)
    seed.seed(program)
    program.database.close()


def check(program: Tresteg, played: int) -> None:
    """Verify the demo's cases, and of some clones what lists read.

    Args:
        played: how many cases are the demo's own; their ids are the shortest.
    """
    now = program.clock.now()
    with program.database.transaction(write=False) as tx:
        ids = verify.case_ids(tx)
        own = [id_ for id_ in ids if "-" not in id_]
        assert len(own) == played
        faults = list(verify.verify_some(tx, program.services, own, now=now).faults)
        for id_ in Random(3).sample(ids, min(SAMPLE, len(ids))):  # noqa: S311 - a sample, not a secret
            case = cases.get(tx, id_)
            assert case is not None
            faults += check_access(tx, case, now)
        faults += check_counts(tx)
    assert faults == [], [str(fault) for fault in faults[:5]]


def least(act: Callable[[], object]) -> float:
    """Milliseconds of processor time, the least of several rounds."""
    times = []
    for _ in range(ROUNDS):
        begun = process_time()
        act()
        times.append((process_time() - begun) * 1000)
    return min(times)


def statements(program: Tresteg, act: Callable[[], object]) -> int:
    """How many statements something takes."""
    sent: list[str] = []
    with program.database.listening(lambda text, _values, _many: sent.append(text)):
        act()
    return sum(not text.startswith(("BEGIN", "COMMIT", "PRAGMA")) for text in sent)


def measure(program: Tresteg) -> tuple[dict[str, float], dict[str, int]]:
    """Milliseconds and statements of each page."""
    app, found, asked = make_application(program), dict[str, float](), dict[str, int]()
    for name, (who, address) in PAGES.items():
        browser = Browser(app.test_client())
        browser.get("/demo")
        browser.post("/demo/enter", {"who": who})

        def ask(browser: Browser = browser, address: str = address) -> None:
            answer = browser.client.get(address)
            assert answer.status_code == 200, (address, answer.status)
            answer.close()

        ask()
        asked[name] = statements(program, ask)
        found[name] = least(ask)
    return found, asked


def upkeep(program: Tresteg) -> float:
    """Milliseconds of what a turn adds: the rows of a case written and counted, where each of them
    is another than before.
    """
    with program.database.transaction() as tx:
        (case,) = cases.listed(tx, status="open", limit=1)
        rows = case_access.of_case(tx, case.id)

        def move() -> None:
            case_access.replace_rows(tx, rows, [])
            case_access.replace_rows(tx, [], rows)
            tx.flush()

        return least(move) / 2


def completion(program: Tresteg) -> float:
    """Milliseconds of completing the first task of a new case, with its commit."""
    services, now = program.services, program.clock.now()
    with program.database.transaction(write=False) as tx:
        viewer = accounts.load_viewer(tx, state.people(tx)["sara"])
        drawn = services.current(tx).definitions[services.programme.process].elements[FIRST]
    assert viewer is not None

    def answers(form: str) -> dict[str, list[str]]:
        return flatten(resolve(usual()[form], now, ZoneInfo(viewer.zone)))

    def run(work: Callable[[Tx], TurnResult]) -> TurnResult:
        return unit_of_work.run(program.database, services, work, now=now)

    who: dict[str, Any] = {"by": viewer, "now": now}
    starts = {"element": START, "answers": answers("start_case"), "ref": "", **who}
    begun = [run(lambda tx: start_case(tx, services, **starts)) for _ in range(ROUNDS)]
    keys = iter([task.key for turn in begun for task in turn.opened if task.element == FIRST])
    sent = {"answers": answers(drawn.form), **who}

    def complete() -> TurnResult:
        key = next(keys)
        return run(lambda tx: complete_task(tx, services, task_key=key, **sent))

    return least(complete)


def charts(
    sizes: Sequence[int], waiting: Mapping[int, int], results: Mapping[int, Mapping[str, float]]
) -> Iterator[Chart]:
    """Pages over the number of cases, and inboxes over the number of tasks that wait."""
    for name, title, x, pages in (
        ("number-of-cases", "lists with more and more cases", "stored cases", ON_CASES),
        ("waiting-tasks", "an inbox with more and more tasks", "waiting tasks", ON_TASKS),
    ):
        lines = {
            page: [
                (size if pages is ON_CASES else waiting[size], results[size][page])
                for size in sizes
            ]
            for page in pages
        }
        yield Chart(name, f"Processor time of {title}", x, "milliseconds", lines)


def main() -> None:
    sizes = [int(n) for n in sys.argv[1].split(",")] if len(sys.argv) > 1 else list(SIZES)
    results: dict[int, dict[str, float]] = {}
    counts: dict[int, dict[str, int]] = {}
    turns: dict[int, float] = {}
    waiting: dict[int, int] = {}
    rows = []
    with tempfile.TemporaryDirectory(prefix="tresteg-bench-") as work:
        folder = Path(work)
        make_demo(folder)
        keyring, file = demo_keyring(folder / "keyring.json"), folder / "many.db"
        for size in sizes:
            shutil.copyfile(folder / "tresteg.db", file)
            begun = perf_counter()
            fill(file, keyring, size, WallClock().now())
            filled, weight = perf_counter() - begun, file.stat().st_size / 1e6
            print(f"{size} cases put in: {filled:.0f} s, {weight:.0f} MB")
            program = program_on(file, keyring)
            with program.database.transaction(write=False) as tx:
                played = sum("-" not in id_ for id_ in verify.case_ids(tx))
                waiting[size] = tx.value(
                    as_system("backup", select(func.count()).select_from(task))
                )
            check(program, played)
            results[size], counts[size] = measure(program)
            turns[size] = completion(program)
            slower = turns[size] / turns[sizes[0]]
            rows.append(
                Row(
                    "S8",
                    f"a completion, {size} cases",
                    f"<= {TURN} times",
                    f"{turns[size]:.2f} ms, {slower:.2f} times",
                    None if size == sizes[0] else slower <= TURN,
                )
            )
            rows.append(
                Row(
                    "S8",
                    f"rows of a case in lists, {size} cases",
                    "",
                    f"{upkeep(program):.2f} ms",
                    None,
                )
            )
            program.database.close()
            for part in folder.glob("many.db*"):
                part.unlink()
    few = results[sizes[0]]
    for name in PAGES:
        for size in sizes:
            took, ratio = results[size][name], results[size][name] / few[name]
            shown = f"{took:.1f} ms, {ratio:.2f} times, {counts[size][name]} statements"
            met = None if size == sizes[0] else ratio <= FLAT and took <= CPU
            rows.append(
                Row("S7", f"{name}, {size} cases", f"<= {FLAT} times, {CPU:.0f} ms", shown, met)
            )
    report("lists", rows, list(charts(sizes, waiting, results)))


if __name__ == "__main__":
    main()
