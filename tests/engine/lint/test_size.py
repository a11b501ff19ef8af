"""What is too deep or too large to judge is told, and takes no more than its share."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from time import process_time
from typing import Any

from service.engine.bpmn.parser import read_trees
from service.engine.limits import MARKINGS, NESTING
from service.engine.lint.analysis.dataflow import Dataflow
from service.engine.lint.context import build_context
from service.engine.lint.rules_soundness import SoundnessContext
from tests.engine.lint.reports import keys, only
from tests.support.diagram_files import release
from tests.support.diagrams import (
    border,
    both,
    call,
    diagram,
    document,
    end,
    event,
    ext,
    job,
    mapping,
    process,
    props,
    start,
    sub,
    task,
    xor,
)

LEGAL = 6.0
"""Seconds of CPU after which a release of legal size counts as not judged: two are the promise, and
a machine may be three times as slow. Most take a tenth of that; work that grew with the cube took
seven and more.
"""


def row(ids: Iterable[str]) -> str:
    """Flows from each step to the next."""
    return " ".join(f"{one}>{other}" for one, other in pairwise(ids))


def seconds(*diagrams: bytes) -> tuple[float, set[str]]:
    """CPU time of the linter, and what it finds."""
    files, before = release(*diagrams), process_time()
    found = set(keys(files))
    return process_time() - before, found


def readers(branches: int, steps: int) -> bytes:
    """Branches side by side, each step of which reads a variable that nothing sets."""
    ids = [[f"t{branch}x{n}" for n in range(steps)] for branch in range(branches)]
    reads = mapping(None, {"a": "= sent"})
    body = "".join(job(id_, extra=reads) for branch in ids for id_ in branch)
    ways = " ".join(row(["g", *branch, "h"]) for branch in ids)
    return diagram(start() + both("g") + body + both("h") + end(), f"s>g {ways} h>e")


def called(depth: int) -> bytes:
    """Processes that call each other in a row."""
    made = []
    for n in range(depth):
        step = call(f"c{n}", f"p{n + 1}") if n < depth - 1 else task(f"t{n}")
        body = start(f"s{n}") + step + end(f"e{n}")
        inner = f"c{n}" if n < depth - 1 else f"t{n}"
        made.append(process(f"p{n}", body, f"s{n}>{inner} {inner}>e{n}"))
    return document(*made)


def wide(scopes: int, branches: int) -> bytes:
    """Sub-processes in a row, each with many branches side by side."""
    body, way, last = start() + end(), "", "s"
    for n in range(scopes):
        ids = [f"t{n}x{branch}" for branch in range(branches)]
        inside = start(f"s{n}") + both(f"g{n}") + "".join(task(id_) for id_ in ids)
        inside += both(f"h{n}") + end(f"e{n}")
        ways = " ".join(f"g{n}>{id_} {id_}>h{n}" for id_ in ids)
        body += sub(f"u{n}", inside, f"s{n}>g{n} {ways} h{n}>e{n}")
        way, last = f"{way} {last}>u{n}", f"u{n}"
    return diagram(body, f"{way} {last}>e")


def fan(levels: int, calls: int, top: str = "", bottom: str = "", head: str = "") -> bytes:
    """Processes each of which calls the next one several times in a row."""
    made = []
    for n in range(levels):
        ids = [f"c{n}x{i}" for i in range(calls)]
        last = n == levels - 1
        steps = "".join(task(id_) if last else call(id_, f"p{n + 1}") for id_ in ids)
        row = [f"s{n}", *ids, f"e{n}"]
        ways = " ".join(f"{one}>{other}" for one, other in pairwise(row))
        borders = "".join(border(f"b{id_}", id_, top) + end(f"e{id_}") for id_ in ids)
        made.append(
            process(
                f"p{n}",
                start(f"s{n}")
                + steps
                + end(f"e{n}", bottom if last else "")
                + (borders if top and not n else ""),
                ways + (" ".join(f" b{id_}>e{id_}" for id_ in ids) if top and not n else ""),
                "" if n else head,
            )
        )
    return document(*made)


def test_processes_called_at_many_places_are_judged_once() -> None:
    """There are 25 to the power of 4 ways from the first process to a step of the last."""
    assert keys(release(fan(5, 25))) == []


def test_a_promise_is_followed_out_of_each_process_once() -> None:
    """An error of the last process could leave it over 40 to the power of 4 ways."""
    broken = ext(props(promise__1="c0x39 always followed by c0x0"))
    took, found = seconds(fan(5, 40, bottom=event("error", "E"), head=broken))
    assert ("D809.after" in found, took < LEGAL) == (True, True), took


def test_a_fault_is_looked_for_once_in_each_process() -> None:
    """Without that, two calls in each of 60 processes would be 2 to the power of 60 ways."""
    error = event("error", "E")
    assert set(keys(release(fan(60, 2, error, error)))) == {"D701"}


def test_called_processes_count_for_the_depth() -> None:
    assert keys(release(called(NESTING + 1))) == []
    found = only(release(called(450)), "D701")
    assert (found.element, found.facts["n"]) == (f"p{NESTING + 1}", NESTING + 1)


def test_a_release_has_one_budget_of_states() -> None:
    files = release(wide(3, 16))
    verdicts = SoundnessContext(build_context(files, read_trees(files))).verdicts
    assert sum(verdict.markings for verdict in verdicts.values()) < MARKINGS * 1.01
    assert [verdict.complete for verdict in verdicts.values()].count(False) == 2, "of three"
    assert keys(files) == ["D806", "D806"]


def test_a_small_scope_is_judged_beside_one_that_is_too_large() -> None:
    files = release(wide(1, 18))
    verdicts = SoundnessContext(build_context(files, read_trees(files))).verdicts
    assert {id_: verdict.complete for id_, verdict in verdicts.items()} == {"p": True, "u0": False}


def test_who_writes_meanwhile_is_worked_out_once_for_all() -> None:
    """Each of 240 steps asks for what 120 others write."""
    took, found = seconds(readers(2, 120))
    assert (found, took < LEGAL) == ({"D820"}, True), took


def merges(gateways: int, merged: int) -> bytes:
    """A row of gateways each of which may go to the same merges, beside another step."""
    body = start() + both("g") + both("h") + task("q", form="ask") + task("k") + xor("z") + end()
    ways = "s>q q>g g>k k>h h>e g>x0 z>h"
    for n in range(gateways):
        body += xor(f"x{n}")
        ways += f" x{n}>x{n + 1}*" if n < gateways - 1 else f" x{n}>z*"
        ways += "".join(f' x{n}>m{merge}[answer = "YES"]' for merge in range(merged))
    for merge in range(merged):
        body += task(f"m{merge}")
        ways += f" m{merge}>z"
    return diagram(body, ways)


def test_the_ways_into_a_merge_are_not_compared_in_pairs() -> None:
    """Each of 28 merges has 200 ways in."""
    took, found = seconds(merges(200, 28))
    assert (found & {"D391", "D806"}, took < LEGAL) == (set(), True), took


def backwards(processes: int, steps: int) -> bytes:
    """Processes that are called one after the other, each written from its end to its start."""
    made = []
    for n in range(processes):
        ids = [f"t{n}x{step}" for step in range(steps)]
        body = end(f"e{n}") + "".join(task(id_) for id_ in reversed(ids)) + start(f"s{n}")
        made.append(process(f"p{n + 1}", body, row([f"s{n}", *ids, f"e{n}"])))
    ids = [f"c{n}" for n in range(processes)]
    calls = "".join(call(id_, f"p{n + 1}") for n, id_ in enumerate(ids))
    top = process("p0", end() + calls + start(), row(["s", *ids, "e"]))
    return document(*made[::-1], top)


def test_a_file_that_is_written_backwards_takes_no_longer() -> None:
    files = release(backwards(7, 240))
    context, solved = build_context(files, read_trees(files)), 0

    class Counted(Dataflow):
        """The data flow, with how often facts are worked out."""

        def _before(self, *place: Any, sure: bool) -> int:
            nonlocal solved
            solved += 1
            return super()._before(*place, sure=sure)

    Counted(context)
    assert solved < 6 * len(context.home), "a few times for each place, whatever their order"


def loops(branches: int, steps: int) -> bytes:
    """Branches side by side, in each of which any of many steps may follow any other."""
    body, ways = start() + both("g") + both("h") + task("q", form="ask") + end(), "s>q q>g h>e"
    for branch in range(branches):
        ids = [f"t{branch}x{n}" for n in range(steps)]
        body += task(f"k{branch}") + "".join(task(id_) + xor(f"x{id_}") for id_ in ids)
        ways += f" g>{ids[0]} k{branch}>h"
        for n, id_ in enumerate(ids):
            nexts = [*ids[n + 1 :], *ids[: n + 1]][:28]
            last = f"k{branch}" if n == steps - 1 else nexts.pop()
            asked = "".join(f' x{id_}>{other}[answer = "YES"]' for other in nexts)
            ways += f" {id_}>x{id_}{asked} x{id_}>{last}*"
    return diagram(body, ways)


def test_a_search_that_gives_up_leaves_little_to_do() -> None:
    took, found = seconds(loops(4, 29))
    assert (found & {"D391", "D806"}, took < LEGAL) == ({"D806"}, True), took
