"""Moves of cases whose event sub-process interrupts in one version and not in the other: refused
where no end of the case could be reached any more.
"""

from __future__ import annotations

from collections.abc import Callable

import pytest

from service.engine.definition import Definition
from service.engine.spiff.codec import unpack
from service.engine.types import Message, Move
from tests.engine.moves import checked, codes, moved
from tests.engine.walks import Walk, definition, small
from tests.support.diagrams import (
    both,
    call,
    diagram,
    document,
    end,
    message,
    nodes,
    process,
    start,
    sub,
    timer,
)

Drawn = Callable[[str], Definition]
BEGINS = [message("M"), timer("Duration", "P1D")]


def event_sub(begins: str, *, interrupting: bool, id_: str = "es", inside: str = "") -> str:
    """An event sub-process of one task, `<id_>u`, and what lies in it besides."""
    begin = start(f"{id_}s", begins, isInterrupting=str(interrupting).lower())
    body = begin + nodes("userTask", f"{id_}u") + end(f"{id_}e") + inside
    return sub(id_, body, f"{id_}s>{id_}u {id_}u>{id_}e", triggeredByEvent="true")


def plain(inside: str = "") -> str:
    """A plain sub-process of the same id and task."""
    body = start("ess") + nodes("userTask", "esu") + end("ese") + inside
    return sub("es", body, "ess>esu esu>ese")


def at_top(event_sub_: str) -> Definition:
    return small(nodes("userTask", "a") + event_sub_, "s>a a>e")


def in_sub_process(event_sub_: str) -> Definition:
    box = sub("box", start("is") + nodes("userTask", "a") + end("ie") + event_sub_, "is>a a>ie")
    return small(box, "s>box box>e")


def in_call(event_sub_: str) -> Definition:
    called = start("is") + nodes("userTask", "a") + end("ie") + event_sub_
    caller = start() + call("c", "q") + end()
    return definition(document(process("p", caller, "s>c c>e"), process("q", called, "is>a a>ie")))


def begun(drawn: Definition, name: str = "M") -> Walk:
    """A case whose event sub-process runs."""
    walk = Walk(drawn)
    if walk.open("timer"):
        walk.do("ess")
    else:
        walk.act(Message(name))
    return walk


@pytest.mark.parametrize("begins", BEGINS)
def test_what_interrupted_the_case_must_go_on_interrupting(begins: str) -> None:
    walk = begun(at_top(event_sub(begins, interrupting=True)))
    new = at_top(event_sub(begins, interrupting=False))
    (problem,) = checked(walk, new).problems
    assert (problem.code, problem.element) == ("no_end", "es")
    assert problem.message == (
        "ES is running and is all that is left of the case, and the new version makes it an event "
        "sub-process that does not interrupt. Choose where to go."
    )


def test_the_case_goes_on_where_it_is_put() -> None:
    walk = begun(at_top(event_sub(message("M"), interrupting=True)))
    new = at_top(event_sub(message("M"), interrupting=False))
    run = unpack(walk.state).scopes[1][0]
    assert run is not None
    moved(walk, new, Move(relocate={run: "a"}))
    assert walk.open() == ["a"]
    walk.act(Message("M"))
    walk.do("esu")
    assert walk.do("a").ends == ("e",)


@pytest.mark.parametrize("drawn", [in_sub_process, in_call])
@pytest.mark.parametrize("begins", BEGINS)
def test_an_interrupted_scope_inside_ends_behind_its_run(drawn: Drawn, begins: str) -> None:
    walk = begun(drawn(event_sub(begins, interrupting=True)))
    moved(walk, drawn(event_sub(begins, interrupting=False)))
    assert walk.do("esu").ends == ("e",)


def test_one_that_interrupts_only_now_keeps_what_runs_beside_it() -> None:
    walk = begun(at_top(event_sub(message("M"), interrupting=False)))
    moved(walk, at_top(event_sub(message("M"), interrupting=True)))
    assert walk.open() == ["a", "esu"]
    walk.do("a")
    assert walk.do("esu").ends == ("e", "ese")


@pytest.mark.parametrize("outer", [True, False])
def test_every_interruption_around_the_run_is_asked(outer: bool) -> None:  # noqa: FBT001 - a parameter of the test
    def drawn(*, first: bool, second: bool) -> Definition:
        inner = event_sub(message("N"), interrupting=second, id_="in")
        return at_top(event_sub(message("M"), interrupting=first, inside=inner))

    walk = begun(drawn(first=True, second=True))
    walk.act(Message("N"))
    new = drawn(first=outer, second=not outer)
    assert codes(walk, new) == [("no_end", "in" if outer else "es")]


@pytest.mark.parametrize("begins", BEGINS)
def test_a_sub_process_cannot_come_to_run_beside_nothing(begins: str) -> None:
    walk = Walk(small(nodes("userTask", "a") + plain(), "s>a a>es es>e"))
    walk.do("a")
    assert codes(walk, at_top(event_sub(begins, interrupting=False))) == [("no_end", "es")]


def test_a_sub_process_may_become_an_interruption() -> None:
    walk = Walk(small(nodes("userTask", "a") + plain(), "s>a a>es es>e"))
    walk.do("a")
    moved(walk, at_top(event_sub(message("M"), interrupting=True)))
    assert walk.do("esu").ends == ("ese",)


def test_an_end_that_counted_for_nothing_does_not_count_later() -> None:
    inner = event_sub(message("N"), interrupting=False, id_="in")
    walk = Walk(small(nodes("userTask", "a") + plain(inner), "s>a a>es es>e"))
    walk.do("a")
    walk.act(Message("N"))
    walk.do("esu")
    new = at_top(event_sub(message("M"), interrupting=True, inside=inner))
    assert codes(walk, new) == [("no_end", "in")]


def test_a_sub_process_may_come_to_run_beside_the_case() -> None:
    body = both("g") + both("j") + nodes("userTask", "a") + plain()
    old = definition(diagram(start() + body + end(), "s>g g>a g>es a>j es>j j>e"))
    walk = Walk(old)
    moved(walk, at_top(event_sub(message("M"), interrupting=False)))
    assert walk.open() == ["a", "esu"]
    walk.do("a")
    assert walk.do("esu").ends == ("e",)


def test_a_run_beside_a_case_that_has_ended_moves() -> None:
    old = at_top(event_sub(message("M"), interrupting=False))
    walk = begun(old)
    walk.do("a")
    moved(
        walk,
        small(
            nodes("userTask", "a n") + event_sub(message("M"), interrupting=False), "s>a a>n n>e"
        ),
    )
    assert walk.do("esu").ends == ("e",)
