"""Output of a handler besides values and letters: papers, appointments and requests to providers.
Written in the transaction of the answer, once.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from service.binding import ON_CALL, Answer, Appointment, Declaration, Request
from service.casework.casefile import documents
from service.casework.casefile.calendar_file import CalendarEntry, calendar_file
from service.casework.casefile.documents import CheckedFile, DocumentOrigin
from service.casework.casefile.paper_data import code_of
from service.casework.cases import consents
from service.casework.cases.loaded_case import LoadedCase
from service.casework.cases.protection import is_protected
from service.casework.commands.handler_papers import HandlerPaper, require_sendable, step_office
from service.errors import CaseMoved, HandlerFailed
from service.records.context import Actor, Services
from service.records.ids import ulid
from service.store.at_hand import Read
from service.store.casefile import consents as consent_rows
from service.store.casefile import documents as document_rows
from service.store.changes import Changes
from service.store.work import jobs, letters
from service.text import say

CANCELLED = "taken back before it left"


@dataclass(frozen=True, slots=True)
class _Step:
    """Where an answer belongs: the case before the turn, its job, the office of the step."""

    loaded: LoadedCase
    job: jobs.Job
    role: str
    by: Actor
    language: str
    now: datetime


def reads_of_output(case_id: str, answer: Answer) -> list[Read]:
    """What `add_output` reads, and what the letters of a turn read because of an answer."""
    of_case: dict[str, object] = {"case_id": case_id}
    rests = any(letter.needs_consent for letter in answer.letters)
    wanted = (
        (consent_rows.OF_CASE, bool(rests or answer.papers or answer.requests)),
        (letters.OF_CASE, any(request.cancels for request in answer.requests)),
        (document_rows.COUNT_MADE, bool(answer.papers or answer.appointments)),
    )
    return [(statement, of_case) for statement, is_needed in wanted if is_needed]


def add_output(
    changes: Changes,
    services: Services,
    loaded: LoadedCase,
    job: jobs.Job,
    *,
    by: Actor,
    answer: Answer,
    made: Sequence[HandlerPaper],
    now: datetime,
) -> None:
    """Keep papers and appointments in the case, and put requests into the outbox.

    Args:
        loaded: the case before the turn of the answer.
        made: the answer's papers with their content.
    Raises:
        CaseMoved: the case has moved since the papers were composed.
        HandlerFailed: a paper is not among `made`, a channel is not set, the identity is protected,
            or the consent has been taken back meanwhile.
    """
    if not (answer.papers or answer.appointments or answer.requests):
        return
    role, office = step_office(services, loaded, job)
    known = loaded.offices.get(office)
    language = known.language if known is not None else "sv"
    step = _Step(loaded, job, role, Actor(by.id, office), language, now)
    kept = _keep_papers(changes, services, step, answer, made)
    for number, appointment in enumerate(answer.appointments, kept):
        _keep_appointment(changes, services, step, appointment, number)
    letters.add(changes, _requests(changes, services, step, answer.requests, made))


def _keep_papers(
    changes: Changes, services: Services, step: _Step, answer: Answer, made: Sequence[HandlerPaper]
) -> int:
    """Keep the papers; gives how many there are then."""
    if missing := {paper.template for paper in answer.papers} - {one.template for one in made}:
        raise HandlerFailed(f"the papers {', '.join(sorted(missing))} were not made")
    loaded = step.loaded
    if made:
        require_sendable(loaded.at_hand, loaded, services.topics[step.job.topic], step.now)
    papers = answer.papers or answer.appointments
    before = document_rows.count_made(loaded.at_hand, loaded.case.id) if papers else 0
    for number, paper in enumerate(made, before):
        if paper.rev != loaded.case.rev:
            raise CaseMoved
        file = CheckedFile(paper.title, "pdf", paper.content)
        _keep(changes, step, paper.id, paper.origin, file, number)
    return before + len(made)


def _keep_appointment(
    changes: Changes, services: Services, step: _Step, given: Appointment, before: int
) -> None:
    """Keep a moment as a calendar file that tells nothing else."""
    if given.starts.tzinfo is None or given.name not in ("appointment", "deadline"):
        raise HandlerFailed(f"{step.job.topic} names no moment, or a moment of no known kind")
    id_, case = ulid(step.now), step.loaded.case
    ref = "" if is_protected(case.marking) else case.ref
    title = say(f"calendar.{given.name}", step.language, ref=ref).strip()
    link = f"{services.base_url.rstrip('/')}/go/{case.id}"
    entry = CalendarEntry(f"{step.job.key}@{given.name}", title, given.starts, link, step.now)
    content = calendar_file([entry], step.loaded.definition.calendar.zone.key)
    origin = DocumentOrigin(case.id, "C0", template=given.name)
    _keep(changes, step, id_, origin, CheckedFile(title, "ics", content), before)


def _keep(
    changes: Changes,
    step: _Step,
    id_: str,
    origin: DocumentOrigin,
    made: CheckedFile,
    before: int,
) -> None:
    documents.keep_made(
        changes,
        step.loaded.keys,
        by=step.by,
        now=step.now,
        id_=id_,
        origin=origin,
        made=made,
        before=before,
    )


def _requests(
    changes: Changes,
    services: Services,
    step: _Step,
    requests: Sequence[Request],
    made: Sequence[HandlerPaper],
) -> list[letters.Letter]:
    """Every request of an answer, for the outbox."""
    takes_back = any(request.cancels for request in requests)
    before = letters.of_case(step.loaded.at_hand, step.loaded.case.id) if takes_back else []
    live = consents.live(step.loaded.at_hand, step.loaded.case.id, step.now) if requests else {}
    declared, rows = services.topics[step.job.topic], []
    for numbered in enumerate(requests):
        if numbered[1].channel == ON_CALL:
            rows.append(_ring(services, step, numbered))
        else:
            rows += _request(changes, services, step, declared, numbered, made, before, live)
    return rows


def _request(
    changes: Changes,
    services: Services,
    step: _Step,
    declared: Declaration,
    numbered: tuple[int, Request],
    made: Iterable[HandlerPaper],
    before: Sequence[letters.Letter],
    live: Collection[str],
) -> Iterator[letters.Letter]:
    """A request for the outbox; held while its consent is not live. One that takes back brings
    nothing when nothing had left.
    """
    number, request = numbered
    codes = _codes_to_take_back(changes, request.channel, before) if request.cancels else []
    if request.cancels and not codes:
        return
    channel = services.programme.channels.get(request.channel)
    if channel is None:
        raise HandlerFailed(f"channels.toml of this installation has no channel {request.channel}")
    ids = [paper.id for paper in made if paper.template in request.papers]
    consent = request.needs_consent or ("" if request.cancels else declared.needs_consent)
    if ids and not consent:
        raise HandlerFailed(f"{declared.topic} sends papers, and names no consent for them")
    codes = codes or [code_of(id_) for id_ in ids] or [code_of(ulid(step.now))]
    yield letters.Letter(
        key=f"{step.job.key}:r{number}",
        case_id=step.loaded.case.id,
        office_id=step.by.office,
        role=step.role,
        template=request.template,
        language=channel.language,
        params={"codes": codes, "cancels": request.cancels},
        needs_consent=consent,
        made_at=step.now,
        state="waiting" if not consent or consent in live else "held",
        channel=channel.id,
        documents=ids,
    )


def _ring(services: Services, step: _Step, numbered: tuple[int, Request]) -> letters.Letter:
    """A call to whoever is on duty at the office of a role.

    Raises:
        HandlerFailed: no office holds the role, or it names no channel.
    """
    number, request = numbered
    office = step.loaded.parties.get(request.role, "")
    known = step.loaded.offices.get(office)
    channel = services.programme.on_call.get(office)
    if known is None or channel is None:
        raise HandlerFailed(f"nobody on duty can be called for {request.role}")
    return letters.Letter(
        key=f"{step.job.key}:r{number}",
        case_id=step.loaded.case.id,
        office_id=office,
        role=request.role,
        template=request.template,
        language=known.language,
        params={},
        needs_consent="",
        made_at=step.now,
        channel=channel.id,
    )


def _codes_to_take_back(
    changes: Changes, channel: str, before: Iterable[letters.Letter]
) -> list[str]:
    """Codes of what the provider has or may have; what has not left yet is held."""
    asked: list[str] = []
    for row in before:
        if row.channel != channel:
            continue
        codes = [str(code) for code in row.params.get("codes", ())]
        if row.params.get("cancels"):
            asked = [code for code in asked if code not in codes]
        elif row.may_have_left:
            asked += codes
        else:
            letters.take_back(changes, row, error=CANCELLED)
    return asked
