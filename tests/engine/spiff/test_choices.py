"""What SpiffWorkflow chooses otherwise than we do, by documented settings or by what BPMN allows:
what the library does when it is alone, and what guards our choice.
"""

from __future__ import annotations

import logging
import re
from pathlib import Path

import pytest

from service.engine.spiff.codec import decode, unpack
from service.engine.spiff.patches import turn
from service.engine.spiff.script_engine import FeelScriptEngine
from service.engine.types import Start
from service.errors import EngineStopped
from tests.engine.spiff.traps import chosen, refused
from tests.engine.walks import MONDAY, Walk, definition, small, straight
from tests.support.diagrams import (
    both,
    catch,
    diagram,
    end,
    event,
    node,
    nodes,
    start,
    throw,
    timer,
    xor,
)

pytestmark = pytest.mark.slow  # the stock library runs alone in a process of its own


def test_an_end_that_is_not_drawn_is_refused() -> None:
    assert chosen()["implicit_end"] == [True, ["e"]], "BPMN lets a token end where no flow goes on"
    with pytest.raises(EngineStopped) as stopped:
        Walk(definition(diagram(start() + throw("t"), "s>t")))
    assert stopped.value.kind == "lost_token"
    assert "D392" in refused(nodes("intermediateThrowEvent", "a b") + both("f"), "s>f f>a f>b a>e")


def test_a_time_is_read_before_a_case_begins() -> None:
    assert chosen()["timer_text"] == ["passes", "WorkflowTaskException", "passes"], (
        "the text of a timer is an expression, asked when the timer begins"
    )
    for text in ("1 week", "P0.5M", "timedelta(days=1)"):
        assert "D909" in refused(catch("w", timer("Duration", text)), "s>w w>e")


def test_nothing_in_a_diagram_is_python() -> None:
    assert chosen()["python"] == ["ran"], "the script engine it brings"
    with turn(MONDAY, "1"):
        case = decode(straight("a"), unpack(Walk(straight("a")).state))
        assert isinstance(case.script_engine, FeelScriptEngine)  # type: ignore[attr-defined]  # private to the library, which is the point


def test_a_state_holds_nothing_of_its_diagram() -> None:
    assert chosen()["state_holds_the_diagram"] is True, "specs can be kept by themselves"
    walk = Walk(
        small(xor("g", default="g_f") + nodes("userTask", "a"), "s>a a>g g>e[n > 12345] g>f", "e f")
    )
    assert b"12345" not in walk.state


def test_a_turn_that_fails_leaves_nothing_behind() -> None:
    assert chosen()["state_after_a_fault"] == ["COMPLETED", "ERROR"], "what was done before stays"
    walk = Walk(
        small(
            xor("g") + nodes("userTask", "a"),
            "s>a a>g g>e[yes] g>f[n > 1]",
            "e f",
        )
    )
    state = walk.state
    with pytest.raises(EngineStopped):
        walk.do("a", yes=False)
    assert walk.state == state
    walk.do("a", yes=True)
    assert walk.turn.finished


def test_kinds_of_elements_that_need_an_application_are_refused() -> None:
    assert chosen()["kinds"] == [["a"], [], ["a"], ["u"], "ValidationException"], (
        "a plain task waits, a receive task without message passes"
    )
    assert "D301" in refused(nodes("task", "a"), "s>a a>e")
    assert "D330" in refused(nodes("businessRuleTask", "a"), "s>a a>e")
    assert "D320" in refused(nodes("scriptTask", "a"), "s>a a>e")
    assert "D360" in refused(
        node("manualTask", "a", node("standardLoopCharacteristics")), "s>a a>e"
    )
    assert "D343" in refused(node("transaction", "a", start("is") + end("ie")), "s>a a>e")
    assert "D221" in refused(catch("w", event("conditional")), "s>w w>e")


def test_no_record_of_the_library_holds_a_value(caplog: pytest.LogCaptureFixture) -> None:
    assert chosen()["debug_records"] is True, "at DEBUG alone"
    walk = Walk(straight("a b"), Start({"text": "canary"}))
    walk.do("a", text="canary")
    assert "canary" not in caplog.text
    assert logging.getLogger("spiff.task").level >= logging.WARNING
    assert logging.getLogger("spiff.workflow").level >= logging.WARNING


def test_every_choice_of_the_library_is_asked_here() -> None:
    asked = set(re.findall(r'chosen\(\)\["(\w+)"\]', Path(__file__).read_text()))
    assert asked == set(chosen())
