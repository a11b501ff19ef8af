"""S7, S8: lists, and a completion, with 1,000, 100,000 and 1,000,000 stored cases.

`python -m tests.bench.lists [sizes]`, such as `1000,100000`; on SQLite. The demo is made once, and
its cases are multiplied into a file for each size (`_many_cases`). Before anything is measured, the
product's own `verify` looks at the demo's cases, and at what lists read of some clones. Then pages
are asked of the whole application without a server, and measured in processor time: each of them of
each file in turn, as often as there are rounds, so that what else the machine does meanwhile weighs
on all alike. A page's figure is the least of its rounds; a completion's ratio is the median of
those of the pairs that came one after the other.
"""

from __future__ import annotations

import gc
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from service import logs
from service.application import unit_of_work
from service.application.container import Tresteg
from service.audit import verify
from service.audit.checks.derived_rows import check_access, check_counts
from service.casework.cases.turn import TurnResult
from service.casework.commands.case_start import start_case
from service.casework.commands.task_completion import complete_task
from service.clock import WallClock
from service.demo import seed, state
from service.forms import flatten
from service.operations.start_checks import prepare_database
from service.people import accounts
from service.security.keyring import Keyring, demo_keyring
from service.settings import Settings
from service.store.casefile import cases
from service.store.lists import case_access
from service.store.row_scope import as_system
from service.store.tables import task
from service.store.transaction import Tx
from service.store.writing import write_last
from service.workshop.trial.scenario_times import resolve
from tests.bench._gauge import Chart, Row, report
from tests.bench._many_cases import fill
from tests.support.audits import state_matter
from tests.support.browser import Browser
from tests.support.programs import make_application, make_program
from tests.support.world import START, usual
from tests.web.api.v1.answers import FIRST

SIZES, ROUNDS, SAMPLE, COUNTED = (1_000, 100_000, 1_000_000), 15, 200, 100_000
"""`COUNTED`: up to so many cases all of them are counted anew, to compare the counts."""
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


def make_demo(folder: Path) -> list[str]:
    """Play the demo's cases into an empty folder; gives their ids, in order."""
    program = program_on(folder / "tresteg.db", demo_keyring(folder / "keyring.json"))
    prepare_database(program)
    seed.seed(program)
    with program.database.transaction(write=False) as tx:
        ids = sorted(verify.case_ids(tx))
    program.database.close()
    return ids


def check(program: Tresteg, own: Sequence[str], size: int) -> None:
    """Verify the demo's cases, and of some clones what lists read.

    Args:
        own: ids of the demo's cases, in order.
    """
    now, clones = program.clock.now(), range(len(own), size)
    some = Random(3).sample(clones, min(SAMPLE, len(clones)))  # noqa: S311 - a sample, not a secret
    with program.database.transaction(write=False) as tx:
        faults = list(verify.verify_some(tx, program.services, own, now=now).faults)
        for id_ in (*own, *(f"{own[n % len(own)]}-{n}" for n in some)):
            case = cases.get(tx, id_)
            assert case is not None, id_
            faults += check_access(tx, case, now)
        if size <= COUNTED:
            faults += check_counts(tx)
    assert faults == [], [str(fault) for fault in faults[:5]]


def milliseconds(act: Callable[[], object]) -> float:
    """Of processor time."""
    begun = process_time()
    act()
    return (process_time() - begun) * 1000


def in_turns(acts: Mapping[int, Callable[[], object]]) -> dict[int, list[float]]:
    """Milliseconds of what is done with each size, round by round."""
    times: dict[int, list[float]] = {size: [] for size in acts}
    for _ in range(ROUNDS):
        for size, act in acts.items():
            times[size].append(milliseconds(act))
    return times


def statements(program: Tresteg, act: Callable[[], object]) -> int:
    """How many statements something takes."""
    sent: list[str] = []
    with program.database.listening(lambda text, _values, _many: sent.append(text)):
        act()
    return sum(not text.startswith(("BEGIN", "COMMIT", "PRAGMA")) for text in sent)


def looks(program: Tresteg) -> dict[str, Callable[[], object]]:
    """Page to what asks for it once, of somebody who is signed in; an auditor has said for which
    matter.
    """
    app, found = make_application(program), dict[str, Callable[[], object]]()
    with program.database.transaction(write=False) as tx:
        people = state.people(tx)
        auditor = accounts.load_viewer(tx, people["greta"])
    assert auditor is not None
    for name, (who, address) in PAGES.items():
        browser = Browser(app.test_client())
        browser.get("/demo")
        browser.post("/demo/enter", {"who": who})

        def ask(browser: Browser = browser, address: str = address) -> None:
            answer = browser.client.get(address)
            assert answer.status_code == 200, (address, answer.status)
            answer.close()

        found[name] = ask
    state_matter(program, auditor, program.clock.now())
    return found


def moves(program: Tresteg) -> Callable[[], object]:
    """What a turn adds: the rows of a case written and counted, where each is another than before;
    twice, so that they are as they were.
    """
    with program.database.transaction(write=False) as tx:
        (case,) = cases.listed(tx, status="open", limit=1)

    def move() -> None:
        with program.database.transaction() as tx:
            rows = case_access.of_case(tx, case.id)
            case_access.replace_rows(tx, rows, [])
            write_last(tx)
            case_access.replace_rows(tx, [], rows)

    return move


def completions(program: Tresteg) -> Callable[[], object]:
    """Completes the first task of another new case each time, with its commit."""
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
    begun = [run(lambda tx: start_case(tx, services, **starts)) for _ in range(ROUNDS + 1)]
    keys = iter([task.key for turn in begun for task in turn.opened if task.element == FIRST])
    sent = {"answers": answers(drawn.form), **who}

    def complete() -> TurnResult:
        key = next(keys)
        return run(lambda tx: complete_task(tx, services, task_key=key, **sent))

    return complete


def turn_rows(programs: Mapping[int, Tresteg]) -> Iterator[Row]:
    """S8: a completion, and what lists add to it, of all sizes in turn."""
    done = {size: completions(program) for size, program in programs.items()}
    upkeep = {size: moves(program) for size, program in programs.items()}
    for act in (*done.values(), *upkeep.values()):
        act()  # the first time every statement is prepared too
    few, *_ = programs
    times, moved = in_turns(done), in_turns(upkeep)
    for size in programs:
        pairs = zip(times[size], times[few], strict=True)
        slower = statistics.median(many / few_ for many, few_ in pairs)
        shown = f"{min(times[size]):.2f} ms, {slower:.2f} times"
        met = None if size == few else slower <= TURN
        yield Row("S8", f"a completion, {size} cases", f"<= {TURN} times", shown, met)
        shown = f"{min(moved[size]) / 2:.2f} ms"
        yield Row("S8", f"rows of a case in lists, {size} cases", "", shown, None)


def page_rows(programs: Mapping[int, Tresteg], found: dict[int, dict[str, float]]) -> Iterator[Row]:
    """S7: each page, of all sizes in turn; puts milliseconds into `found`."""
    asks = {size: looks(program) for size, program in programs.items()}
    few, *_ = programs
    for name in PAGES:
        acts = {size: asks[size][name] for size in programs}
        for act in acts.values():
            act()
        asked = {size: statements(programs[size], act) for size, act in acts.items()}
        for size, times in in_turns(acts).items():
            found[size][name] = min(times)
        for size in programs:
            took, ratio = found[size][name], found[size][name] / found[few][name]
            shown = f"{took:.1f} ms, {ratio:.2f} times, {asked[size]} statements"
            met = None if size == few else ratio <= FLAT and took <= CPU
            yield Row("S7", f"{name}, {size} cases", f"<= {FLAT} times, {CPU:.0f} ms", shown, met)


def many(folder: Path, keyring: Keyring, own: Sequence[str], size: int) -> tuple[Tresteg, int]:
    """A program on the demo multiplied to a size, which has been checked; and how many tasks wait
    in it.
    """
    file, begun = folder / f"cases-{size}.db", (perf_counter(), process_time())
    shutil.copyfile(folder / "tresteg.db", file)
    fill(file, keyring, size, WallClock().now())
    filled, weight = perf_counter() - begun[0], file.stat().st_size / 1e6
    spent = process_time() - begun[1]
    print(f"{size} cases put in: {filled:.0f} s ({spent:.0f} s of processor time), {weight:.0f} MB")
    program = program_on(file, keyring)
    check(program, own, size)
    print(f"{size} cases checked: {perf_counter() - begun[0] - filled:.0f} s", flush=True)
    with program.database.transaction(write=False) as tx:
        waiting = tx.value(as_system("backup", select(func.count()).select_from(task)))
    return program, int(waiting)


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
    logs.begin("critical")
    sizes = [int(n) for n in sys.argv[1].split(",")] if len(sys.argv) > 1 else list(SIZES)
    results: dict[int, dict[str, float]] = {size: {} for size in sizes}
    with tempfile.TemporaryDirectory(prefix="tresteg-bench-") as work:
        folder = Path(work)
        own, keyring = make_demo(folder), demo_keyring(folder / "keyring.json")
        made = {size: many(folder, keyring, own, size) for size in sizes}
        programs = {size: program for size, (program, _) in made.items()}
        gc.collect()
        gc.freeze()  # as the server does when it has started
        rows = [*turn_rows(programs), *page_rows(programs, results)]
        for program in programs.values():
            program.database.close()
    waiting = {size: tasks for size, (_, tasks) in made.items()}
    report("lists", rows, list(charts(sizes, waiting, results)))


if __name__ == "__main__":
    main()
