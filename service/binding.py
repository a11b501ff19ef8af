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
    given: Mapping[str, Value] = field(default_factory=dict)
    """The newest answers to the fields that the handler declares, by key. Empty while the consent
    that it rests on is not live, and for a protected identity."""
    protected: bool = False
    """Whether the identity is protected: no paper is made and no provider is asked then."""
    granted: frozenset[str] = frozenset()
    """Of a handler that declares the channel `ON_CALL`: roles whose office has a live grant on the
    case."""
    on_call: frozenset[str] = frozenset()
    """Of such a handler: roles whose office names a channel to whoever is on duty."""

    @property
    def may_send(self) -> bool:
        """Whether papers and requests can leave, as far as is known at this moment: it is checked
        again when they do.
        """
        declared = HANDLERS.get(self.topic)
        needed = declared.needs_consent if declared is not None else ""
        return not self.protected and (not needed or needed in self.consents)

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
    number: int = 0
    """Which letter about the same thing this is, from 1, for its text; 0 where none is counted."""


@dataclass(frozen=True, slots=True)
class Paper:
    """A document made from a template of the release, and kept in the case.

    It prints the fields that the template declares, of the classes that the handler declares.
    """

    template: str
    lang: str = "sv"


@dataclass(frozen=True, slots=True)
class Appointment:
    """A moment, kept in the case as a calendar file that tells nothing else."""

    starts: datetime
    """Aware."""
    name: str = "appointment"
    """What it is called: `appointment` or `deadline`, in the language of the office."""


ON_CALL = "on_call"
"""The channel of a request to whoever is on duty at the office that holds a role."""


@dataclass(frozen=True, slots=True)
class Request:
    """A message to a provider outside, through a channel that the installation sets; or a call to
    whoever is on duty at an office, which tells nothing of the case.
    """

    channel: str
    template: str
    """Of its text, which holds nothing of the case but the codes of papers."""
    papers: tuple[str, ...] = ()
    """Templates among the answer's papers, which go along."""
    needs_consent: str = ""
    """Purpose on which it rests, that of the handler when it is left out; checked when it is made
    and again at the moment when it leaves."""
    cancels: bool = False
    """It takes back what went through the channel before in this case: what has not left yet stays,
    and nothing is sent when nothing had left."""
    role: str = ""
    """Of a request through `ON_CALL`: the role whose office is called."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a handler gives back: routing values it declares in `answers`, letters, papers,
    appointments and requests.

    All are written together, once.
    """

    values: Mapping[str, Value] = field(default_factory=dict)
    letters: tuple[Letter, ...] = ()
    papers: tuple[Paper, ...] = ()
    appointments: tuple[Appointment, ...] = ()
    requests: tuple[Request, ...] = ()


@dataclass(frozen=True, slots=True)
class EnclosedFile:
    """A file that goes along with a message."""

    name: str
    kind: str
    """Its media type."""
    content: bytes


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message as a channel of an installed package gets it.

    The same `key` comes again after a crash: what came with it before is not done twice.
    """

    key: str
    address: str
    """What the installation wrote behind the name of the channel's kind: `agent:north` gives
    `north`."""
    subject: str
    text: str
    language: str
    files: tuple[EnclosedFile, ...] = ()


class DeliveryRefused(Exception):
    """A channel could not deliver; `permanent` when trying again is no use."""

    def __init__(self, reason: str, *, permanent: bool = False) -> None:
        super().__init__(reason)
        self.permanent = permanent


class BusinessError(Exception):
    """A fault that the diagram expects: becomes the BPMN error `code` at the element."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True)
class Sample:
    """An invented answer of a handler, by which a draft is tried: the handler is not called then.

    The first one that a handler declares is what scenarios take where they say nothing.
    """

    id: str
    """What scenarios call it; it stays when the words change."""
    sv: str
    en: str
    """Its name for a person, in both languages."""
    values: Mapping[str, Value] = field(default_factory=dict)
    """Routing values among the handler's `answers`. `@today`, `@now` and `@today+P1M` become
    dates and moments of the trial's own clock."""
    error: str = ""
    """Of a sample that fails: one of the handler's `errors`."""


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
    fields: tuple[str, ...] = ()
    """Fields of forms whose answers it reads."""
    classes: tuple[str, ...] = ()
    """Classes of what it reads, and of what its papers print."""
    papers: tuple[str, ...] = ()
    """Templates of papers that it may have made."""
    channels: tuple[tuple[str, str], ...] = ()
    """(channel, template) of every request it may send."""
    samples: tuple[Sample, ...] = ()
    """Invented answers for trying a draft."""


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
    fields: tuple[str, ...] = (),
    classes: tuple[str, ...] = (),
    papers: tuple[str, ...] = (),
    channels: tuple[tuple[str, str], ...] = (),
    samples: tuple[Sample, ...] = (),
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
        fields: fields of forms whose newest answers are handed over in `Call.given`.
        classes: the classes of these fields, and of the fields that its papers print.
        papers: templates of papers that may be made.
        channels: every (channel, template) of a request to a provider.
        samples: invented answers for trying a draft, the usual one first.
    Raises:
        ValueError: another module has the topic; or it reads answers or has papers made, and names
            no consent or no class; or a sample answers what the handler does not.
    """
    if (fields or papers) and not (needs_consent and classes):
        raise ValueError(f"a handler that reads {fields + papers} names a consent and classes")

    _require_samples(samples, answers, errors)

    def declare(function: Callable[[Call], Answer]) -> Callable[[Call], Answer]:
        named = topic or f"{function.__module__.rpartition('.')[2]}.{function.__name__}"
        before = HANDLERS.get(named)
        if before is not None and before.function.__module__ != function.__module__:
            raise ValueError(f"{before.function.__module__} has a handler {named} already")
        summary = " ".join((function.__doc__ or "").partition("\n\n")[0].split())
        HANDLERS[named] = Declaration(
            topic=named,
            function=function,
            reads=reads,
            answers=answers,
            letters=letters,
            errors=errors,
            needs_consent=needs_consent,
            seconds=seconds,
            summary=summary,
            fields=fields,
            classes=classes,
            papers=papers,
            channels=channels,
            samples=samples,
        )
        return function

    return declare


def _require_samples(
    samples: tuple[Sample, ...], answers: tuple[str, ...], errors: tuple[str, ...]
) -> None:
    """Require that samples are what the handler could answer.

    Raises:
        ValueError: one is not, or two have the same id.
    """
    for one in samples:
        strange = [name for name in one.values if name not in answers]
        if strange or (one.error and one.error not in errors):
            raise ValueError(f"the sample {one.id} answers {strange or one.error}: not declared")
    if len({one.id for one in samples}) < len(samples):
        raise ValueError("two samples have the same id")
