"""View models of log reviews: the list of months, and one month with its looks in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from service.access import Viewer
from service.audit.log_review import review_process
from service.audit.log_review.review import (
    FOLLOW,
    INCIDENT,
    OPEN,
    VERDICTS,
    Judgement,
    ListedLook,
    LogReview,
    Question,
)
from service.audit.log_review.review_process import stream_of
from service.audit.log_review.review_words import open_words
from service.engine import Element
from service.people import accounts
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.release.labels import localized_name
from service.security.vault import OwnerKey
from service.store.installation import keys as stored_keys
from service.store.installation import offices
from service.store.read_models import audit_search
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True, slots=True)
class SaidOfLook:
    """A judgement in words; `code` is that of the verdict."""

    code: str
    verdict: str
    who: str
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class ShownQuestion:
    """A question to the person who looked: who asked it, and the answer; `waits` until there is an
    answer or the look is judged without.
    """

    who: str
    at: datetime
    question: str
    waits: bool
    due: datetime | None
    answer: str
    answered: datetime | None


@dataclass(frozen=True, slots=True)
class ShownLook:
    """One listed look. `ref` is the pseudonym of its case, "" where it is about a day; `can` is
    whether the reader may judge it, `own` whether it is her own, `ask` whether she may ask who
    looked.
    """

    number: int
    who: str
    office: str
    person: str
    office_id: str
    case: str
    ref: str
    why: tuple[str, ...]
    first: datetime
    last: datetime
    times: int
    cases: int
    verdict: str
    said: tuple[SaidOfLook, ...]
    can: bool
    own: bool
    asked: tuple[ShownQuestion, ...] = ()
    ask: bool = False

    @property
    def waits(self) -> bool:
        """Whether a question about it waits for an answer."""
        return any(one.waits for one in self.asked)

    @property
    def open(self) -> bool:
        """Whether it is judged as still to be followed up."""
        return self.verdict == OPEN


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One month in the list. `step` is the step that waits; "" when the review has ended, at
    `ended`.
    """

    month: str
    name: str
    step: str
    due: datetime | None
    late: bool
    looks: int
    left: int
    to_follow_up: int
    incidents: int
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class ReviewNotice:
    """Notice that the review of a month waits, in a sentence."""

    month: str
    text: str
    late: bool
    due: datetime | None


@dataclass(frozen=True, slots=True)
class ProcessStep:
    """A step of the process: `state` is "done", "now" or "later"; `by` and `at` of one that is
    done.
    """

    name: str
    state: str
    by: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class OfficeFigures:
    """Figures of one office: looks in the month, and lines that stand out."""

    name: str
    looks: int
    listed: int


@dataclass(frozen=True, slots=True)
class ReviewPage:
    """One month. `element` is the step that waits, "" when there is none; `other` is whether it
    waits for another person than the reader; `must` is how many looks she must judge before she can
    finish it.
    """

    row: ReviewRow
    begun: datetime
    element: str
    other: bool
    must: int
    verdicts: tuple[tuple[str, str], ...]
    looks: tuple[ShownLook, ...]
    steps: tuple[ProcessStep, ...]
    offices: tuple[OfficeFigures, ...]
    left_out: int

    @property
    def follows_up(self) -> bool:
        """Whether the step that waits is the follow-up of open looks."""
        return self.element == FOLLOW


def load_rows(tx: Tx, now: datetime, lang: str) -> list[ReviewRow]:
    """The months, the newest first."""
    reviews = [review_process.load_review(tx, month) for month in review_process.months(tx)]
    return [_row(review, now, lang) for review in reversed(reviews)]


def load_notices(tx: Tx, now: datetime, lang: str) -> list[ReviewNotice]:
    """Notices of reviews that wait, for the auditors' first page; the oldest first."""
    found = []
    for review in review_process.load_waiting(tx):
        row = _row(review, now, lang)
        late = review.is_late(now)
        key = f"log_review.waiting{'_late' if late else ''}"
        text = say(key, lang, month=row.name, step=row.step)
        found.append(ReviewNotice(review.month, text, late, row.due))
    return found


def load_page(tx: Tx, services: Services, month: str, *, by: Viewer, now: datetime) -> ReviewPage:
    """One month.

    Raises:
        NotFound: no review of it was begun.
    """
    review, lang = review_process.load_review(tx, month), by.lang
    words = PageWords(tx, services, review, by)
    element = review.task.element if review.task is not None else ""
    figures = (
        OfficeFigures(words.offices.get(id_, id_), *pair) for id_, pair in review.offices.items()
    )
    verdicts = [one for one in VERDICTS if element != FOLLOW or one != OPEN]
    return ReviewPage(
        row=_row(review, now, lang),
        begun=review.begun,
        element=element,
        other=review.must_be_another(by.person),
        must=len(review.must_be_judged(by.person)),
        verdicts=tuple((one, verdict_name(one, lang)) for one in verdicts),
        looks=tuple(words.look(one) for one in review.looks if one.case not in by.barred),
        steps=tuple(_steps(review, words.names, lang)),
        offices=tuple(sorted(figures, key=lambda one: one.name.lower())),
        left_out=review.left_out,
    )


class PageWords:
    """Names, pseudonyms and reasons of one review, each kind looked up once."""

    def __init__(self, tx: Tx, services: Services, review: LogReview, by: Viewer) -> None:
        self.tx, self.services, self.review, self.by = tx, services, review, by
        people = {one.person for one in review.looks}
        people |= {said.by for one in review.looks for said in one.judgements}
        people |= {one.by for one in review.signed}
        people |= {one.by for one in review.questions}
        self.names, self.offices = accounts.names(tx, services, people), offices.names(tx)
        self.cases = audit_search.of_ids(tx, [one.case for one in review.looks if one.case])
        self.keys: dict[str, OwnerKey | None] = {}
        self.case_keys = {
            id_: CaseKeys(services.vault, id_, found)
            for id_, found in stored_keys.of_cases(tx, self.cases.keys()).items()
        }

    def look(self, look: ListedLook) -> ShownLook:
        """A listed look in words."""
        case = self.cases.get(look.case)
        return ShownLook(
            number=look.number,
            who=self.names.get(look.person, ""),
            office=self.offices.get(look.office, ""),
            person=look.person,
            office_id=look.office,
            case=case.id if case is not None else "",
            ref=case.ref if case is not None else "",
            why=tuple(why_text(code, self.review, self.by.lang) for code in look.why),
            first=look.first,
            last=look.last,
            times=look.times,
            cases=look.cases,
            verdict=look.verdict,
            said=tuple(self._said(look, one) for one in look.judgements),
            can=self.review.may_judge(look, self.by.person),
            own=look.person == self.by.person,
            asked=tuple(
                self._asked(look, q) for q in self.review.questions if q.look == look.number
            ),
            ask=self.review.may_ask(look, self.by.person),
        )

    def _asked(self, look: ListedLook, one: Question) -> ShownQuestion:
        return ShownQuestion(
            who=self.names.get(one.by, ""),
            at=one.at,
            question=self.opened(look, one.by, one.word),
            waits=one.waits,
            due=one.due,
            answer=self.opened(look, one.person, one.reply.word) if one.reply is not None else "",
            answered=one.reply.at if one.reply is not None else None,
        )

    def _said(self, look: ListedLook, one: Judgement) -> SaidOfLook:
        verdict = verdict_name(one.verdict, self.by.lang)
        who = self.names.get(one.by, "")
        return SaidOfLook(one.verdict, verdict, who, one.at, self.opened(look, one.by, one.word))

    def opened(self, look: ListedLook, person: str, word: str) -> str:
        """Words of a person about a look; "" when they cannot be opened any more."""
        if person not in self.keys:
            self.keys[person] = self.services.key(self.tx, f"person:{person}")
        stream, of_case = stream_of(self.review.month), self.case_keys.get(look.case)
        return open_words(of_case, self.keys[person], stream=stream, person=person, word=word)


def verdict_name(verdict: str, lang: str) -> str:
    """What a verdict is called; "" for none."""
    return say(f"log_review.verdict_{verdict}", lang) if verdict else ""


def why_text(code: str, review: LogReview, lang: str) -> str:
    """Why a look is listed, with the limit that it passed."""
    return say(f"log_review.why_{code}", lang, **review.limits)


def month_name(month: str, lang: str) -> str:
    """A month in words, such as `October 2026`."""
    day = date.fromisoformat(f"{month}-01")
    return f"{say(f'log_review.month_{day.month}', lang)} {day.year}"


def _row(review: LogReview, now: datetime, lang: str) -> ReviewRow:
    task = review.task
    return ReviewRow(
        month=review.month,
        name=month_name(review.month, lang),
        step=_name(review.definition.elements[task.element], lang) if task is not None else "",
        due=task.due if task is not None else None,
        late=review.is_late(now),
        looks=len(review.looks),
        left=review.left,
        to_follow_up=review.to_follow_up,
        incidents=sum(look.verdict == INCIDENT for look in review.looks),
        ended=review.signed[-1].at if task is None and review.signed else None,
    )


def _name(element: Element, lang: str) -> str:
    return localized_name(element.names, lang)


def _steps(review: LogReview, names: Mapping[str, str], lang: str) -> list[ProcessStep]:
    """The steps that were done, then the one that waits, as the diagram names them."""
    elements = review.definition.elements
    done = [
        ProcessStep(_name(elements[one.element], lang), "done", names.get(one.by, ""), one.at)
        for one in review.signed
    ]
    if review.task is None:
        return done
    return [*done, ProcessStep(_name(elements[review.task.element], lang), "now")]
