"""Audit guard: no audit event happens in a turn, and one that does stops the case."""

from __future__ import annotations

import cProfile
import gc
import pdb  # noqa: T100 - that it works in a turn is tested
import profile
import pstats
import socket
import subprocess
import sys
import trace
from collections.abc import Callable, Iterator, Mapping
from io import StringIO
from itertools import count

import pytest

from service.engine import audit_guard
from service.engine.audit_guard import (
    ForbiddenCall,
    guarded,
    let_debuggers_in,
    self_test,
    unfit,
    watch_audit_events,
)
from service.engine.types import Advance, Complete, Start
from service.errors import BadSettings, EngineStopped, TaskClosed
from tests.engine.generated import test_random
from tests.engine.walks import MONDAY, small, straight
from tests.support.diagrams import node, nodes

FRAME = sys._getframe()


def test_the_audit_guard_passes_its_self_test() -> None:
    self_test()


@pytest.mark.parametrize(
    ("spiff", "libxml", "says"),
    [
        ("3.2.0", (2, 14, 6), ""),
        ("3.2.1", (2, 14, 6), "SpiffWorkflow 3.2.0"),
        ("3.2.0", (2, 13, 9), "libxml2 must be 2.14.0"),
        ("3.2.0", (3, 0, 0), ""),
    ],
)
def test_libraries_that_the_guards_never_saw_are_refused(
    spiff: str, libxml: tuple[int, ...], says: str
) -> None:
    assert (unfit(spiff, libxml) == "") is (says == "")
    assert says in unfit(spiff, libxml)


def test_a_process_on_another_library_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(audit_guard, "SPIFF", "9.9.9")
    with pytest.raises(BadSettings, match=r"the engine needs SpiffWorkflow 9\.9\.9"):
        self_test()


def test_text_that_is_run_as_code_is_noticed() -> None:
    with watch_audit_events() as seen, pytest.raises(ForbiddenCall):
        eval("1")  # noqa: S307 - what no diagram can do, done on purpose
    assert seen == ["compile"]


def test_a_guard_that_misses_an_eval_keeps_the_process_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_guard, "HARMLESS", audit_guard.HARMLESS | {"compile", "exec"})
    with pytest.raises(BadSettings, match="the audit guard does not notice"):
        self_test()


def test_expressions_that_take_python_keep_the_process_down(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(audit_guard, "HOSTILE", ("1 + 1",))
    with pytest.raises(BadSettings, match="the expression language takes '1 \\+ 1'"):
        self_test()


def test_an_audit_event_is_noted_and_raised() -> None:
    with watch_audit_events() as seen, pytest.raises(ForbiddenCall):
        open("/dev/null").close()  # noqa: PTH123 - the plainest event there is
    assert seen == ["open"]


def test_two_hundred_random_walks_touch_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        test_random,
        "advance",
        lambda drawn, state, stimulus, now, seed: guarded(
            drawn, state, stimulus, now=now, seed=seed, seconds=60
        ),
    )
    assert sum(1 for seed in range(200) for _ in test_random.walk(seed)) > 1_000


def test_a_guarded_turn_brings_what_an_unguarded_one_brings() -> None:
    drawn = straight("a b")
    turn = guarded(drawn, b"", Start(), now=MONDAY, seed="1")
    assert [o.element for o in turn.open] == ["a"]
    with pytest.raises(TaskClosed):
        guarded(drawn, turn.state, Complete("9.9"), now=MONDAY, seed="2")


def test_an_audit_event_inside_a_turn_stops_the_case(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn = straight("a")

    def nosy(*_args: object, **_given: object) -> None:
        open("/dev/null").close()  # noqa: PTH123 - what a diagram must not be able to do

    monkeypatch.setattr(audit_guard, "advance", nosy)
    with pytest.raises(EngineStopped) as stopped:
        guarded(drawn, b"", Start(), now=MONDAY, seed="1")
    assert (stopped.value.kind, stopped.value.detail) == ("tripwire", "open")


def test_a_turn_that_takes_too_long_is_stopped() -> None:
    ticks: Iterator[int] = count()
    with pytest.raises(EngineStopped) as stopped:
        guarded(
            small(nodes("exclusiveGateway", "m n o"), "s>m m>n n>o o>e"),
            b"",
            Start(),
            now=MONDAY,
            seed="1",
            seconds=3,
            stopwatch=lambda: float(next(ticks)),
        )
    assert stopped.value.kind == "time"


def test_a_file_may_be_opened_outside_a_turn() -> None:
    guarded(small(node("userTask", "a"), "s>a a>e"), b"", Start(), now=MONDAY, seed="1")
    open("/dev/null").close()  # noqa: PTH123 - allowed here


@pytest.fixture
def debugging() -> Iterator[None]:
    let_debuggers_in()
    yield
    audit_guard._let_in.clear()


def play(within: Callable[[], object] = lambda: None, took: float = 0) -> Advance:
    """One turn that does something at its first step, and takes so many seconds in all."""
    acts = iter([within])

    def stopwatch() -> float:
        if audit_guard._armed.get() is None:
            return 0  # before the turn
        next(acts, lambda: None)()
        return took

    return guarded(straight("a b"), b"", Start(), now=MONDAY, seed="1", stopwatch=stopwatch)


class Pdb(pdb.Pdb):
    """A debugger whose terminal is a text."""

    def __init__(self, *typed: str) -> None:
        self.said = StringIO()
        lines = StringIO("".join(f"{line}\n" for line in typed))
        super().__init__(stdin=lines, stdout=self.said, nosigint=True, readrc=False)


@pytest.mark.usefixtures("debugging")
def test_a_profiled_and_a_traced_turn_bring_the_same_bytes() -> None:
    plain = play()
    around, counted = cProfile.Profile(), trace.Trace(count=1, trace=0)
    written = profile.Profile()
    gc.disable()  # the profiler in Python takes the callbacks of other libraries for bad calls
    try:
        assert around.runcall(play) == plain
        assert written.runcall(play) == plain
        assert counted.runfunc(play) == plain
    finally:
        gc.enable()
    for profiled in (around, written):
        seen = pstats.Stats(profiled).stats  # type: ignore[attr-defined]  # typeshed leaves it out
        assert "play" in {name for file, _, name in seen if file.endswith("engine/advance.py")}
    assert any(file.endswith("engine/advance.py") for file, _ in counted.results().counts)


@pytest.mark.usefixtures("debugging")
def test_a_profiler_may_begin_within_a_turn() -> None:
    plain, within = play(), cProfile.Profile()
    assert play(within.enable) == plain
    within.disable()
    assert within.getstats()


@pytest.mark.usefixtures("debugging")
def test_a_breakpoint_in_a_turn_opens_a_prompt_that_may_do_anything(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    plain = play()
    prompt = Pdb("w", "u", "l", "p 6 * 7", "!open('/dev/null').close()", "n", "s", "c")
    monkeypatch.setattr(sys, "breakpointhook", prompt.set_trace)

    def stops() -> None:
        breakpoint()  # noqa: T100 - what is tested

    assert play(stops, took=1e9) == plain, "and the turn may take any time"
    assert "42" in prompt.said.getvalue()
    assert "service/engine/audit_guard.py" in prompt.said.getvalue()
    assert "Error" not in prompt.said.getvalue()


FORBIDDEN: Mapping[str, Callable[[], object]] = {
    "open": lambda: open("/dev/null"),  # noqa: PTH123, SIM115 - what no turn may do
    "compile": lambda: eval("1"),  # noqa: S307 - the same
    "import": lambda: __import__("this"),
    "socket.__new__": socket.socket,
    "subprocess.Popen": lambda: subprocess.run(["true"], check=False),
    "object.__getattr__": lambda: play.__code__,
}


@pytest.mark.usefixtures("debugging")
@pytest.mark.parametrize("event", FORBIDDEN)
@pytest.mark.parametrize(
    "within",
    [lambda act: act(), lambda act: Pdb("c").runcall(act)],
    ids=["alone", "in a debugger"],
)
def test_what_a_turn_does_by_itself_stays_refused_while_debugging(
    event: str, within: Callable[[Callable[[], object]], object]
) -> None:
    def act() -> object:
        with pytest.raises(EngineStopped) as stopped:
            play(FORBIDDEN[event])
        return stopped.value

    stopped = within(act)
    assert isinstance(stopped, EngineStopped)
    assert (stopped.kind, stopped.detail) == ("tripwire", event)


@pytest.mark.parametrize(
    ("event", "begin"),
    [
        ("builtins.breakpoint", breakpoint),
        ("sys.settrace", lambda: sys.settrace(None)),
        ("sys.setprofile", lambda: sys.setprofile(None)),
        ("object.__getattr__", lambda: FRAME.f_code),
    ],
)
def test_without_the_switch_no_debugger_comes_in(event: str, begin: Callable[[], object]) -> None:
    with pytest.raises(EngineStopped) as stopped:
        play(begin)
    assert (stopped.value.kind, stopped.value.detail) == ("tripwire", event)
