"""Papers that a handler asks for: composed of the case's answers, and made between two
transactions.

A handler has no eyes of its own: what its paper prints is bounded by the fields of the template, by
the classes that the handler declares, and by the consent on which it rests.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.access import OWN_OFFICE, Viewer
from service.binding import Declaration, Paper
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.casefile.documents import DocumentOrigin
from service.casework.casefile.form_context import load_directories
from service.casework.casefile.paper_data import PaperHead, marks_of, paper_data
from service.casework.casefile.told_decision import how_to_appeal
from service.casework.cases import consents, given_answers
from service.casework.cases.case_visibility import field_of
from service.casework.cases.given_answers import GivenAnswer
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.cases.protection import is_protected
from service.errors import HandlerFailed, TaskClosed
from service.records.context import Services
from service.records.ids import ulid
from service.release.paper_templates import PaperTemplate
from service.store.at_hand import Read, Reader
from service.store.casefile import cases, facts
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import jobs


@dataclass(frozen=True, slots=True)
class HandlerPaper:
    """A paper before it is made, or with its content after that."""

    id: str
    template: str
    """As the handler named it."""
    title: str
    source: str
    data: Mapping[str, Any]
    origin: DocumentOrigin
    rev: int
    """Of the case that it was composed of."""
    content: bytes = b""


def compose_papers(
    tx: Tx, services: Services, *, job_key: str, papers: tuple[Paper, ...], now: datetime
) -> list[HandlerPaper]:
    """Put the papers together that a handler asks for.

    Raises:
        TaskClosed: the job is gone.
        HandlerFailed: the identity is protected, the consent is not live any more, the release has
            no such template, or it prints what the handler does not declare.
    """
    found = cases.load_for_job(tx, job_key)
    if found is None:
        raise TaskClosed(job_key)
    job, rows = found
    loaded = load_case(tx, services, rows)
    declared = services.topics[job.topic]
    require_sendable(tx, loaded, declared, now)
    newest = readable_answers(tx, loaded, declared)
    return [_compose(tx, services, loaded, job, declared, paper, newest, now) for paper in papers]


def require_sendable(
    reader: Reader, loaded: LoadedCase, declared: Declaration, now: datetime
) -> None:
    """Require that papers may be made for a handler at this moment.

    Raises:
        HandlerFailed: the identity is protected, or its consent is not live.
    """
    if is_protected(loaded.case.marking):
        raise HandlerFailed("the identity is protected: a person makes papers, with a second one")
    if declared.needs_consent not in consents.live(reader, loaded.case.id, now):
        raise HandlerFailed(f"the consent {declared.needs_consent} is not live")


def readable_answers(
    reader: Reader, loaded: LoadedCase, declared: Declaration
) -> dict[str, GivenAnswer]:
    """The newest answers of the classes that a handler declares, without notes of offices."""
    classes = _readable(declared)
    every = given_answers.load_answers(reader, loaded.keys, loaded.case.id, classes)
    newest = given_answers.newest(every)
    return {key: answer for key, answer in newest.items() if not _is_own(loaded, answer)}


def reads_of_readable(case_id: str, declared: Declaration) -> list[Read]:
    """What `readable_answers` reads."""
    return facts.reads_of_answers(case_id, _readable(declared))


def _readable(declared: Declaration) -> set[str]:
    return set(declared.classes) | {"C0"}


def _is_own(loaded: LoadedCase, answer: GivenAnswer) -> bool:
    field = field_of(loaded.release, answer.form, answer.key)
    return field is not None and field.group == OWN_OFFICE


def _compose(
    reader: Reader,
    services: Services,
    loaded: LoadedCase,
    job: jobs.Job,
    declared: Declaration,
    paper: Paper,
    newest: Mapping[str, GivenAnswer],
    now: datetime,
) -> HandlerPaper:
    template = _template(loaded, declared, paper)
    role, office = step_office(services, loaded, job)
    lang = paper.lang if paper.lang in template.title else "sv"
    viewer = Viewer("", office, frozenset({role}), lang, loaded.definition.calendar.zone.key)
    texts = AnswerTexts(loaded.release, viewer, load_directories(reader, services, lang))
    printed = {key: newest[key] for key in template.fields if key in newest}
    places = offices.names(reader)
    id_ = ulid(now)
    head = PaperHead(
        id=id_,
        title=template.title_in(lang),
        lang=lang,
        ref="",
        number="",
        made_on=viewer.day(now),
        office=places.get(office, ""),
        by="",
    )
    marks = marks_of(loaded.release, template, template.text, lang)
    appeal = how_to_appeal(reader, services, viewer, loaded.release, template.appeal, printed)
    data = paper_data(
        *(template, head, texts, loaded.definition, printed, ()),
        places=places,
        marks=marks,
        appeal=appeal,
    )
    shows = sorted({(a.key, a.office) for a in printed.values() if a.klass != "C0"})
    origin = DocumentOrigin(
        case_id=loaded.case.id,
        klass="C0",
        template=template.id,
        purpose=template.purpose,
        shows=tuple(shows),
    )
    return HandlerPaper(
        id_, paper.template, head.title, template.source, data, origin, loaded.case.rev
    )


def _template(loaded: LoadedCase, declared: Declaration, paper: Paper) -> PaperTemplate:
    template = loaded.release.papers.get(paper.template)
    if template is None or template.each or template.everything:
        raise HandlerFailed(f"the release has no paper {paper.template} that a handler can have")
    if wider := sorted(template.classes - set(declared.classes) - {"C0"}):
        raise HandlerFailed(
            f"the paper {paper.template} prints {', '.join(wider)}, "
            f"which {declared.topic} does not declare"
        )
    return template


def step_office(services: Services, loaded: LoadedCase, job: jobs.Job) -> tuple[str, str]:
    """The role of the step that calls a handler and the office that holds it; of a step without a
    role, the office that has the case.

    Raises:
        HandlerFailed: no office holds it.
    """
    owners = services.configuration(loaded.release).named_fields.duties.owner
    roles = (*loaded.definition.elements[job.element].roles, *owners)
    held = next((role for role in roles if role in loaded.parties), None)
    if held is None:
        raise HandlerFailed(f"no office holds any of the roles {', '.join(roles)} in this case")
    return held, loaded.parties[held]
