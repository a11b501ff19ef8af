"""Listed looks in words: why each is listed, what was said of it, what was asked and answered."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.audit.log_review.process import stream_of
from service.audit.log_review.review import OPEN, Judgement, ListedLook, LogReview, Question
from service.errors import CannotOpen
from service.people import accounts
from service.records.context import Services
from service.records.ledger_entries import open_reason
from service.security.vault import OwnerKey
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
    """What the person who looked was asked, by whom, and her answer; `waits` until there is one or
    the look is judged without.
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


def verdict_name(verdict: str, lang: str) -> str:
    """What a verdict is called; "" for none."""
    return say(f"log_review.verdict_{verdict}", lang) if verdict else ""


def why_text(code: str, review: LogReview, lang: str) -> str:
    """Why a look is listed, with the limit that it passed."""
    return say(f"log_review.why_{code}", lang, **review.limits)


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
            said=tuple(map(self._said, look.judgements)),
            can=self.review.may_judge(look, self.by.person),
            own=look.person == self.by.person,
            asked=tuple(self._asked(q) for q in self.review.questions if q.look == look.number),
            ask=self.review.may_ask(look, self.by.person),
        )

    def _asked(self, one: Question) -> ShownQuestion:
        return ShownQuestion(
            who=self.names.get(one.by, ""),
            at=one.at,
            question=self.opened(one.by, one.word),
            waits=one.waits,
            due=one.due,
            answer=self.opened(one.person, one.reply.word) if one.reply is not None else "",
            answered=one.reply.at if one.reply is not None else None,
        )

    def _said(self, one: Judgement) -> SaidOfLook:
        verdict = verdict_name(one.verdict, self.by.lang)
        who = self.names.get(one.by, "")
        return SaidOfLook(one.verdict, verdict, who, one.at, self.opened(one.by, one.word))

    def opened(self, person: str, word: str) -> str:
        """The words of a person; "" when they cannot be opened any more."""
        if person not in self.keys:
            self.keys[person] = self.services.key(self.tx, f"person:{person}")
        try:
            return open_reason(self.keys[person], stream_of(self.review.month), person, word)
        except CannotOpen:
            return ""
