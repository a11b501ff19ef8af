"""Cases: the list, one, beginning one, and messages to one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, Literal

from service.access import Viewer
from service.casework.casefile import form_context
from service.casework.casefile import notes as case_notes
from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.casefile.disclosure import listed_answers
from service.casework.casefile.disclosure.hidden_answers import hidden_groups
from service.casework.casefile.disclosure.listed_answers import LatestAnswer, SealedGroup
from service.casework.casefile.disclosure.opened_groups import load_disclosed_answers
from service.casework.cases.turn import TurnResult
from service.casework.commands import case_message, case_start
from service.casework.commands.case_message import require_place
from service.casework.pages import (
    case_list,
    case_page,
    case_reads,
    message_form,
    overview_tab,
    people_tab,
    records_tabs,
)
from service.casework.pages.case_page import CaseEnd
from service.casework.pages.case_status import CaseStatus
from service.casework.pages.message_buttons import MessageButton
from service.casework.pages.overview_tab import ConsentLine
from service.casework.pages.people_tab import CaseOffice
from service.casework.pages.records_tabs import DocumentRow
from service.casework.pages.tasks_tab import OpenTask
from service.errors import NotFound
from service.records.context import Services
from service.store.keyset import PageRequest
from service.store.transaction import Tx
from service.web.api.v1.answers import texts
from service.web.api.v1.operations import LIMIT, Done, Limit, Reply, cursor, operation, submit
from service.web.api.v1.shapes import Text
from service.web.request_context import current


@dataclass(frozen=True, slots=True)
class CasesAsked:
    """Which cases are wanted; empty means all. `stage` is the id of one. `officer` is the id of a
    person of the caller's office, or `mine` for the caller and whom she stands in for today.
    """

    stage: Text = ""
    state: Literal["", "open", "active", "waiting", "incident", "done"] = ""
    officer: Text = ""
    sort: Literal["due", "here", "case", "since", "stage"] = "due"
    limit: Limit = LIMIT
    after: Text = ""


@dataclass(frozen=True, slots=True)
class CaseList:
    """One page of the cases that the caller may see.
    `next` is the cursor of the page that follows; null at the end.
    """

    items: tuple[case_list.CaseRow, ...]
    next: str | None


@operation("list_cases", "GET", "/cases", query=CasesAsked, gives=CaseList)
def list_cases(query: CasesAsked) -> Reply:
    """The cases that the caller may see, by pseudonym, with process facts alone."""
    context = current()
    with context.transaction() as tx:
        asked: dict[str, Any] = {
            "stage": query.stage,
            "state": query.state,
            "officer": query.officer,
            "sort": query.sort,
            "limit": query.limit,
        }
        loaded = case_list.load_case_list(
            tx,
            context.program.services,
            context.viewer,
            context.now,
            PageRequest(query.after),
            **asked,
        )
    page = case_list.case_list_page(context.program.services, context.viewer, context.now, loaded)
    return Reply(CaseList(page.rows, cursor(query.after, page)))


@dataclass(frozen=True, slots=True)
class CaseStage:
    """A stage of the programme by its number: done, current or not_yet; and when it was left."""

    n: str
    title: str
    state: str
    date: datetime | None


@dataclass(frozen=True, slots=True)
class Alert:
    """Something about the case that needs to be seen."""

    tone: str
    text: str


@dataclass(frozen=True, slots=True)
class CaseReferral:
    """A referral of the case, in words; with an id when the caller may follow it."""

    id: str | None
    to: str
    text: str


@dataclass(frozen=True, slots=True)
class Case:
    """A case as far as the caller may see it.
    `offices` are those that take part, with how each is reached.
    `answers` holds the last answer to each question by its key, as far as it is open to her: facts
    of the process at once, all others after she has opened their group (`sealed`, `open_answers`).
    Those that she may not see are absent: `hidden` says how many, and `hidden_groups` of what.
    """

    id: str
    ref: str
    number: str
    rev: int
    process: str
    release: str
    owner: str
    opened: datetime
    ended: CaseEnd | None
    stages: tuple[CaseStage, ...]
    facts: tuple[str, ...]
    alerts: tuple[Alert, ...]
    acts: tuple[MessageButton, ...]
    tasks: tuple[OpenTask, ...]
    consents: tuple[ConsentLine, ...]
    referrals: tuple[CaseReferral, ...]
    offices: tuple[CaseOffice, ...]
    notes: tuple[case_notes.NoteView, ...]
    files: tuple[DocumentRow, ...]
    answers: Mapping[str, LatestAnswer]
    sealed: tuple[SealedGroup, ...]
    hidden: int
    hidden_groups: tuple[str, ...]


@operation(
    "get_case", "GET", "/cases/<case>", gives=Case, tagged=True, act="", faults=("reason_needed",)
)
def get_case(case: str) -> Reply:
    """A case as far as the caller may see it.
    Who has nothing to do in it says first why she opens it (`say_why`). Who looked stands in the
    read log before the answer is sent.
    """
    page, inside = current().read_and_log(partial(_load, case))
    head = {
        name: getattr(page.case, name)
        for name in ("id", "ref", "number", "rev", "process", "release", "owner", "opened", "ended")
    }
    frame: dict[str, Any] = {
        "stages": tuple(CaseStage(s.n, s.title, s.state, s.date) for s in page.stages),
        "facts": page.facts,
        "alerts": tuple(Alert(tone, text) for tone, text in page.alerts),
        "acts": page.acts,
    }
    return Reply(Case(**head, **frame, **inside), rev=page.case.rev)


def _load(case: str, tx: Tx) -> tuple[case_page.CasePage, dict[str, Any]]:
    """The head of a case and what is below it, with the line that says who reads it.

    Raises:
        NotFound: there is none for the caller.
    """
    context = current()
    services = context.program.services
    more = [
        *overview_tab.reads_of_overview(case),
        *people_tab.reads_of_people(case),
        *listed_answers.reads_of_hidden(case),
    ]
    view = load_case_view(tx, services, context.viewer, case, context.now, more=more)
    page = case_page.load_case_page(view)
    inside, classes = _inside(tx, view, page.status)
    case_reads.record_case(tx, view, classes=classes, about={"tab": "all"})
    return page, inside


def _inside(tx: Tx, at: CaseView, status: CaseStatus) -> tuple[dict[str, Any], frozenset[str]]:
    """What is below the head, and its classes."""
    overview = overview_tab.overview(tx, at, status)
    shown, disclosed = overview.values, load_disclosed_answers(at)
    answers = listed_answers.answers(at, disclosed)
    inside = {
        "tasks": shown["tasks"],
        "consents": shown["consents"],
        "referrals": tuple(
            CaseReferral(one.id if one.ours else None, one.to, one.text)
            for one in shown["referrals"]
        ),
        "offices": people_tab.case_offices(at),
        "notes": shown["notes"],
        "files": records_tabs.all_documents(at).values["papers"],
        "answers": answers,
        "sealed": listed_answers.sealed_groups(disclosed),
        "hidden": listed_answers.hidden(at),
        "hidden_groups": hidden_groups(at),
    }
    return inside, overview.classes | {answer.klass for answer in answers.values()}


@dataclass(frozen=True, slots=True)
class NewCase:
    """A case to begin: the start event of the diagram, and the answers to its form, as JSON by key
    or by key path (`safeContact.hours`).
    `previous` is an ended case that it continues.
    """

    element: Text
    answers: Mapping[str, Any] = field(default_factory=dict)
    previous: Text = ""


@operation(
    "start_case",
    "POST",
    "/cases",
    asks=NewCase,
    gives=Done,
    status=201,
    keyed=True,
    faults=("not_allowed", "answers_invalid"),
)
def start_case(body: NewCase) -> Reply:
    """Begin a case on the release in force."""
    return submit(
        partial(_start_from_json, body=body), lambda started: f"/v1/cases/{started.case_id}"
    )


def _start_from_json(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, body: NewCase
) -> TurnResult:
    """`start_case` with answers as JSON, which need the form to be read."""
    session = message_form.open_start_form(tx, services, by, now, body.element)
    return case_start.start_case(
        tx,
        services,
        by,
        now,
        element=body.element,
        answers=texts(session.form, body.answers),
        previous=body.previous,
    )


@dataclass(frozen=True, slots=True)
class NewMessage:
    """A message of the diagram, and the answers to its form; `work` of the act when several places
    wait for it.
    """

    message: Text
    answers: Mapping[str, Any] = field(default_factory=dict)
    work: str = ""


@operation(
    "send_message",
    "POST",
    "/cases/<case>/messages",
    asks=NewMessage,
    gives=Done,
    keyed=True,
    faults=(
        "reason_needed",
        "not_allowed",
        "not_waiting",
        "several_wait",
        "case_ended",
        "answers_invalid",
    ),
)
def send_message(case: str, body: NewMessage) -> Reply:
    """Send a message to a case, such as that a consent is withdrawn.
    What the case waits for stands in its `acts`.
    """
    return submit(
        partial(_send_from_json, case=case, body=body), lambda sent: f"/v1/cases/{sent.case_id}"
    )


def _send_from_json(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case: str, body: NewMessage
) -> TurnResult:
    """`send_message` with answers as JSON, which need the form to be read."""
    view, name = load_case_view(tx, services, by, case, now), body.message
    if view.loaded is None or name not in view.visibility.definition.messages:
        raise NotFound
    place = require_place(view.loaded, name, by, body.work)
    form = form_context.require_form(view.visibility.release, place.element.form)
    typed = texts(form, body.answers)
    work = body.work
    return case_message.send_message(
        tx,
        services,
        by,
        now,
        case_id=case,
        name=name,
        answers=typed,
        work=work,
        end_confirmed=True,
    )
