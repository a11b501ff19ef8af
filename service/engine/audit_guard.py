"""The belt at run time: `advance` under a tripwire.

While it is armed, every audit event of the interpreter is written down and stops the engine.

Nothing in a turn opens a file, imports, compiles, or touches a socket; whatever does so came in
through a diagram. The engine's own limits stop the rest.
Source: trust.md 3.3; PEP 578.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from importlib.metadata import version
from time import monotonic

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


def _hook(
    event: str, _args: tuple[object, ...]
) -> None:  # pragma: no cover - no tracer sees inside an audit hook
    seen = _armed.get()
    if seen is None or event in HARMLESS:
        return
    token = _armed.set(None)
    try:
        seen.append(event)
    finally:
        _armed.reset(token)
    raise ForbiddenCall(event)


sys.addaudithook(_hook)


@contextmanager
def watch_audit_events() -> Iterator[list[str]]:
    """Stretch the tripwire for this thread; the list names the events that touched it."""
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
) -> Advance:
    """`advance`, under the belt.

    Args:
        seconds: how long the turn may take; looked at before each step. The stopwatch decides
            nothing else, so the outcome stays a function of the facts.
    Raises:
        EngineStopped: also `time` and `tripwire`. Otherwise as `advance`.
    """
    until = stopwatch() + seconds

    def watch() -> None:
        if stopwatch() > until:
            raise EngineStopped("time", "", f"more than {seconds} s")

    with watch_audit_events() as seen:
        try:
            turn = advance(definition, state, stimulus, now=now, seed=seed, watch=watch)
        except ForbiddenCall as tripped:
            raise EngineStopped("tripwire", "", str(tripped)) from None
    if seen:
        # it was swallowed on the way
        raise EngineStopped("tripwire", "", ", ".join(seen))
    return turn


def unfit(spiff: str, libxml: tuple[int, ...]) -> str:
    """What is wrong with the libraries below, in one sentence; empty when they are those that the
    guards were run with.
    """
    if spiff != SPIFF:
        return f"the engine needs SpiffWorkflow {SPIFF}, here is {spiff}: install from requirements.lock"
    if libxml < LIBXML:
        return f"libxml2 must be {'.'.join(map(str, LIBXML))} or newer, here is {'.'.join(map(str, libxml))}: install from requirements.lock"
    return ""


def self_test() -> None:
    """Look whether the libraries below are the right ones and the belt holds, before the process
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
            eval("0")
    except ForbiddenCall:
        return
    raise BadSettings("the tripwire does not notice what it should")
