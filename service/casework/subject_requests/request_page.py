"""The pages of requests that persons make: the list of an office, one request, and the paper that
the person gets.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from service.access import Viewer
from service.casework.casefile import read_log
from service.casework.casefile.retention_words import keeping_lines
from service.casework.retention import kept
from service.casework.subject_requests import asking, request_process
from service.casework.subject_requests.asking import PARTLY, REFUSED
from service.casework.subject_requests.copy_parts import load_copy, open_words
from service.casework.subject_requests.masks import PartView, grouped, printed, view_of
from service.casework.subject_requests.request_process import ANSWER, COPY, NOT_PROVEN
from service.errors import NotFound
from service.records.context import Services
from service.release.appeal_words import NOTHING_SAID
from service.release.labels import localized_name
from service.release.programme.appeal_roads import REQUEST
from service.store.at_hand import Reader
from service.store.casefile import cases, facts
from service.store.casefile.subject_requests import COPY as A_COPY
from service.store.casefile.subject_requests import SubjectRequest
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import say

LANGUAGES: Final = ("sv", "en")
"""In which a copy is made."""
PURPOSE: Final = "copy"
"""Purpose of a read: somebody puts together what a person asked to see."""


@dataclass(frozen=True, slots=True)
class RequestLine:
    """An open request, as the list shows it."""

    id: str
    what: str
    step: str
    number: str
    ref: str
    at: datetime
    due: datetime | None
    late: bool


@dataclass(frozen=True, slots=True)
class RequestPage:
    """One request."""

    line: RequestLine
    element: str
    """The step that waits; "" once she has her answer."""
    row: SubjectRequest
    office: str
    wish: str
    answer: str
    groups: Sequence[tuple[str, Sequence[PartView]]]
    """Heading to its parts, while the copy is made or given."""
    unread: int
    grounds: Mapping[str, str]
    """On which something may be struck out: id of a ground to its words, in the language of the
    copy; those that are used already too."""
    lang: str

    @property
    def views(self) -> list[PartView]:
        """All parts that are shown."""
        return [view for _, views in self.groups for view in views]


def load_list(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> tuple[RequestLine, ...]:
    """Load the open requests to the viewer's office, the one that is due first before the others.

    Raises:
        NotFound: she is no records officer.
    """
    del services
    rows = asking.waiting_for(tx, viewer)
    known = {case.id: case for case in cases.of_ids(tx, {row.case_id for row in rows})}
    zone = asking.zone_of(tx, viewer.office)
    lines = (
        _line(row, known[row.case_id], zone, viewer, now) for row in rows if row.case_id in known
    )
    return tuple(sorted(lines, key=lambda line: line.due or now))


def _line(
    row: SubjectRequest, case: cases.CaseSummary, zone: str, viewer: Viewer, now: datetime
) -> RequestLine:
    step = request_process.waiting_step(row, zone)
    drawn = request_process.definition(row.process).elements
    name = localized_name(drawn[step.element].names, viewer.lang) if step is not None else ""
    return RequestLine(
        id=row.id,
        what=say(f"request.kind_{row.kind}", viewer.lang),
        step=name,
        number=case.number,
        ref=case.ref,
        at=row.at,
        due=step.due if step is not None else None,
        late=request_process.is_late(row, zone, now),
    )


def load_request(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, request: str, lang: str
) -> RequestPage:
    """Load one request; where its copy is shown, the read log says so.

    Args:
        lang: language of the copy.
    Raises:
        NotFound: there is none for her.
    """
    row = asking.request_of(tx, viewer, request)
    case = cases.get(tx, row.case_id)
    if case is None:
        raise NotFound
    line = _line(row, case, asking.zone_of(tx, row.office_id), viewer, now)
    step = request_process.waiting_step(row, asking.zone_of(tx, row.office_id))
    element = step.element if step is not None else ""
    shows = row.kind == A_COPY and row.proven != NOT_PROVEN and element in (COPY, ANSWER)
    released = row.answered_at or now
    parts = load_copy(tx, services, viewer, case, lang, now=released) if shows else ()
    views = [view_of(part, row.masks) for part in parts]
    may = [one.id for one in asking.grounds_of(tx, services, row, now)] if shows else []
    used = [view.ground for view in views if view.ground]
    release = services.release(tx, case.release_id)
    if shows:
        record_look(tx, viewer, now, case)
    return RequestPage(
        line=line,
        element=element,
        row=row,
        office=offices.names(tx).get(row.office_id, ""),
        wish=open_words(tx, services, row, "wish"),
        answer=open_words(tx, services, row, "answer"),
        groups=grouped(views),
        unread=len(asking.unread(parts, row.masks)),
        grounds={id_: services.ground(id_, lang, release) for id_ in dict.fromkeys([*may, *used])},
        lang=lang,
    )


def record_look(tx: Tx, viewer: Viewer, now: datetime, case: cases.CaseSummary) -> None:
    """Record that somebody reads everything that her office keeps of a case."""
    read_log.record_read(
        tx,
        by=viewer,
        now=now,
        case_id=case.id,
        purpose=PURPOSE,
        classes=("C0", "C1", "C2", "C3"),
        case=case,
    )


@dataclass(frozen=True, slots=True)
class AnswerPaper:
    """The paper that she gets, before it is made: the template and what it prints."""

    source: str
    data: Mapping[str, Any]
    name: str


@cache
def _source() -> str:
    return Path(__file__).with_name("answer.typ").read_text("utf-8")


def compose_answer(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, request: str, lang: str
) -> AnswerPaper:
    """Put together the paper that she gets: the copy, or the decision.

    Whoever did not show who he is, and whoever may get nothing, gets the same words, on a paper
    without a number.

    Raises:
        NotFound: there is none for her, or nothing is decided yet.
    """
    page = load_request(tx, services, viewer, now, request=request, lang=lang)
    row = page.row
    if row.answered_at is None:
        raise NotFound
    day = viewer.day(now)
    data: dict[str, Any] = {
        "lang": lang,
        "title": say("answer.title_nothing", lang),
        "lead": [say("answer.nothing", lang)],
        "groups": [],
        "keeps": [],
        "keeps_title": say("answer.keeps", lang),
        **_rights(tx, services, viewer, row, lang),
        "foot": f"{page.office}, {day}",
        "struck": say("answer.struck", lang),
    }
    if row.proven == NOT_PROVEN:
        return AnswerPaper(_source(), data, "answer.pdf")
    if row.kind == A_COPY:
        data |= {
            "title": say("answer.title_copy", lang, office=page.office),
            "lead": [*_lead(row, page.office, day, lang)],
            "groups": [printed(heading, views, page.grounds) for heading, views in page.groups],
            "keeps": [*_keeps(tx, services, row, lang, now)],
        }
    else:
        data |= {
            "title": say(f"answer.title_{row.kind}", lang),
            "lead": [
                say("answer.asked", lang, day=viewer.day(row.at), what=page.wish),
                say(f"answer.{row.outcome}", lang, office=page.office),
                page.answer,
            ],
        }
    return AnswerPaper(_source(), data, f"{row.kind}.pdf")


def _rights(
    tx: Tx, services: Services, viewer: Viewer, row: SubjectRequest, lang: str
) -> dict[str, str]:
    """What she can do next. Who gets nothing reads nothing here that depends on a case: the road
    of appeal is that of the release in force, by kind of office.
    """
    office = offices.everyone(tx)[row.office_id]
    release = None if services.has_no_release(tx) else services.current(tx)
    refuses = row.proven == NOT_PROVEN or row.outcome in (PARTLY, REFUSED)
    appeal = NOTHING_SAID
    if refuses and row.answered_at is not None:
        on = date.fromisoformat(viewer.day(row.answered_at))
        appeal = services.appeal(REQUEST, office.kind, lang, release, on, office=office.name)
    # a road names the authority itself, where there is one to complain to
    outside = services.current_configuration(tx).vocabulary.outside
    complains = not appeal.text and office.kind not in outside
    said = [
        say("answer.rights", lang, office=office.name),
        *([say("answer.complain", lang)] if complains else []),
        say("answer.keep", lang),
    ]
    return {
        "rights": " ".join(said),
        "appeal": appeal.text,
        "appeal_title": say("answer.appeal_title", lang),
    }


def _lead(row: SubjectRequest, office: str, day: str, lang: str) -> Iterator[str]:
    yield say("answer.copy_lead", lang, office=office, day=day)
    if row.outcome == PARTLY:
        yield say("answer.copy_struck", lang)
    yield say("answer.copy_files", lang)


def _keeps(
    reader: Reader, services: Services, row: SubjectRequest, lang: str, now: datetime
) -> Iterator[str]:
    """How long the office keeps what the copy shows."""
    case, office = cases.stored_whole(reader, row.case_id), offices.everyone(reader)[row.office_id]
    plan = services.current_configuration(reader).retention
    keys = services.case_keys(reader, row.case_id)
    record = kept.record_of(plan, keys, case, facts.of_case(reader, row.case_id))
    yield from keeping_lines(plan, record, office, lang, now)
