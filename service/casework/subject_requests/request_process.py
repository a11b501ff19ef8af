"""The process of a request that a person makes about what an office keeps of her: its diagram, its
clock, and a request as its row gives it.

It is a process of the product: no release has it, so that who draws the process of the programme
cannot draw away what the law gives her. No state is stored: a request has at most four turns.
Source: decisions/0129.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import cache
from importlib.resources import files
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

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
from service.store.casefile.subject_requests import KINDS, SubjectRequest

PROCESS: Final = "subject_request"
VERSION: Final = 1
"""Number of the diagram that new requests begin on; those that have begun keep theirs."""
IDENTITY, COPY, DECISION, ANSWER = (
    *("Task_ProveIdentity", "Task_MakeCopy", "Task_Decide", "Task_GiveAnswer"),
)
"""Steps of the diagram."""
NOT_PROVEN: Final = "NOT"
USUAL, LONGER = relativedelta(months=1), relativedelta(months=3)
"""How long an office has. Source: GDPR, article 12.3."""
LAST_MINUTE: Final = time(23, 59)
_ROLE: Final = RoleFacts(RECORDS_OFFICER, {"sv": "Arkivansvarig", "en": "Records officer"})
_IDENTITY, _ANSWER = "subject_identity", "subject_answer"


@cache
def definition(version: int) -> Definition:
    """The process of requests of one version of the diagram.

    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    drawn = files(__package__) / f"{PROCESS}_{version}.bpmn"
    if not drawn.is_file():
        raise NotFound
    begins = {"what": Type("string", KINDS), "due": Type("date and time")}
    looked = {"proven": Type("string")}
    forms = {
        PROCESS: FormFacts(PROCESS, begins, always=frozenset(begins)),
        _IDENTITY: FormFacts(_IDENTITY, looked, always=frozenset(looked)),
        _ANSWER: FormFacts(_ANSWER, {}),
    }
    diagrams = {drawn.name: drawn.read_bytes()}
    return read(Files(diagrams, forms=forms, roles={_ROLE.id: _ROLE}))[PROCESS]


def due_of(row: SubjectRequest, zone: str) -> datetime:
    """The last minute of the last day on which the office may answer. The days until it knew who
    asks do not count; once she has heard that it takes longer, two months more do.

    Args:
        zone: where the office is.
    """
    place = ZoneInfo(zone)
    asked = row.at.astimezone(place).date()
    known = (row.proven_at or row.at).astimezone(place).date()
    last = asked + (LONGER if row.longer_at else USUAL) + (known - asked)
    return datetime.combine(last, LAST_MINUTE, place)


def waiting_step(row: SubjectRequest, zone: str) -> Open | None:
    """The step that waits for the office, with the moment by which it is due; None once the person
    has her answer.

    Raises:
        NotFound: this program does not know the version of the diagram.
    """
    made = definition(row.process)
    begins = {"what": row.kind, "due": due_of(row, zone).astimezone(UTC).isoformat()}
    turn = guarded(made, b"", Start(begins), now=row.at, seed="1")
    for number, (answers, at) in enumerate(_answers(row), 2):
        (step,) = turn.open
        turn = guarded(made, turn.state, Complete(step.id, answers), now=at, seed=str(number))
    return next(iter(turn.open), None)


def _answers(row: SubjectRequest) -> Iterator[tuple[dict[str, Any], datetime]]:
    """What was answered at each step that is done, and when."""
    if row.proven_at is None:
        return
    yield {"proven": row.proven}, row.proven_at
    if row.proven != NOT_PROVEN:
        if row.answered_at is None:
            return
        yield {}, row.answered_at
    if row.given_at is not None:
        yield {}, row.given_at


def is_late(row: SubjectRequest, zone: str, now: datetime) -> bool:
    """Whether a request waits after the day by which it was to be answered."""
    step = waiting_step(row, zone)
    return step is not None and step.due is not None and step.due < now
