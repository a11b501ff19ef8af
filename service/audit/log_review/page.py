"""Log reviews as their pages show them: the months, and one month with what it lists."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from service.access import Viewer
from service.audit.log_review import process
from service.audit.log_review.review import FOLLOW, INCIDENT, OPEN, VERDICTS, LogReview
from service.audit.log_review.shown_looks import PageWords, ShownLook, verdict_name
from service.engine import Element
from service.records.context import Services
from service.release.labels import localized_name
from service.store.transaction import Tx
from service.text import say


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One month in the list. `step` is what waits, "" when the review has ended, at `ended`."""

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
    """One sentence that a review waits."""

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
        """Whether the step waits in which what is open is followed up."""
        return self.element == FOLLOW


def load_rows(tx: Tx, now: datetime, lang: str) -> list[ReviewRow]:
    """The months, the newest first."""
    reviews = [process.load_review(tx, month) for month in process.months(tx)]
    return [_row(review, now, lang) for review in reversed(reviews)]


def load_notices(tx: Tx, now: datetime, lang: str) -> list[ReviewNotice]:
    """What the auditors' first page says of reviews that wait, the oldest first."""
    found = []
    for review in process.load_waiting(tx):
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
    review, lang = process.load_review(tx, month), by.lang
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
        looks=tuple(map(words.look, review.looks)),
        steps=tuple(_steps(review, words.names, lang)),
        offices=tuple(sorted(figures, key=lambda one: one.name.lower())),
        left_out=review.left_out,
    )


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
