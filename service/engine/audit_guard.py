"""Audit guard: stops a turn that opens a file, a socket or a process.

While it is armed, every audit event of the interpreter is noted and stops the engine. Nothing in a
turn opens a file, imports, compiles, or touches a socket; whatever does so came in through a
diagram. The engine's own limits stop the rest.

`let_debuggers_in` is for developers (`TRESTEG_DEBUG`): a debugger, a tracer and a profiler work in
turns from then on, and everything else is stopped as before.

Source: PEP 578.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from importlib import import_module
from importlib.metadata import version
from time import monotonic
from types import FrameType

from lxml import etree

from service.engine.advance import advance
from service.engine.definition import Definition
from service.engine.feel import Expression, FeelError
from service.engine.limits import TIME_WEB
from service.engine.types import Advance, Stimulus
from service.errors import BadSettings, EngineStopped

SPIFF = "3.2.0"
LIBXML = (2, 14, 0)
"""The libraries that the guards were run with; an older reader of XML has holes that are known."""
HARMLESS = frozenset({"builtins.id"})
"""Asked by every deep copy."""
DEBUG_EVENTS = frozenset(
    {
        "builtins.breakpoint",
        "sys.monitoring.register_callback",  # cProfile since Python 3.12
        "sys.setprofile",
        "sys.settrace",
    }
)
"""How a debugger, a tracer or a profiler begins and ends; let in while debugging."""
DEBUGGERS = ("bdb", "pdb", "trace")
"""Modules whose own work is let in while debugging: reading lines of source, asking at the
terminal, running what is typed there."""

HOSTILE = (
    "__import__('os').system('true')",
    "eval('1')",
    "().__class__.__base__.__subclasses__()",
    "open('/etc/passwd').read()",
    "[x for x in (1).__class__.__mro__]",
    "(lambda: 1)()",
    "lambda x: x",
    "f'{self}'",
    "exec('import os')",
    "getattr(a, '__dict__')",
    "globals()",
    "a.__init__.__globals__",
)
"""Texts that were Python once; none of them is FEEL."""


class ForbiddenCall(BaseException):
    """Raised where an audit event happened; no `except Exception` on the way may swallow it."""


_armed: ContextVar[list[str] | None] = ContextVar("armed", default=None)
_let_in = set[str]()
"""Modules of debuggers that work in turns; none unless `let_debuggers_in` was called."""


# no tracer sees inside an audit hook; the default outlives the module, which ends before the hook
def _hook(  # pragma: no cover - see above
    event: str,
    args: tuple[object, ...],
    armed: Callable[[], list[str] | None] = _armed.get,
) -> None:
    seen = armed()
    if seen is None or event in HARMLESS:
        return
    token = _armed.set(None)
    try:
        if _let_in and _is_debuggers(event, args):
            return
        seen.append(event)
    finally:
        _armed.reset(token)
    raise ForbiddenCall(event)


def _is_debuggers(event: str, args: tuple[object, ...]) -> bool:  # pragma: no cover - see above
    """Whether a debugger, a tracer or a profiler made the event, and not what it looks at.

    A debugger that began outside the turn has frames below `guarded`; those say nothing.
    """
    if event in DEBUG_EVENTS:
        return True
    if event == "object.__getattr__" and isinstance(args[0], FrameType):
        return args[1] == "f_code"  # read by every tracer and profiler written in Python
    frame: FrameType | None = sys._getframe()
    while frame is not None and frame.f_code is not guarded.__code__:
        if frame.f_globals.get("__name__") in _let_in:
            return True
        frame = frame.f_back
    return False


sys.addaudithook(_hook)


def let_debuggers_in() -> None:
    """Let a debugger, a tracer and a profiler work in turns, for as long as this process lives.

    A turn may take any time then: somebody may stand at a breakpoint.
    """
    for name in DEBUGGERS:
        import_module(name)  # now, since nothing is imported in a turn
    _let_in.update(DEBUGGERS)


@contextmanager
def watch_audit_events() -> Iterator[list[str]]:
    """Arm the guard for this thread; the list names the events that it saw."""
    seen: list[str] = []
    token = _armed.set(seen)
    try:
        yield seen
    finally:
        _armed.reset(token)


def guarded(
    definition: Definition,
    state: bytes,
    stimulus: Stimulus,
    *,
    now: datetime,
    seed: str,
    seconds: float = TIME_WEB,
    stopwatch: Callable[[], float] = monotonic,
    old: Definition | None = None,
) -> Advance:
    """Run `advance` under the audit guard.

    Args:
        seconds: how long the turn may take; looked at before each step, but not while debugging.
            The stopwatch decides nothing else, so the outcome stays a function of the facts.
    Raises:
        EngineStopped: also `time` and `tripwire`. Otherwise as `advance`.
    """
    until = math.inf if _let_in else stopwatch() + seconds

    def watch() -> None:
        if stopwatch() > until:
            raise EngineStopped("time", "", f"more than {seconds} s")

    with watch_audit_events() as seen:
        try:
            turn = advance(definition, state, stimulus, now=now, seed=seed, watch=watch, old=old)
        except ForbiddenCall as event:
            raise EngineStopped("tripwire", "", str(event)) from None
    if seen:
        # it was swallowed on the way
        raise EngineStopped("tripwire", "", ", ".join(seen))
    return turn


def unfit(spiff: str, libxml: tuple[int, ...]) -> str:
    """Compare the libraries with those that the guards were run with: what is wrong, in one
    sentence; empty when nothing is.
    """
    advice = "install from requirements.lock"
    if spiff != SPIFF:
        return f"the engine needs SpiffWorkflow {SPIFF}, here is {spiff}: {advice}"
    if libxml < LIBXML:
        needed, found = (".".join(map(str, number)) for number in (LIBXML, libxml))
        return f"libxml2 must be {needed} or newer, here is {found}: {advice}"
    return ""


def self_test() -> None:
    """Check that the libraries are the right ones and the audit guard works, before the process
    takes work.

    Raises:
        BadSettings: it does not; the process must not start.
    """
    if wrong := unfit(version("SpiffWorkflow"), etree.LIBXML_VERSION):
        raise BadSettings(wrong)
    for text in HOSTILE:
        try:
            Expression(text, {"a", "x"})
        except FeelError:
            continue
        raise BadSettings(f"the expression language takes {text!r}")
    try:
        with watch_audit_events():
            eval("0")  # noqa: S307 - on purpose: that it is noticed is what is tested
    except ForbiddenCall:
        return
    raise BadSettings("the audit guard does not notice what it should")
