"""The model of a release: processes, scopes, nodes and flows as data."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class EventDefinition:
    """An event definition.

    `kind` is none, message, timer, error, escalation, terminate, signal, conditional, compensate,
    cancel, link or several.
    """

    kind: str
    ref: str = ""
    """Name of the message, code of the error or escalation, name of the link; for a timer its way:
    duration, date or cycle."""
    text: str = ""
    """Timers: constant ISO text, or FEEL with a leading `=`."""
    refers: str = ""
    """Id of the message, error or escalation as the file names it; `known` tells whether the file
    has it."""
    known: bool = True


@dataclass(frozen=True, slots=True)
class Repeat:
    """A multi-instance marker; texts are FEEL without the leading `=`."""

    sequential: bool
    collection: str
    item: str
    into: str = ""
    output: str = ""
    until: str = ""
    count: str = ""
    """A fixed number of times (`loopCardinality`), which does not run here."""


@dataclass(frozen=True, slots=True)
class Node:
    """A flow node of one scope."""

    id: str
    kind: str
    """Local BPMN name: startEvent, userTask, boundaryEvent, subProcess, callActivity …"""
    names: Mapping[str, str]
    line: int
    lane: str = ""
    event: EventDefinition = field(default_factory=lambda: EventDefinition("none"))
    attached_to: str = ""
    interrupting: bool = True
    default: str = ""
    """Id of the default flow out of a gateway."""
    gateway: str = ""
    """What makes an event-based gateway one that does not run here: `Parallel event-based` or
    `Instantiating event-based`."""
    event_sub: bool = False
    """A sub-process triggered by an event."""
    repeat: Repeat | None = None
    loops: bool = False
    """A standard loop marker, which does not run here."""
    compensates: bool = False
    scope: Scope | None = None
    """What a sub-process holds."""
    calls: str = ""
    topic: str = ""
    retries: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    inputs: tuple[tuple[str, str], ...] = ()
    """ioMapping inputs (target, FEEL or constant)."""
    outputs: tuple[tuple[str, str], ...] = ()
    form: str = ""
    groups: tuple[str, ...] = ()
    """candidateGroups."""
    due: str = ""
    follow_up: str = ""
    priority: str = ""
    decision: str = ""
    result: str = ""
    """Variable of a rule's or script's result."""
    script: str = ""
    """FEEL of a script task, without the leading `=`."""
    properties: Mapping[str, str] = field(default_factory=dict)
    documentation: str = ""


@dataclass(frozen=True, slots=True)
class SequenceFlow:
    """A sequence flow in the order of the file; `condition` is FEEL without the leading `=`."""

    id: str
    source: str
    target: str
    names: Mapping[str, str]
    condition: str = ""
    line: int = 0


@dataclass(frozen=True, slots=True)
class Lane:
    """A lane: its name and the ids it holds."""

    id: str
    name: str
    holds: tuple[str, ...]
    line: int = 0


@dataclass(frozen=True, slots=True)
class Scope:
    """A process or a sub-process: nodes and flows in the order of the file."""

    id: str
    nodes: tuple[Node, ...]
    flows: tuple[SequenceFlow, ...]
    lanes: tuple[Lane, ...] = ()

    def node(self, id_: str) -> Node | None:
        """The node of that id in this scope, not in inner ones."""
        return next((n for n in self.nodes if n.id == id_), None)

    def walk(self) -> Iterator[tuple[Scope, Node]]:
        """Every node with its scope, outermost first, in the order of the file."""
        for node in self.nodes:
            yield self, node
            if node.scope is not None:
                yield from node.scope.walk()


@dataclass(frozen=True, slots=True)
class Process:
    """One executable process of a file."""

    id: str
    file: str
    names: Mapping[str, str]
    scope: Scope
    properties: Mapping[str, str] = field(default_factory=dict)
    version: str = ""
    documentation: str = ""
    line: int = 0
    lanes: Mapping[str, str] = field(default_factory=dict)
    """Node id to the name of the lane that answers for it: its own lane, else that of the frame
    around it."""


@dataclass(frozen=True, slots=True)
class Model:
    """All processes of a release, by id."""

    processes: Mapping[str, Process]
