"""The process of a log review: its diagram, and a review as the entries of its stream give it.

No state is stored: a review has a handful of turns, and folding them costs a millisecond.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from importlib.resources import files
from typing import Any, Final

from service.engine import (
    Advance,
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
from service.errors import NotFound, TaskClosed
from service.security.records import LedgerEntry
from service.store.installation import ledger_entries
from service.store.transaction import Tx

STREAM: Final = "log-review/"
PROCESS: Final = "log_review"
VERSION: Final = 1
"""Number of the diagram that new reviews begin on; those that have begun keep theirs."""
BEGUN, LOOK, JUDGED, SIGNED, TOLD = (
    f"log_review_{name}" for name in ("begun", "look", "judged", "signed", "told")
)
JUDGE, JUDGE_OWN, FOLLOW_UP = "Task_JudgeLooks", "Task_JudgeOwnLooks", "Task_FollowUpLooks"
"""Elements of the diagram that wait for an auditor."""
EXPLAINED, OPEN, INCIDENT = "explained", "follow_up", "incident"
VERDICTS: Final = (EXPLAINED, OPEN, INCIDENT)
"""What an auditor can say of a look; the second stays to be followed up."""
COURSE: Final = 1000
"""More entries than a review has, apart from those of its looks."""
_ROLE: Final = RoleFacts("auditor", {"sv": "Revisor", "en": "Auditor"})
_OWN_LEFT, _TO_FOLLOW_UP = "ownLooksLeft", "toFollowUp"


@dataclass(frozen=True, slots=True)
class Judgement:
    """What an auditor said of a look; `word` is her reason, sealed under her own key."""

    verdict: str
    by: str
    at: datetime
    word: str


@dataclass(frozen=True, slots=True)
class ListedLook:
    """What one person did that stands out, or was drawn by lot: her looks at one case in the month,
    or what she did in one day.

    `case` is empty where it is about a day; `cases` counts those of the day. `why` are codes of
    `looks`.
    """

    number: int
    person: str
    office: str
    case: str
    why: tuple[str, ...]
    first: datetime
    last: datetime
    times: int
    cases: int
    judgements: tuple[Judgement, ...] = ()

    @property
    def verdict(self) -> str:
        """The newest judgement; "" before the first."""
        return self.judgements[-1].verdict if self.judgements else ""


@dataclass(frozen=True, slots=True)
class Signature:
    """A step of the process that an auditor finished."""

    element: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class LogReview:
    """One month's review.

    `task` is the step that waits, None when the review has ended; `offices` is office to how many
    looks it had in the month and how many of its listed ones stand out; `told` are (step, office,
    whether it was late) of the letters that were sent.
    """

    month: str
    begun: datetime
    definition: Definition
    state: bytes
    task: Open | None
    limits: Mapping[str, Any]
    offices: Mapping[str, tuple[int, int]]
    left_out: int
    looks: tuple[ListedLook, ...] = ()
    signed: tuple[Signature, ...] = ()
    told: frozenset[tuple[str, str, bool]] = frozenset()

    @property
    def left(self) -> int:
        """How many looks nobody has judged yet."""
        return sum(not look.verdict for look in self.looks)

    @property
    def to_follow_up(self) -> int:
        """How many looks are judged as still to be followed up."""
        return sum(look.verdict == OPEN for look in self.looks)

    def is_late(self, now: datetime) -> bool:
        """Whether the step that waits is past its due date."""
        return self.task is not None and self.task.due is not None and self.task.due < now

    def may_judge(self, look: ListedLook, person: str) -> bool:
        """Whether a person may judge a look now: nobody judges her own."""
        return self.task is not None and look.person != person

    def must_be_judged(self, person: str) -> list[ListedLook]:
        """The looks without which a person cannot finish the step that waits."""
        if self.task is None:
            return []
        if self.task.element == FOLLOW_UP:
            return [look for look in self.looks if look.verdict == OPEN]
        own = person if self.task.element == JUDGE else ""
        return [look for look in self.looks if not look.verdict and look.person != own]

    def must_be_another(self, person: str) -> bool:
        """Whether the step that waits is for somebody else than this person, by the diagram."""
        if self.task is None:
            return False
        other = self.definition.elements[self.task.element].properties.get("not_same_person_as")
        return any(one.element == other and one.by == person for one in self.signed)


@cache
def definition(version: int) -> Definition:
    """The process of reviews of one version of the diagram.

    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    drawn = files(__package__) / f"log_review_{version}.bpmn"
    if not drawn.is_file():
        raise NotFound
    boolean = Type("boolean", ())
    routing = {_OWN_LEFT: boolean, _TO_FOLLOW_UP: boolean}
    form = FormFacts(PROCESS, routing, frozenset(routing), frozenset(), ())
    diagrams = {drawn.name: drawn.read_bytes()}
    return read(Files(diagrams, forms={PROCESS: form}, roles={_ROLE.id: _ROLE}))[PROCESS]


def stream_of(month: str) -> str:
    """The stream of a month's review."""
    return f"{STREAM}{month}"


def months(tx: Tx) -> list[str]:
    """The months that a review was begun of, in their order."""
    return [name.removeprefix(STREAM) for name in ledger_entries.names_beginning(tx, STREAM)]


def load_review(tx: Tx, month: str) -> LogReview:
    """One month's review.

    Raises:
        NotFound: none was begun of that month.
    """
    return fold(month, _entries(tx, month))


def load_course(tx: Tx, month: str) -> LogReview:
    """One month's review without its looks: which step waits, and who was told.

    Raises:
        NotFound: none was begun of that month.
    """
    kinds = (BEGUN, SIGNED, TOLD)
    found = ledger_entries.latest(tx, stream_of(month), kinds=kinds, limit=COURSE)
    return fold(month, reversed(found))


def load_waiting(tx: Tx) -> list[LogReview]:
    """The reviews in which a step waits, the oldest first, without their looks."""
    courses = (load_course(tx, month) for month in months(tx))
    return [review for review in courses if review.task is not None]


def fold(month: str, entries: Iterable[LedgerEntry]) -> LogReview:
    """A review as its entries give it, in their order.

    Raises:
        NotFound: there are none, or this program does not know the version of the diagram.
        TrestegError: the process refuses one of the steps.
    """
    review: LogReview | None = None
    for entry in entries:
        body: dict[str, Any] = json.loads(entry.body)
        if review is None:
            review = _begin(month, entry, body)
        elif entry.kind == LOOK:
            review = replace(review, looks=(*review.looks, _look(body)))
        elif entry.kind == JUDGED:
            review = _judge(review, entry, body)
        elif entry.kind == SIGNED:
            review = _sign(review, entry, body)
        elif entry.kind == TOLD:
            key = (str(body["element"]), str(body["to"]), bool(body["late"]))
            review = replace(review, told=review.told | {key})
    if review is None:
        raise NotFound
    return review


def turn(review: LogReview, *, own: bool, follow_up: bool, now: datetime, seed: str) -> Advance:
    """Run the process of a review on from the step that waits.

    Args:
        own: whether looks of the person who finishes the step are left for somebody else.
        follow_up: whether a look is to be followed up.
        seed: number of the entry that is being written, as text.
    Raises:
        TaskClosed: the review has ended.
    """
    if review.task is None:
        raise TaskClosed
    done = Complete(review.task.id, {_OWN_LEFT: own, _TO_FOLLOW_UP: follow_up})
    return guarded(review.definition, review.state, done, now=now, seed=seed)


def _entries(tx: Tx, month: str) -> Iterator[LedgerEntry]:
    after = 0
    while entries := ledger_entries.of_stream(tx, stream_of(month), after=after):
        yield from entries
        after = entries[-1].seq


def _begin(month: str, entry: LedgerEntry, body: Mapping[str, Any]) -> LogReview:
    made = definition(int(body["process"]))
    outcome = guarded(made, b"", Start(), now=entry.at, seed=str(entry.seq))
    return LogReview(
        month=month,
        begun=entry.at,
        definition=made,
        state=outcome.state,
        task=_waiting(outcome),
        limits=body["limits"],
        offices={id_: (looks, listed) for id_, looks, listed in body["offices"]},
        left_out=int(body["left_out"]),
    )


def _look(body: Mapping[str, Any]) -> ListedLook:
    return ListedLook(
        number=int(body["look"]),
        person=str(body["person"]),
        office=str(body["of"]),
        case=str(body["case"]),
        why=tuple(body["why"]),
        first=datetime.fromisoformat(body["first"]),
        last=datetime.fromisoformat(body["last"]),
        times=int(body["times"]),
        cases=int(body["cases"]),
    )


def _judge(review: LogReview, entry: LedgerEntry, body: Mapping[str, Any]) -> LogReview:
    said = Judgement(str(body["verdict"]), entry.actor, entry.at, str(body["word"]))
    looks = tuple(
        replace(look, judgements=(*look.judgements, said)) if look.number == body["look"] else look
        for look in review.looks
    )
    return replace(review, looks=looks)


def _sign(review: LogReview, entry: LedgerEntry, body: Mapping[str, Any]) -> LogReview:
    outcome = turn(
        review,
        own=bool(body["own"]),
        follow_up=bool(body["follow"]),
        now=entry.at,
        seed=str(entry.seq),
    )
    signed = (*review.signed, Signature(str(body["element"]), entry.actor, entry.at))
    return replace(review, state=outcome.state, task=_waiting(outcome), signed=signed)


def _waiting(outcome: Advance) -> Open | None:
    return next((work for work in outcome.open if work.kind == "task"), None)


def month_of(day: date) -> str:
    """The month of a day, as 2026-10."""
    return f"{day:%Y-%m}"
