"""What an auditor asks the person who looked, and her answer.

It is a user task of the process of the review: for one person, whom its entry names. Question and
answer are sealed as `review_words` says; auditors read both.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from service.access import Viewer
from service.audit.log_review import review_process
from service.audit.log_review.review import ListedLook, LogReview, Question
from service.audit.log_review.review_commands import LONGEST, locked_review
from service.audit.log_review.review_page import PageWords, month_name, why_text
from service.audit.log_review.review_process import ANSWERED, ASKED, CLOSED
from service.audit.log_review.review_words import seal_words
from service.casework.cases.case_visibility import load_unexplained_visibility
from service.errors import FieldFault, FourEyes, InvalidAnswers, NotAllowed, NotFound, TaskClosed
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.at_hand import Read, Reader
from service.store.casefile import cases
from service.store.installation import ledger_entries, offices, people
from service.store.keyset import PageRequest
from service.store.read_models import audit_search
from service.store.read_models import log_review as entries
from service.store.read_models.audit_conditions import READS, AuditQuery, case_of
from service.store.transaction import Tx

KEPT: Final = timedelta(days=370)
"""How long questions are shown to who was asked."""
KINDS: Final = (ASKED, ANSWERED, CLOSED)
"""Kinds of entries that tell what was asked, and what became of it."""
MOST_CASES: Final = 50
"""Cases of a day that a question lists."""


def ask_person(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, month: str, look: int, words: str
) -> None:
    """Ask the person who looked: begins a task for her. Nothing is judged by it.

    Raises:
        NotFound: the asker is no auditor, or there is no such review or look.
        FourEyes: it is her own look.
        TaskClosed: it is decided, or something is asked already.
        NotAllowed: nobody can be asked: she has no account any more, `facts["why"]` is
            `nobody_to_ask`.
        InvalidAnswers: no words, or too many.
    """
    review, end = locked_review(tx, by, month)
    listed = next((one for one in review.looks if one.number == look), None)
    if listed is None:
        raise NotFound
    if listed.person == by.person:
        raise FourEyes
    if not review.may_ask(listed, by.person):
        raise TaskClosed
    asked = people.get(tx, listed.person)
    if asked is None or asked.person.closed_at is not None:
        raise NotAllowed(why="nobody_to_ask")
    words = _checked(words, "question")
    review_process.ask(review, now=now, seed=str(end + 1))
    _append(tx, services, by, now, month, ASKED, listed, words, person=listed.person)


def answer_question(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, month: str, look: int, words: str
) -> None:
    """Answer what an auditor asked about one's own look: finishes the task of who looked.

    Raises:
        NotFound: she was asked nothing about it.   TaskClosed: it was answered or closed.
        InvalidAnswers: no words, or too many.
    """
    end, _ = ledger_entries.end(tx, review_process.stream_of(month))
    review = review_process.load_review(tx, month)
    own = [q for q in review.questions if (q.look, q.person) == (look, by.person)]
    if not own:
        raise NotFound
    waiting = review.waiting_question(look)
    if waiting is None:
        raise TaskClosed
    words = _checked(words, "answer")
    review_process.answer(review, waiting, now=now, seed=str(end + 1))
    listed = next(one for one in review.looks if one.number == look)
    _append(tx, services, by, now, month, ANSWERED, listed, words)


def _checked(words: str, path: str) -> str:
    """The words without needless blanks."""
    found = " ".join(words.split())
    if not found:
        raise InvalidAnswers((FieldFault(path, "required"),))
    if len(found) > LONGEST:
        raise InvalidAnswers((FieldFault(path, "too_long"),))
    return found


def _append(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    month: str,
    kind: str,
    look: ListedLook,
    words: str,
    **about: ledger_lines.Canonical,
) -> None:
    stream = review_process.stream_of(month)
    word = seal_words(tx, services, look, stream=stream, person=by.person, words=words)
    body = {"look": look.number, **about, "word": word}
    append_entry(tx, stream, kind, by=actor(by), now=now, body=body)


# ---- what the person who was asked sees


@dataclass(frozen=True, slots=True)
class OwnQuestion:
    """A question to a person, as a list shows it."""

    month: str
    look: int
    at: datetime
    waits: bool


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """One question in words. `cases` are (id, pseudonym) of those that she may see now, `hidden`
    counts the others; `answer` is "" until she has answered.
    """

    month: str
    month_name: str
    look: int
    who: str
    office: str
    question: str
    at: datetime
    due: datetime | None
    late: bool
    why: tuple[str, ...]
    first: datetime
    last: datetime
    cases: tuple[tuple[str, str], ...]
    hidden: int
    waits: bool
    answer: str
    answered: datetime | None


def asked_since(now: datetime) -> tuple[str, datetime]:
    """Kind of the entries that ask somebody, and since when they count: by these a page
    finds out at little cost that nobody was asked.
    """
    return ASKED, now - KEPT


def read_of_questions(now: datetime) -> Read:
    """What `load_own_questions` reads."""
    return entries.read_of_entries(KINDS, now - KEPT)


def load_own_questions(reader: Reader, by: Viewer, now: datetime) -> list[OwnQuestion]:
    """What a person was asked, the newest first; one statement."""
    found: dict[tuple[str, int], OwnQuestion] = {}
    for entry in entries.entries_of(reader, KINDS, since=now - KEPT):
        body = json.loads(entry.body)
        key = (entry.stream.removeprefix(review_process.STREAM), int(body["look"]))
        if entry.kind == ASKED:
            found.pop(key, None)
            if body["person"] == by.person:
                found[key] = OwnQuestion(*key, entry.at, waits=True)
        elif key in found:
            found[key] = OwnQuestion(*key, found[key].at, waits=False)
    return sorted(found.values(), key=lambda one: one.at, reverse=True)


def load_question(
    tx: Tx, services: Services, month: str, look: int, *, by: Viewer, now: datetime
) -> QuestionPage:
    """The newest question to a person about one of her looks.

    Raises:
        NotFound: she was asked nothing about it.
    """
    review = review_process.load_review(tx, month)
    own = [one for one in review.questions if (one.look, one.person) == (look, by.person)]
    if not own:
        raise NotFound
    asked, listed = own[-1], next(one for one in review.looks if one.number == look)
    words = PageWords(tx, services, review, by)
    seen, hidden = _cases(tx, services, listed, by, now)
    asker = people.get(tx, asked.by)
    office = asker.person.office_id if asker is not None else ""
    return QuestionPage(
        month=month,
        month_name=month_name(month, by.lang),
        look=look,
        who=words.names.get(asked.by, ""),
        office=offices.names(tx).get(office, ""),
        question=words.opened(listed, asked.by, asked.word),
        at=asked.at,
        due=asked.due,
        late=_is_late(asked, now),
        why=tuple(why_text(code, review, by.lang) for code in listed.why),
        first=listed.first,
        last=listed.last,
        cases=seen,
        hidden=hidden,
        waits=asked.waits,
        answer=words.opened(listed, by.person, asked.reply.word) if asked.reply is not None else "",
        answered=asked.reply.at if asked.reply is not None else None,
    )


def waiting_questions(review: LogReview, now: datetime) -> Iterable[tuple[Question, bool]]:
    """What waits for an answer, each with whether it is late."""
    return ((one, _is_late(one, now)) for one in review.questions if one.waits)


def _is_late(asked: Question, now: datetime) -> bool:
    return asked.waits and asked.due is not None and asked.due < now


def _cases(
    tx: Tx, services: Services, look: ListedLook, by: Viewer, now: datetime
) -> tuple[tuple[tuple[str, str], ...], int]:
    """The cases of a look that its person may see now, and how many she may not."""
    ids = [look.case] if look.case else _of_day(tx, look, by)
    seen: list[tuple[str, str]] = []
    for case in cases.of_ids(tx, ids):
        try:
            load_unexplained_visibility(tx, services, by, case, now)
        except NotFound:
            continue
        seen.append((case.id, case.ref))
    return tuple(sorted(seen, key=lambda pair: pair[1])), len(ids) - len(seen)


def _of_day(tx: Tx, look: ListedLook, by: Viewer) -> list[str]:
    """The cases that a person opened between the first and the last look."""
    until = look.last + timedelta(microseconds=1)
    query = AuditQuery(
        actor=look.person, since=look.first, until=until, streams=READS, barred=(*by.barred,)
    )
    found = audit_search.entries(tx, query, PageRequest(), MOST_CASES, once=True)
    return list(dict.fromkeys(case_of(entry.stream) for entry in found.rows))
