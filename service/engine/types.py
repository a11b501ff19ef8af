"""Types of the engine: stimuli, outcomes of a turn, and facts about a release.

Frozen values, no behaviour.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from service.engine.feel.types import Type

Json: TypeAlias = "bool | int | str | list[Json] | dict[str, Json] | None"
"""A routing value as the state keeps it: whole numbers as int, other numbers as decimal text,
dates, moments and durations as ISO text.

No floats.
"""

Variables: TypeAlias = Mapping[str, Json]

Row: TypeAlias = "list[Any]"
"""One task of a stored state; `Any`, because a row is as msgpack gives it and the codec types what
is taken out."""


# ---- stimuli: everything that can move a case


@dataclass(frozen=True, slots=True)
class Start:
    """Begin a case at the plain start, or at the message start `element`."""

    variables: Variables = field(default_factory=dict)
    element: str | None = None
    calendars: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Complete:
    """A person finished the open task `task`."""

    task: str
    variables: Variables = field(default_factory=dict)
    calendars: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A handler answered the open job `job`."""

    job: str
    variables: Variables = field(default_factory=dict)
    calendars: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Fail:
    """A handler reported the BPMN error `code` in the open job `job`."""

    job: str
    code: str


@dataclass(frozen=True, slots=True)
class Due:
    """The armed timer `job` is due."""

    job: str


@dataclass(frozen=True, slots=True)
class Message:
    """A message for the one place in the case that waits for `name`; `element` chooses when several
    do, and `id`, that of the open work, one instance when several wait at one element.
    """

    name: str
    variables: Variables = field(default_factory=dict)
    element: str | None = None
    calendars: Mapping[str, str] | None = None
    id: str | None = None


@dataclass(frozen=True, slots=True)
class Move:
    """Go on with another definition.

    `relocate`: task id to element; `rearm`: timers that start anew.
    """

    relocate: Mapping[str, str] = field(default_factory=dict)
    rearm: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Restore:
    """Put the case back to an earlier state of its own, with new ids."""

    then: bytes


@dataclass(frozen=True, slots=True)
class Correct:
    """Answers that were given at `element` earlier are corrected.

    What has been passed stays passed; what reads these variables from now on, dates of timers and
    due dates among it, reads the new values.
    """

    element: str
    variables: Variables = field(default_factory=dict)


Stimulus: TypeAlias = Start | Complete | Answer | Fail | Due | Message | Correct | Move | Restore


# ---- what a turn brings


@dataclass(frozen=True, slots=True)
class Open:
    """One piece of open work: what waits now.

    `kind`: `task` (a person), `job` (`what` = topic), `timer` (`due` = moment or None while its
    date is unknown), `message` (`what` = name), `join` (a token at a gateway; for the diagram).
    `id` is for rows and addresses; `(element, nth)` is for people, replay and comparison.
    """

    kind: str
    id: str
    element: str
    nth: int
    item: Json = None
    what: str = ""
    due: datetime | None = None
    """Timers: when it fires. Tasks: the due date, if the diagram gives one."""
    follow_up: datetime | None = None
    inputs: Variables = field(default_factory=dict)
    """Jobs: inputs that the diagram maps (`ioMapping`); empty when the handler's own `reads` count.
    """
    local: Variables = field(default_factory=dict)
    """Jobs: variables that an instance, a sub-process or a call around it holds for itself; for
    what the handler reads they come before those of the case."""


class Step(NamedTuple):
    """One thing that happened, in order; never a value. A tuple, because a turn makes dozens and a
    frozen dataclass takes twice as long to make.

    `what` is one of: entered left cancelled took decided chose fired missed passed caught threw set
    ended moved armed corrected. `passed`: a timer was due and could not be fired; detail is its id,
    and kind and place of the stop. `corrected`: detail is the names of the variables.
    """

    what: str
    element: str
    nth: int = 0
    detail: tuple[str | int, ...] = ()


@dataclass(frozen=True, slots=True)
class Thrown:
    """A message that nobody in the case waited for, or an escalation that nobody caught."""

    kind: str  # "message" or "escalation"
    name: str
    element: str


@dataclass(frozen=True, slots=True)
class Advance:
    """The outcome of one turn."""

    state: bytes
    open: tuple[Open, ...]
    steps: tuple[Step, ...]
    thrown: tuple[Thrown, ...]
    variables: Variables
    finished: bool
    ends: tuple[str, ...]
    """End events reached, in order: top-level ids; an error end that led there stands before it as
    `inner` id (see `inner_end`)."""
    inner_end: str
    """The error or escalation end event inside that led to the last top-level end; empty when none
    did."""
    next_due: datetime | None
    decided: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    """(element, decision, numbers of the rules that fired, from 1)."""


# ---- what a release brings


@dataclass(frozen=True, slots=True)
class FormFacts:
    """Facts about a form: its routing fields with their types, and whether each is always given."""

    id: str
    routing: Mapping[str, Type]
    always: frozenset[str] = frozenset()
    fields: tuple[tuple[str, str, str], ...] = ()
    """(key, class C0..C3, group) of every field, for checks of visibility."""
    reads: frozenset[str] = frozenset()
    """Routing names that the form's conditions and checks read."""


@dataclass(frozen=True, slots=True)
class TopicFacts:
    """Facts about a handler."""

    topic: str
    reads: tuple[str, ...] = ()
    answers: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()
    summary: str = ""


@dataclass(frozen=True, slots=True)
class RoleFacts:
    """A lane role: its id and its names by language. The Swedish name is the lane's name."""

    id: str
    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Files:
    """Files of one release, name to bytes, and facts about its forms, handlers and roles."""

    diagrams: Mapping[str, bytes]
    rules: Mapping[str, bytes] = field(default_factory=dict)
    calendars: Mapping[str, bytes] = field(default_factory=dict)
    forms: Mapping[str, FormFacts] = field(default_factory=dict)
    topics: Mapping[str, TopicFacts] = field(default_factory=dict)
    roles: Mapping[str, RoleFacts] = field(default_factory=dict)
    types: Mapping[str, Type] = field(default_factory=dict)
    """Routing names that handlers answer, with their types; forms and rules bring their own."""
    stages: tuple[str, ...] | None = None
    """The stages that diagrams may name, in their order; None when the release lists none."""
    stations: tuple[str, ...] | None = None
    """Likewise the stations."""


@dataclass(frozen=True, slots=True)
class Element:
    """Facts about one element of a definition, for pages, access and replay."""

    id: str
    kind: str
    """BPMN name: userTask, serviceTask, boundaryEvent, subProcess …"""
    process: str
    scope: str
    """Id of the sub-process or process that holds it."""
    names: Mapping[str, str]
    """By language; `sv` is the drawn label."""
    roles: tuple[str, ...] = ()
    """The lane's role first, then candidateGroups; for start and message events the property
    `roles`."""
    form: str = ""
    topic: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the diagram tells the handler (`zeebe:taskHeaders`)."""
    decision: str = ""
    result: str = ""
    calls: str = ""
    """Called process."""
    message: str = ""
    error: str = ""
    attached_to: str = ""
    interrupting: bool = True
    priority: int = 50
    """0 to 100: order of tasks in lists, and of timers and calls that are due at once."""
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""
    incoming: tuple[str, ...] = ()
    outgoing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Flow:
    """A sequence flow."""

    id: str
    source: str
    target: str
    names: Mapping[str, str]
    condition: str = ""
    default: bool = False
