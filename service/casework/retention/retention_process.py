"""The process of a task that the retention plan gives an office: its diagram, and a task as its row
gives it.

It is a process of the product: no release has it, so that who draws the process of the programme
cannot draw away the review of what is kept. No state is stored: a task has two turns.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from importlib.resources import files
from typing import Final

from service.access import RECORDS_OFFICER
from service.engine import (
    Complete,
    Definition,
    Files,
    FormFacts,
    Open,
    RoleFacts,
    Start,
    Type,
    guarded,
    read,
)
from service.errors import NotFound
from service.store.casefile.retention_acts import HAND_OVER, RECALL, REVIEW, RetentionAct

PROCESS: Final = "retention_task"
VERSION: Final = 1
"""Number of the diagram that new tasks begin on; those that have begun keep theirs."""
STEPS: Final = {
    REVIEW: "Task_ReviewRecords",
    HAND_OVER: "Task_HandOverRecords",
    RECALL: "Task_SeeToWhatLeft",
}
"""The step of the diagram that each kind waits at."""
KINDS: Final = tuple(STEPS)
"""What an office is asked to do, as `retention_act.does` has it."""
_ANSWER: Final = "retention_answer"
_ROLE: Final = RoleFacts(RECORDS_OFFICER, {"sv": "Arkivansvarig", "en": "Records officer"})


@cache
def definition(version: int) -> Definition:
    """The process of tasks of one version of the diagram.

    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    drawn = files(__package__) / f"{PROCESS}_{version}.bpmn"
    if not drawn.is_file():
        raise NotFound
    what = {"what": Type("string", KINDS)}
    forms = {
        PROCESS: FormFacts(PROCESS, what, always=frozenset(what)),
        _ANSWER: FormFacts(_ANSWER, {}),
    }
    diagrams = {drawn.name: drawn.read_bytes()}
    return read(Files(diagrams, forms=forms, roles={_ROLE.id: _ROLE}))[PROCESS]


def waiting_step(act: RetentionAct) -> Open | None:
    """The step that waits for the office, with the day by which the diagram wants it; None once it
    is done.

    Raises:
        NotFound: this program does not know the version of the diagram.
    """
    made = definition(act.process)
    begun = guarded(made, b"", Start({"what": act.does}), now=act.at, seed="1")
    if act.ended_at is None:
        return next(iter(begun.open), None)
    (step,) = begun.open
    done = guarded(made, begun.state, Complete(step.id, {}), now=act.ended_at, seed="2")
    return next(iter(done.open), None)


def is_late(act: RetentionAct, now: datetime) -> bool:
    """Whether a task waits after the day by which the diagram wants it."""
    step = waiting_step(act)
    return step is not None and step.due is not None and step.due < now
