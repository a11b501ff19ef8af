"""The traps of SpiffWorkflow 3.2.0, 35 to 48: messages, moves, threads and bytes."""

from __future__ import annotations

import logging
import re
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import pytest
from SpiffWorkflow.util.task import TaskState

from service.engine.spiff.codec import unpack
from service.engine.types import Message, Move, Restore, Start
from service.errors import BadVariables, EngineStopped, NotWaiting, SeveralWait
from tests.engine.spiff.traps import ROOT, alone, dump, refused
from tests.engine.walks import Walk, definition, small, straight
from tests.support.diagrams import (
    border,
    both,
    call,
    document,
    each,
    end,
    event,
    job,
    message,
    node,
    nodes,
    process,
    start,
    sub,
    timer,
    xor,
)

pytestmark = pytest.mark.slow  # the stock library runs alone in a process of its own


def test_trap_35_message_one() -> None:
    assert alone()["message_one"] == ["c", "d"], "one message wakes both"
    borders = border("x", "a", message("M")) + border("y", "b", message("M"))
    walk = Walk(
        small(
            both("f") + nodes("userTask", "a b c d") + borders,
            "s>f f>a f>b a>e b>e x>c c>e y>d d>e",
        )
    )
    with pytest.raises(SeveralWait):
        walk.act(Message("M"))
    walk.act(Message("M", element="x"))
    assert walk.open("task") == ["b", "c"]
    with pytest.raises(NotWaiting):
        walk.act(Message("O"))


def test_trap_36_started() -> None:
    assert alone()["started"] == ["STARTED", True], "what the library calls unused works"
    assert TaskState.STARTED == 32
    walk = Walk(
        small(
            job("j") + border("t", "j", timer("Duration", "P1D")) + nodes("userTask", "a"),
            "s>j j>e t>a a>e",
        )
    )
    assert walk.open() == ["j", "t"]
    walk.do("t")
    assert walk.open() == ["a"]


def test_trap_37_move() -> None:
    assert alone()["migrate"] == [True, [None]], "the timer was restarted and the draft is gone"
    guard = border("t", "a", timer("Duration", "P7D")) + nodes("userTask", "a r")
    walk = Walk(small(guard, "s>a a>e t>r r>e"))
    before = walk.turn.open
    walk.definition = small(guard + nodes("userTask", "b"), "s>a a>b b>e t>r r>e")
    walk.later(days=2)
    assert walk.act(Move()).open == before


def test_trap_38_restore() -> None:
    assert alone()["reset"] == ["a", "c"], "two tokens in a block that has one"
    walk = Walk(
        small(
            nodes("parallelGateway", "f j") + nodes("userTask", "a b c"),
            "s>f f>a f>b a>j b>j j>c c>e",
        )
    )
    before = walk.state
    walk.do("a")
    walk.do("b")
    walk.act(Restore(before))
    assert walk.open() == ["a", "b"]


def test_trap_39_move_boundary() -> None:
    assert alone()["move_boundary"] == "WorkflowException", "Split was not reached"
    walk = Walk(straight("a b"))
    walk.definition = small(
        nodes("userTask", "a b r") + border("t", "a", timer("Duration", "P1D")),
        "s>a a>b b>e t>r r>e",
    )
    walk.act(Move())
    assert walk.open() == ["a", "t"]
    walk.do("a")
    walk.do("b")
    assert walk.turn.finished


def test_trap_40_loop_2000() -> None:
    assert alone()["quadratic"] is True, (
        "turn 60 of a loop costs more than four times turn 6; ours: test_codec, 2,000 turns"
    )
    walk, rows = Walk(straight(" ".join(f"t{n}" for n in range(40)))), []
    for n in range(39):
        walk.do(f"t{n}")
        rows.append(sum(len(scope[2]) for scope in unpack(walk.state).scopes))
    assert set(rows) == {1}


def test_trap_41_fault_end() -> None:
    assert alone()["fault_end"] == {"box": "COMPLETED", "b": "CANCELLED", "c": "READY"}, (
        "b was opened, and taken away again"
    )
    inside = start("is") + nodes("userTask", "a") + end("bad", event("error", "E"))
    walk = Walk(
        small(
            sub("box", inside, "is>a a>bad")
            + border("x", "box", event("error", "E"))
            + nodes("userTask", "b c"),
            "s>box box>b b>e x>c c>e",
        )
    )
    walk.do("a")
    assert walk.open() == ["c"]
    assert "b" not in {s.element for s in walk.turn.steps}


def test_trap_42_ad_hoc() -> None:
    assert alone()["ad_hoc"] == "passes", (
        "ordering=Sequential is what the library refuses, were it seen"
    )
    assert "D343" in refused(node("adHocSubProcess", "a", nodes("manualTask", "b")), "s>a a>e")


def test_trap_44_quiet(caplog: pytest.LogCaptureFixture) -> None:
    assert alone()["quiet"] is True, "a value of the case is in its log records"
    walk = Walk(straight("a b"), Start({"text": "canary"}))
    walk.do("a", text="canary")
    assert "canary" not in caplog.text
    assert logging.getLogger("spiff.task").level >= logging.WARNING
    assert logging.getLogger("spiff.workflow").level >= logging.WARNING


def test_trap_45_threads() -> None:
    assert alone()["threads"] == 1, "a case leaves its callback on the shared spec"
    drawn = small(
        nodes("parallelGateway", "f j")
        + node("userTask", "a", each("list", "x", "out", "x"))
        + nodes("userTask", "b"),
        "s>f f>a f>b a>j b>j j>e",
    )
    before = dump(drawn)

    def run(number: int) -> bytes:
        walk = Walk(drawn, Start({"list": list(range(number % 5))}))
        while not walk.turn.finished:
            walk.do(walk.open("task")[-1])
        return walk.state

    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(run, range(120)))
    assert together == [run(number) for number in range(120)]
    assert dump(drawn) == before


def test_trap_46_codec_round() -> None:
    assert alone()["codec_round"] == ["KeyError", True], (
        "a value made the case unloadable; loading changes what it reads"
    )
    walk = Walk(
        straight("a b"),
        Start({"text": "typename", "list": ["typename", 1, "1.50", True, None], "yes": None}),
    )
    before = dict(walk.turn.variables)
    walk.do("a")
    assert walk.turn.variables == before


def test_trap_47_bombs() -> None:
    assert alone()["bombs"] == [True, []], "a loop that is always true ends as a completed case"
    gates = xor("m") + xor("g", default="g_m")
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(gates, "s>m m>g g>m g>e[yes]"))
    assert stopped.value.kind == "steps"
    fork = xor("m") + both("f")
    with pytest.raises(EngineStopped) as stopped:
        Walk(small(fork, "s>m m>f f>m f>e"))
    assert stopped.value.kind in {"steps", "tasks"}
    called = call("c", "p")
    again = process("p", start() + called + end(), "s>c c>e")
    with pytest.raises(EngineStopped) as stopped:
        Walk(definition(document(again)))
    assert stopped.value.kind in {"steps", "broke"}
    with pytest.raises(BadVariables):
        Walk(straight("a"), Start({"list": [0] * 1_000_000}))


def test_trap_48_pinned() -> None:
    assert version("SpiffWorkflow") == "3.2.0"
    importers = {
        p.relative_to(ROOT).parts[:2]
        for folder in ("service", "handlers")
        for p in (ROOT / folder).rglob("*.py")
        if imports_the_library(p.read_text())
    }
    assert importers == {("service", "engine")}


def imports_the_library(text: str) -> bool:
    return any(
        line.lstrip().startswith(("from SpiffWorkflow", "import SpiffWorkflow"))
        for line in text.splitlines()
    )


def test_every_trap_that_the_library_shows_alone_is_asked_here() -> None:
    texts = [page.read_text() for page in Path(__file__).parent.glob("test_traps_*.py")]
    asked = {name for text in texts for name in re.findall(r'alone\(\)\["(\w+)"\]', text)}
    assert asked == set(alone())
