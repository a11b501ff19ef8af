"""The codes by which a stored state names the task class of each of its rows.

A code is kept for ever: a class may get another name, its code stays. `codec` writes and reads them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from service.engine.snapshot_codes import BOUNDARY, CLOSE, INCLUSIVE, PARALLEL, SPLIT
from service.engine.spiff.activities import Call, Each, EachInTurn, Job, JobEnd, JobThrow, Person, Rule, Sub
from service.engine.spiff.api import BpmnStartTask, TaskSpec
from service.engine.spiff.base import Close, Finish, Over, Pass, Rejoin, Split, Terminate
from service.engine.spiff.boundary_events import Boundary
from service.engine.spiff.catch_events import Catch, Race, Raced
from service.engine.spiff.gateways import And, Or, Xor
from service.engine.spiff.throw_events import Throw, ThrowEnd

CODES: Final[Mapping[type[TaskSpec], str]] = {
    And: PARALLEL,
    Boundary: BOUNDARY,
    BpmnStartTask: "BpmnStartTask",
    Call: "Call",
    Catch: "Catch",
    Close: CLOSE,
    Each: "Each",
    EachInTurn: "EachInTurn",
    Finish: "Finish",
    Job: "Job",
    JobEnd: "JobEnd",
    JobThrow: "JobThrow",
    Or: INCLUSIVE,
    Over: "Over",
    Pass: "Pass",
    Person: "Person",
    Race: "Race",
    Raced: "Raced",
    Rejoin: "Rejoin",
    Rule: "Rule",
    Split: SPLIT,
    Sub: "Sub",
    Terminate: "Terminate",
    Throw: "Throw",
    ThrowEnd: "ThrowEnd",
    Xor: "Xor",
}
"""Task class to its code in format 1 of a state."""


def code_of(spec: TaskSpec) -> str:
    """The code of a spec's class."""
    return CODES[type(spec)]
