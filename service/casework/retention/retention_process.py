"""The process of a task that the retention plan gives an office: its diagram, and a task as its row
gives it.

It is a process of the product (`records/product_process.py`): a task has two turns.
"""

from __future__ import annotations

from datetime import datetime
from functools import cache
from typing import Final

from service.engine import Definition, FormFacts, Open, Type
from service.records import product_process
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


@cache
def definition(version: int) -> Definition:
    """The process of tasks of one version of the diagram.

    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    what = {"what": Type("string", KINDS)}
    forms = (FormFacts(PROCESS, what, always=frozenset(what)), FormFacts(_ANSWER, {}))
    return product_process.read_product_process(
        *(__package__, PROCESS, version), forms=forms, roles=[product_process.RECORDS]
    )


def waiting_step(act: RetentionAct) -> Open | None:
    """The step that waits for the office, with the day by which the diagram wants it; None once it
    is done.

    Raises:
        NotFound: this program does not know the version of the diagram.
    """
    ends = [act.ended_at] if act.ended_at is not None else []
    return product_process.waiting_step(
        definition(act.process), {"what": act.does}, act.at, [({}, at) for at in ends]
    )


def is_late(act: RetentionAct, now: datetime) -> bool:
    """Whether a task waits after the day by which the diagram wants it."""
    return product_process.is_late(waiting_step(act), now)
