"""The traps of SpiffWorkflow 3.2.0 in messages, moves and bytes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from service.engine.spiff.codec import unpack
from service.engine.types import Message, Move, Restore, Start
from service.errors import NotWaiting, SeveralWait
from tests.engine.spiff.traps import alone, refused
from tests.engine.walks import Walk, small, straight
from tests.support.diagrams import (
    border,
    both,
    message,
    node,
    nodes,
    timer,
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


def test_trap_37_move() -> None:
    assert alone()["migrate"] == {
        "default": [False, [None], ["b"]],
        "FUTURE": [True, ["typed"], []],
        "PREDICTED": [True, ["typed", None], []],
        "both": [True, ["typed", None], []],
    }, "the timer is restarted and the draft gone, or the case is stranded"
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


def test_trap_42_ad_hoc() -> None:
    assert alone()["ad_hoc"] == "passes", (
        "ordering=Sequential is what the library refuses, were it seen"
    )
    assert "D343" in refused(node("adHocSubProcess", "a", nodes("manualTask", "b")), "s>a a>e")


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


def test_every_fault_of_the_library_is_asked_here() -> None:
    texts = [page.read_text() for page in Path(__file__).parent.glob("test_traps_*.py")]
    asked = {name for text in texts for name in re.findall(r'alone\(\)\["(\w+)"\]', text)}
    assert asked == set(alone())
