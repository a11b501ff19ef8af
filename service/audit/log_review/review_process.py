"""The process of a log review: its diagram, and a review as the entries of its stream give it.

It is a process of the product (`records/product_process.py`). A review has a handful of turns, and
folding them costs a millisecond.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import cache
from typing import Any, Final

from service.audit.log_review.review import (
    ANSWER,
    Judgement,
    ListedLook,
    LogReview,
    Question,
    Reply,
    Signature,
)
from service.engine import (
    Advance,
    Complete,
    Definition,
    FormFacts,
    Message,
    Open,
    RoleFacts,
    Start,
    Type,
    guarded,
)
from service.errors import NotFound, TaskClosed
from service.records import product_process
from service.security.records import LedgerEntry
from service.store.installation import ledger_entries
from service.store.transaction import Tx

STREAM: Final = "log-review/"
PROCESS: Final = "log_review"
VERSION: Final = 1
"""Number of the diagram that new reviews begin on; those that have begun keep theirs."""
BEGUN, LOOK, JUDGED, SIGNED, LETTER = (
    f"log_review_{name}" for name in ("begun", "look", "judged", "signed", "letter")
)
ASKED, ANSWERED, CLOSED = (f"log_review_{name}" for name in ("asked", "answered", "closed"))
COURSE: Final = 1000
"""More entries than a review has, apart from those of its looks."""
_ROLES: Final = (
    RoleFacts("auditor", {"sv": "Revisor", "en": "Auditor"}),
    RoleFacts("looked", {"sv": "Den som läste", "en": "The person who looked"}),
)
"""The second one is of one person for each question: whom its entry names."""
_ASK, _CLOSE, _QUESTION = "ask_person", "close_question", "log_question"
"""Messages and a form of the diagram."""
_OWN_LEFT, _TO_FOLLOW_UP = "ownLooksLeft", "toFollowUp"


@cache
def definition(version: int) -> Definition:
    """The process of reviews of one version of the diagram.

    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    boolean = Type("boolean", ())
    routing = {_OWN_LEFT: boolean, _TO_FOLLOW_UP: boolean}
    forms = (FormFacts(PROCESS, routing, always=frozenset(routing)), FormFacts(_QUESTION, {}))
    return product_process.read_product_process(
        *(__package__, PROCESS, version), forms=forms, roles=_ROLES
    )


def stream_of(month: str) -> str:
    """The stream of a month's review."""
    return f"{STREAM}{month}"


def months(tx: Tx) -> list[str]:
    """The months that a review was begun of, in their order."""
    return [name.removeprefix(STREAM) for name in ledger_entries.streams_with(tx, BEGUN)]


def load_review(tx: Tx, month: str) -> LogReview:
    """One month's review.

    Raises:
        NotFound: none was begun of that month.
    """
    return fold(month, _entries(tx, month))


def load_course(tx: Tx, month: str) -> LogReview:
    """One month's review without its looks: which step waits, what is asked, and which letters were
    sent.

    Raises:
        NotFound: none was begun of that month.
    """
    kinds = (BEGUN, SIGNED, ASKED, ANSWERED, CLOSED, LETTER)
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
        review = _begin(month, entry, body) if review is None else _next(review, entry, body)
    if review is None:
        raise NotFound
    return review


def _next(review: LogReview, entry: LedgerEntry, body: Mapping[str, Any]) -> LogReview:
    match entry.kind:
        case "log_review_look":
            return replace(review, looks=(*review.looks, _look(body)))
        case "log_review_judged":
            return _judge(review, entry, body)
        case "log_review_signed":
            return _sign(review, entry, body)
        case "log_review_asked":
            return _ask(review, entry, body)
        case "log_review_answered" | "log_review_closed":
            return _end_question(review, entry, body)
        case "log_review_letter":
            key = (str(body["element"]), str(body["to"]), bool(body["late"]))
            return replace(review, letters=review.letters | {key})
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


def ask(review: LogReview, *, now: datetime, seed: str) -> Advance:
    """Begin a task for a person who looked. `seed` as for `turn`.

    Raises:
        TaskClosed: the review has ended.
    """
    if review.task is None:
        raise TaskClosed
    return guarded(review.definition, review.state, Message(_ASK), now=now, seed=seed)


def answer(review: LogReview, question: Question, *, now: datetime, seed: str) -> Advance:
    """Finish the task of the person who looked. `seed` as for `turn`."""
    done = Complete(question.task, {})
    return guarded(review.definition, review.state, done, now=now, seed=seed)


def close(review: LogReview, question: Question, *, now: datetime, seed: str) -> Advance:
    """End a question that got no answer. `seed` as for `turn`."""
    ended = Message(_CLOSE, id=question.closing)
    return guarded(review.definition, review.state, ended, now=now, seed=seed)


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


def _ask(review: LogReview, entry: LedgerEntry, body: Mapping[str, Any]) -> LogReview:
    outcome = ask(review, now=entry.at, seed=str(entry.seq))
    taken = {one.task for one in review.questions} | {one.closing for one in review.questions}
    new = [work for work in outcome.open if work.id not in taken]
    task = next(work for work in new if work.element == ANSWER)
    closing = next(work for work in new if work.what == _CLOSE)
    asked = Question(
        look=int(body["look"]),
        person=str(body["person"]),
        by=entry.actor,
        at=entry.at,
        word=str(body["word"]),
        task=task.id,
        closing=closing.id,
        due=task.due,
    )
    return replace(review, state=outcome.state, questions=(*review.questions, asked))


def _end_question(review: LogReview, entry: LedgerEntry, body: Mapping[str, Any]) -> LogReview:
    """A question that was answered, or is closed without an answer."""
    asked = review.waiting_question(int(body["look"]))
    if asked is None:
        raise TaskClosed
    seed, reply = str(entry.seq), None
    if entry.kind == ANSWERED:
        outcome = answer(review, asked, now=entry.at, seed=seed)
        reply = Reply(entry.at, str(body["word"]))
    else:
        outcome = close(review, asked, now=entry.at, seed=seed)
    over = replace(asked, task="", closing="", reply=reply)
    questions = tuple(over if one is asked else one for one in review.questions)
    return replace(review, state=outcome.state, questions=questions)


def _waiting(outcome: Advance) -> Open | None:
    """The step that waits for an auditor."""
    return next((w for w in outcome.open if w.kind == "task" and w.element != ANSWER), None)


def month_of(day: date) -> str:
    """The month of a day, as 2026-10."""
    return f"{day:%Y-%m}"
