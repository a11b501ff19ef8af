"""The process of a request that a person makes about what an office keeps of her: its diagram, its
clock, and a request as its row gives it.

It is a process of the product (`records/product_process.py`): a request has at most four turns.
Source: decisions/0129.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from service.engine import Definition, FormFacts, Open, Type
from service.records import product_process
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
_IDENTITY, _ANSWER = "subject_identity", "subject_answer"


@cache
def definition(version: int) -> Definition:
    """The process of requests of one version of the diagram.

    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    begins = {"what": Type("string", KINDS), "due": Type("date and time")}
    looked = {"proven": Type("string")}
    forms = (
        FormFacts(PROCESS, begins, always=frozenset(begins)),
        FormFacts(_IDENTITY, looked, always=frozenset(looked)),
        FormFacts(_ANSWER, {}),
    )
    return product_process.read_product_process(
        *(__package__, PROCESS, version), forms=forms, roles=[product_process.RECORDS]
    )


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
    begins = {"what": row.kind, "due": due_of(row, zone).astimezone(UTC).isoformat()}
    return product_process.waiting_step(definition(row.process), begins, row.at, _answers(row))


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
    return product_process.is_late(waiting_step(row, zone), now)
