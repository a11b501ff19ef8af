"""The codes by which a stored state names the task class of each of its rows.

A code is kept for ever: a class may get another name, its code stays. `codec` writes and reads
them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.engine.snapshot_codes import BOUNDARY, CLOSE, INCLUSIVE, PARALLEL, SPLIT
from service.engine.spiff.activities import (
    BusinessRuleTask,
    CallActivity,
    ParallelMultiInstance,
    SequentialMultiInstance,
    ServiceEndEvent,
    ServiceTask,
    ServiceThrowEvent,
    SubProcess,
    UserTask,
)
from service.engine.spiff.api import BpmnStartTask, TaskSpec
from service.engine.spiff.base import (
    BoundaryJoin,
    BoundarySplit,
    EndEvent,
    PassThrough,
    ScopeClose,
    ScopeEnd,
    TerminateEndEvent,
)
from service.engine.spiff.boundary_events import BoundaryCatch
from service.engine.spiff.catch_events import CatchEvent, EventBasedGateway, EventGatewayTarget
from service.engine.spiff.gateways import ExclusiveGateway, InclusiveGateway, ParallelGateway
from service.engine.spiff.throw_events import ThrowEndEvent, ThrowEvent

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
    BoundarySplit: SPLIT,
    SubProcess: "Sub",
    TerminateEndEvent: "Terminate",
    ThrowEvent: "Throw",
    ThrowEndEvent: "ThrowEnd",
    ExclusiveGateway: "Xor",
}
"""Task class to its code in format 1 of a state."""


def code_of(spec: TaskSpec) -> str:
    """The code of a spec's class."""
    return CODES[type(spec)]
