"""Audit guard: stops a turn that opens a file, a socket or a process.

While it is armed, every audit event of the interpreter is noted and stops the engine. Nothing in a
turn opens a file, imports, compiles, or touches a socket; whatever does so came in through a
diagram. The engine's own limits stop the rest.

Source: PEP 578.
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


# no tracer sees inside an audit hook
def _hook(event: str, _args: tuple[object, ...]) -> None:  # pragma: no cover - see above
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
