"""The pages of requests for public documents: the list of an office, one request, and the paper
that is given.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

from service.access import Viewer
from service.casework import subject_requests
from service.casework.casefile import read_log
from service.casework.document_requests import deciding
from service.casework.document_requests.deciding import PARTLY, REFUSED
from service.casework.subject_requests.masks import PartView, grouped, printed, view_of
from service.casework.subject_requests.request_page import AnswerPaper
from service.errors import NotFound
from service.records.context import Services
from service.release.ground_words import ground_text
from service.release.programme.appeal_roads import DOCUMENT
from service.store.casefile import cases
from service.store.casefile.document_requests import DocumentChoice, DocumentRequest
from service.store.installation.offices import Office
from service.store.transaction import Tx
from service.text import say

DECIDE, GIVE, DONE = "decide", "give", "done"
"""Steps of a request: the same ones, whatever is found."""
LANGUAGES: Final = ("sv", "en")
"""In which the words around what is given are printed."""
PURPOSE: Final = "disclosure"
"""Purpose of a read: somebody decides on a public document."""


@dataclass(frozen=True, slots=True)
class DocumentLine:
    """An open request, as the list shows it: nothing of what it asks for."""

    id: str
    step: str
    at: datetime
    due: datetime
    late: bool


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """One request."""

    line: DocumentLine
    row: DocumentRequest
    office: str
    wish: str
    case: cases.CaseSummary | None
    """What was found, while it is decided."""
    classes: Mapping[str, int]
    """Class to the number of its parts."""
    groups: Sequence[tuple[str, Sequence[PartView]]]
    """Heading to its parts, while it is decided."""
    unread: frozenset[str]
    """Ids of chosen free texts that nobody has read."""
    grounds: Mapping[str, str]
    """Id of a ground to its words."""

    @property
    def chosen(self) -> int:
        """How many parts are chosen."""
        return sum(view.is_marked for _, views in self.groups for view in views)

    @property
    def views(self) -> list[PartView]:
        """All parts that are shown."""
        return [view for _, views in self.groups for view in views]


def load_list(
    tx: Tx, services: Services, viewer: Viewer, now: datetime
) -> tuple[DocumentLine, ...]:
    """Load the open requests to the viewer's office, the one that is due first before the others.

    Raises:
        NotFound: as `deciding.require_offered`.
    """
    deciding.require_offered(tx, services, viewer, now)
    lines = [_line(row, now) for row in deciding.waiting_for(tx, viewer)]
    return tuple(sorted(lines, key=lambda line: line.due))


def _line(row: DocumentRequest, now: datetime) -> DocumentLine:
    step = DECIDE if row.decided_at is None else GIVE if row.given_at is None else DONE
    return DocumentLine(row.id, step, row.at, row.due, late=deciding.is_late(row, now))


def load_page(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, request: str
) -> DocumentPage:
    """Load one request. While it is to be decided the parts of the case that was found are shown,
    and the read log of the case says so.

    Raises:
        NotFound, NotNamed: as `deciding.load_request` and `deciding.load_parts`.
    """
    row, choice = deciding.load_request(tx, services, viewer, now, request=request)
    office = deciding.require_offered(tx, services, viewer, now)
    if row.decided_at is not None:
        choice = None
    views = _views(tx, services, viewer, now, choice) if choice is not None else []
    parts, chosen = [view.part for view in views], choice.parts if choice is not None else {}
    return DocumentPage(
        line=_line(row, now),
        row=row,
        office=office.name,
        wish=deciding.open_wish(tx, services, row),
        case=cases.get(tx, choice.case_id) if choice is not None else None,
        classes=dict(sorted(Counter(part.klass for part in parts).items())),
        groups=grouped(views),
        unread=frozenset(part.id for part in deciding.unread(parts, chosen)),
        grounds=_grounds(tx, services, office, now, viewer.lang, views),
    )


def _views(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, choice: DocumentChoice
) -> list[PartView]:
    parts = deciding.load_parts(tx, services, viewer, now, choice)
    read_log.record_read(
        tx,
        by=viewer,
        now=now,
        case_id=choice.case_id,
        purpose=PURPOSE,
        classes={part.klass for part in parts} | {"C0"},
    )
    return [view_of(part, choice.parts) for part in parts]


def _grounds(
    tx: Tx,
    services: Services,
    office: Office,
    now: datetime,
    lang: str,
    views: Sequence[PartView],
) -> dict[str, str]:
    """The grounds on which something may be struck out today, and those that are used already."""
    known = services.current_configuration(tx).grounds
    may = [one.id for one in deciding.grounds_of(tx, services, office, now)]
    used = [view.ground for view in views if view.ground]
    return {id_: ground_text(known, id_, lang) or id_ for id_ in dict.fromkeys([*may, *used])}


@cache
def _source() -> str:
    return (Path(subject_requests.__path__[0]) / "answer.typ").read_text("utf-8")


def compose_paper(
    tx: Tx, services: Services, viewer: Viewer, now: datetime, *, request: str, lang: str
) -> AnswerPaper:
    """Put together the paper of a decision that waits to be given.

    A refusal is the same paper whatever was found: nothing is looked up for it but the office.

    Raises:
        NotFound, NotNamed: as `load_page`; nothing is decided, or the answer is given.
    """
    row, choice = deciding.load_request(tx, services, viewer, now, request=request)
    if row.decided_at is None or row.given_at is not None:
        raise NotFound
    office = deciding.require_offered(tx, services, viewer, now)
    refused = row.outcome == REFUSED
    data: dict[str, Any] = {
        "lang": lang,
        "title": say("document_request.paper_title", lang),
        "lead": [*_lead(row, office.name, lang)],
        "groups": [],
        "keeps": [],
        "keeps_title": "",
        "appeal": _appeal(tx, services, viewer, row, office, lang),
        "appeal_title": say("answer.appeal_title", lang),
        "rights": "",
        "foot": f"{office.name}, {viewer.day(row.decided_at)}",
        "struck": say("answer.struck", lang),
    }
    if choice is not None and not refused:
        views = _views(tx, services, viewer, now, choice)
        grounds = _grounds(tx, services, office, now, lang, views)
        groups = grouped(view for view in views if view.is_marked)
        data["groups"] = [printed(heading, of_group, grounds) for heading, of_group in groups]
    return AnswerPaper(_source(), data, "answer.pdf")


def _appeal(
    tx: Tx, services: Services, viewer: Viewer, row: DocumentRequest, office: Office, lang: str
) -> str:
    """How the decision is appealed, by the release in force; "" where all was given."""
    if row.outcome == deciding.WHOLE or row.decided_at is None:
        return ""
    release = None if services.has_no_release(tx) else services.current(tx)
    on = date.fromisoformat(viewer.day(row.decided_at))
    return services.appeal(DOCUMENT, office.kind, lang, release, on, office=office.name).text


def _lead(row: DocumentRequest, office: str, lang: str) -> Iterator[str]:
    yield say(f"document_request.paper_{row.outcome}", lang, office=office)
    if row.outcome == PARTLY:
        yield say("document_request.paper_struck", lang)
