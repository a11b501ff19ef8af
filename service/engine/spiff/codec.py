"""State codec: a case as bytes, format 1; its live tokens and little else.

Element ids and values, never class names; the same case gives the same bytes.

```
MessagePack [1, digest, completed, [end], inner, {element: times opened},
             {variable: value}, {role: calendar}, [scope, ...]] + CRC-32
scope = [owner task id or nil, spec name, [row, ...]]        outermost first
row   = [id, index of parent row or -1, spec name, class code, state, changed (ms),
         triggered, internal, data]
```

The checksum tells bytes that rotted from bytes that are wrong; that nobody changed them on purpose
is the vault's matter.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

import msgpack

from service.engine.limits import STATE
from service.engine.spiff.activities import (
    BusinessRuleTask,
    CallActivity,
    MultiInstance,
    ParallelMultiInstance,
    ScriptTask,
    SequentialMultiInstance,
    ServiceTask,
    SubProcess,
    UserTask,
    library_memory,
    stored_memory,
)
from service.engine.spiff.api import (
    COMPLETED,
    LIVE,
    BpmnStartTask,
    SpiffTask,
    TaskSpec,
    Workflow,
)
from service.engine.spiff.base import (
    BoundaryJoin,
    BoundarySplit,
    EndEvent,
    FlowNode,
    PassThrough,
    TerminateEndEvent,
)
from service.engine.spiff.catch_events import (
    BoundaryCatch,
    CatchEvent,
    EventBasedGateway,
    EventGatewayTarget,
    EventSubProcessTimer,
)
from service.engine.spiff.execution import CaseExecution
from service.engine.spiff.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway
from service.engine.spiff.protocols import RunnableDefinition
from service.engine.spiff.throw_events import (
    ServiceEndEvent,
    ServiceThrowEvent,
    ThrowEndEvent,
    ThrowEvent,
)
from service.engine.spiff.workflow import ScopeClose, ScopeEnd, ScopeWorkflow
from service.engine.stored_state import (
    BOUNDARY,
    CHECKSUM,
    CLOSE,
    EVENT_TIMER,
    INCLUSIVE,
    PARALLEL,
    SPLIT,
    LastState,
    StoredState,
    with_checksum,
)
from service.engine.types import Row
from service.errors import EngineStopped, WrongDefinition

FORMAT = 1

CODES: Final[Mapping[type[TaskSpec], str]] = {
    ParallelGateway: PARALLEL,
    BoundaryCatch: BOUNDARY,
    BpmnStartTask: "BpmnStartTask",
    CallActivity: "Call",
    CatchEvent: "Catch",
    ScopeClose: CLOSE,
    ParallelMultiInstance: "Each",
    SequentialMultiInstance: "EachInTurn",
    EndEvent: "Finish",
    ServiceTask: "Job",
    ServiceEndEvent: "JobEnd",
    ServiceThrowEvent: "JobThrow",
    InclusiveGateway: INCLUSIVE,
    ScopeEnd: "Over",
    PassThrough: "Pass",
    UserTask: "Person",
    EventBasedGateway: "Race",
    EventGatewayTarget: "Raced",
    BoundaryJoin: "Rejoin",
    BusinessRuleTask: "Rule",
    ScriptTask: "Script",
    BoundarySplit: SPLIT,
    SubProcess: "Sub",
    EventSubProcessTimer: EVENT_TIMER,
    TerminateEndEvent: "Terminate",
    ThrowEvent: "Throw",
    ThrowEndEvent: "ThrowEnd",
    ExclusiveGateway: "Xor",
}
"""Task class to its code in format 1 of a state.

A code is kept for ever: a class may get another name, its code stays. Codes that are read outside
the codec too stand in `stored_state`."""


def code_of(spec: TaskSpec) -> str:
    """The code of a spec's class in stored rows; a class without one has that of its base."""
    kind = type(spec)
    return CODES[kind if kind in CODES else kind.__mro__[1]]


def unpack(state: bytes) -> StoredState:
    """Read state bytes.

    Raises:
        WrongDefinition: not a state, or of a format that this engine does not know.
    """
    body = state[:-CHECKSUM]
    if not body or len(state) > STATE or with_checksum(body) != state:
        raise WrongDefinition("these bytes are no state")
    try:
        form, *rest = msgpack.unpackb(body, strict_map_key=False)
        if form != FORMAT:
            raise WrongDefinition(f"format {form} is not known")
        return StoredState(*rest)
    except (ValueError, TypeError, msgpack.UnpackException) as error:
        raise WrongDefinition("these bytes are no state") from error


def encode(case: CaseExecution, last: LastState | None = None) -> bytes:
    """The state of a case as bytes.

    Args:
        last: is given the parts of the state, none of which the case holds too.
    Raises:
        EngineStopped: `state_size`.
    """
    live = [] if case.completed else case.scopes()
    scopes = [(_owner(scope), scope.spec.name, _rows(scope)) for scope in live]
    parts = StoredState(
        case.definition.digest,
        case.completed,
        list(case.ends),
        case.inner,
        _ordered(case.counts),
        _ordered(case.variables),
        _ordered(case.calendars),
        scopes,
    )
    head = [FORMAT, parts.digest, parts.completed, parts.ends, parts.inner]
    maps = [parts.counts, parts.variables, parts.calendars]
    body = cast("bytes", msgpack.packb([*head, *maps, scopes]))
    state = with_checksum(body)
    if len(state) > STATE:
        raise EngineStopped("state_size", "", f"{len(state)} bytes")
    if last is not None:
        last.keep(state, parts)
    return state


def _owner(scope: Workflow) -> str | None:
    return scope.owner.id if isinstance(scope, ScopeWorkflow) else None


def _rows(scope: Workflow) -> list[Row]:
    """What the future depends on: live tasks, and before them the splits that they hang on."""
    known, splits = scope.tasks, dict[str, SpiffTask]()
    live = [t for t in known.values() if t._state & LIVE]
    for task in live:
        if task._parent and isinstance((parent := known[task._parent]).task_spec, BoundarySplit):
            splits[task._parent] = parent
    tasks = [*splits.values(), *live]
    index = {t.id: place for place, t in enumerate(tasks)}
    return [_row(t, index) for t in tasks]


def _row(task: SpiffTask, index: dict[str, int]) -> Row:
    spec, internal = task.task_spec, task.internal_data
    if isinstance(spec, MultiInstance):
        internal = stored_memory(internal)
    if internal:
        internal = _ordered(
            {k: v for k, v in internal.items() if v is not None and v is not False and v != {}}
        )
    return [
        task.id,
        index.get(task._parent or "", -1),
        spec.name,
        code_of(spec),
        task._state,
        round(task.last_state_change * 1000),
        task.triggered,
        internal,
        task.data and _ordered(task.data),
    ]


_HOLDERS: Final = frozenset({dict, list})


def _ordered(value: Any) -> Any:  # noqa: ANN401 - any part of a state
    """The map or list with its maps sorted by key at every depth, so that the order of writing
    leaves no trace.
    """
    if isinstance(value, dict):
        ordered = {key: value[key] for key in sorted(value)}
        for key, item in ordered.items():
            if type(item) in _HOLDERS:  # most values hold nothing: only holders are called for
                ordered[key] = _ordered(item)
        return ordered
    return [_ordered(item) if type(item) in _HOLDERS else item for item in value]


def decode(definition: RunnableDefinition, stored: StoredState) -> CaseExecution:
    """Build the running case from a stored state.

    Raises:
        WrongDefinition: the state was made for another definition.
    """
    if stored.digest != definition.digest:
        raise WrongDefinition(f"made for definition {stored.digest}, not {definition.digest}")
    case = CaseExecution(definition, deserializing=True)
    case.completed, case.inner = stored.completed, stored.inner
    case.ends, case.counts = list(stored.ends), dict(stored.counts)
    case.variables, case.calendars = dict(stored.variables), dict(stored.calendars)
    try:
        for owner, name, rows in stored.scopes:
            _scope(case, owner, name, rows)
    except (ValueError, TypeError, LookupError, AttributeError) as error:
        raise WrongDefinition("the state does not fit its definition") from error
    if not stored.scopes:
        case.task_tree = SpiffTask(case, case.spec.start, state=COMPLETED, id="root")
    case.inside |= {
        t.id for t in case.live() if isinstance(t.task_spec, FlowNode) and not t.task_spec.silent
    }
    return case


def _scope(case: CaseExecution, owner: str | None, name: str, rows: list[Row]) -> None:
    """Build one scope with its tasks."""
    if not owner and name != case.spec.name:
        raise LookupError(name)
    scope = _sub_scope(case, owner, name) if owner else case
    root = scope.task_tree = SpiffTask(
        scope, scope.spec.start, state=COMPLETED, id=f"root/{owner or ''}"
    )
    specs, tasks = scope.spec.task_specs, list[SpiffTask]()
    for id_, parent, element, _, state, changed, triggered, memory, data in rows:
        spec = specs[element]
        task = SpiffTask(scope, spec, tasks[parent] if parent >= 0 else root, state, id_)
        task.last_state_change, task.triggered = changed / 1000, triggered
        task.internal_data = (
            library_memory(spec, memory) if isinstance(spec, MultiInstance) else memory
        )
        task.data = data
        tasks.append(task)


def _sub_scope(case: CaseExecution, owner: str, name: str) -> Workflow:
    """Begin the scope of a sub-process, under the task that owns it."""
    scopes = (case, *case.subprocesses.values())
    task = next((scope.tasks[owner] for scope in scopes if owner in scope.tasks), None)
    spec = task.task_spec if task is not None else None
    if task is None or not isinstance(spec, SubProcess):
        raise LookupError(owner)
    made = ScopeWorkflow(task, case.definition.scopes[name], case, deserializing=True)
    made.completed_event.connect(spec._on_subworkflow_completed, task)
    case.subprocesses[owner] = made
    return made
