"""The interface of handlers: the call that reaches them and the answer that they give.

Imports nothing else of Tresteg.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TypeAlias
from zoneinfo import ZoneInfo

Value: TypeAlias = "bool | int | str | list[Value] | dict[str, Value] | None"
"""A routing value as JSON keeps it: whole numbers as int, other numbers as decimal text, dates and
moments as ISO text."""


@dataclass(frozen=True, slots=True)
class Party:
    """The office that holds a role in this case."""

    role: str
    office: str
    language: str = "sv"


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a handler. The same `key` comes again after a crash."""

    key: str
    """Stable for this piece of work, for example `01J9…:17.3`."""
    topic: str
    element: str
    now: datetime
    """Aware, UTC: the moment of the job, not of the wall clock."""
    data: Mapping[str, Value]
    """The routing values that the handler declares in `reads`; a value that the case never got is
    None."""
    parties: Mapping[str, Party] = field(default_factory=dict)
    consents: frozenset[str] = frozenset()
    """Purposes whose consent is live at `now`."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the diagram says at this step: the headers of its task (`zeebe:taskHeaders`)."""
    zone: str = "Europe/Stockholm"
    off: frozenset[date] = frozenset()
    """Days off of the calendar in force, for work that counts working days."""

    def today(self) -> date:
        """The day of `now` in the calendar's zone."""
        return self.now.astimezone(ZoneInfo(self.zone)).date()


@dataclass(frozen=True, slots=True)
class Letter:
    """One notice to the office that holds `role` in this case.

    Placeholders are filled by the service; none holds personal data.
    """

    role: str
    template: str
    needs_consent: str = ""
    """Purpose on which the letter rests; checked when it is made and again when it is sent."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back: routing values it declares in `answers`, and letters.

    Both are written together, once.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()


class BusinessError(Exception):
    """A fault that the diagram expects: becomes the BPMN error `code` at the element."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Declaration:
    """A handler's contract with the diagram; linter, editor, preview and data flow read it."""

    topic: str
    function: Callable[[Call], Answer]
    reads: tuple[str, ...]
    answers: tuple[str, ...]
    """Routing names it may answer; the release's table of routing names gives their types."""
    letters: tuple[tuple[str, str], ...]
    """(role, template) of every letter it may send."""
    errors: tuple[str, ...]
    needs_consent: str
    seconds: int
    """After so long a call counts as hung."""
    summary: str
    """First paragraph of the docstring."""


HANDLERS: dict[str, Declaration] = {}
"""Every declared handler by topic; filled when `handlers/` is imported."""


def handler(
    topic: str = "",
    *,
    reads: tuple[str, ...] = (),
    answers: tuple[str, ...] = (),
    letters: tuple[tuple[str, str], ...] = (),
    errors: tuple[str, ...] = (),
    needs_consent: str = "",
    seconds: int = 30,
) -> Callable[[Callable[[Call], Answer]], Callable[[Call], Answer]]:
    """Declare a function as the handler of a topic.

    Args:
        topic: what diagrams and kept jobs call it; `<module>.<function>` when it is left out.
        reads: routing names handed over in `Call.data`.
        answers: routing names that `Answer.values` may hold.
        letters: every (role, template) that may be sent.
        errors: BPMN error codes that the function may raise as `BusinessError`.
        needs_consent: purpose without which nothing may be sent.
        seconds: longest a call may take.
    """

    def declare(function: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        named = topic or f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        before = HANDLERS.get(named)
        if before is not None and before.function.__module__ != function.__module__:
            raise ValueError(f"{before.function.__module__} has a handler {named} already")
        summary = " ".join((function.__doc__ or "").partition("\n\n")[0].split())
        HANDLERS[named] = Declaration(
            named, function, reads, answers, letters, errors, needs_consent, seconds, summary
        )
        return function

    return declare
