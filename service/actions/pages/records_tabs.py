"""What a case has on record: its papers, its letters, its history, and all of it that goes on
paper.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from service.actions.casefile import documents as case_documents
from service.actions.casefile.case_view import CaseView
from service.actions.cases import given_answers
from service.actions.history import narrative
from service.actions.operations import mail_delivery
from service.actions.pages.case_tabs import TabContent
from service.actions.tasks.task_page import file_of
from service.security import ledger
from service.security.records import LedgerEntry
from service.store.casefile import documents
from service.store.installation import ledger_entries
from service.store.transaction import Tx
from service.store.work import letters
from service.text import known


@dataclass(frozen=True, slots=True)
class DocumentRow:
    """A paper by its neutral name."""

    id: str
    name: str
    kind: str
    size: str
    by: str
    at: datetime
    state: str
    why: str
    droppable: bool
    """Whether the reader may drop it: it is her office's own."""


def all_documents(tx: Tx, at: CaseView) -> TabContent:
    """The papers of the case that the reader may open, and the kinds that are expected now.

    A dropped one leaves a gap in their numbers.
    """
    rows = documents.of_case(tx, at.case.id)
    found = []
    for n, row in enumerate(rows, 1):
        if row.state != "dropped" and at.visibility.see_document(row):
            file = file_of(row, n, at.lang)
            state = {"infected": "refused", "waiting": "waiting"}.get(row.state, "done")
            why = at.say("case.paper_refused") if state == "refused" else at.say("case.paper_waits")
            own = at.visibility.by_office and case_documents.may_drop(at.viewer, row)
            found.append(
                DocumentRow(
                    row.id,
                    file.name,
                    file.kind,
                    file.size,
                    at.who(row.by, row.office),
                    row.at,
                    state,
                    why,
                    own,
                )
            )
    return TabContent({"papers": tuple(found), "expected": tuple(dict.fromkeys(_expected(at)))})


def _expected(at: CaseView) -> Iterable[str]:
    """Labels of the file fields that open tasks ask for."""
    for task in at.waiting:
        element = at.visibility.definition.elements.get(task.element)
        form = at.visibility.release.forms.get(element.form) if element is not None else None
        for field in form.fields if form is not None else ():
            if field.kind == "file":
                yield form.say(field.label, at.lang) if form is not None else ""


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A letter that goes or went out."""

    kind: str
    to: str
    state: str
    at: datetime
    why: str
    text: str


def all_letters(tx: Tx, at: CaseView) -> TabContent:
    """Every letter; its words only for the office that gets it."""
    found = []
    for row in letters.of_case(tx, at.case.id):
        key, why = f"letter_kind.{row.template}", f"letter_why.{row.state}"
        to = at.places.get(row.office_id, "")
        text = (
            mail_delivery.letter_text(row, at.case.ref, to, at.services.base_url)
            if row.office_id == at.viewer.office
            else ""
        )
        state = {"leased": "waiting"}.get(row.state, row.state)
        told = at.say(why) if known(why) else ""
        found.append(
            LetterRow(
                at.say(key) if known(key) else row.template,
                to,
                state,
                row.sent_at or row.made_at,
                told,
                text,
            )
        )
    return TabContent({"letters": tuple(found)})


@dataclass(frozen=True, slots=True)
class HistoryLine:
    """One line of the case's history."""

    n: int
    at: datetime
    who: str
    office: str
    kind: str
    text: str
    release: str
    show: bool


KINDS = (
    narrative.PERSON,
    narrative.AUTOMATIC,
    narrative.TIMER,
    narrative.MESSAGE,
    narrative.OPERATOR,
    narrative.MIGRATION,
    narrative.OTHER,
)


def history(tx: Tx, at: CaseView, kind: str) -> TabContent:
    """Every line of the case's stream in words, and whether its chain holds."""
    stream = f"case/{at.case.id}"
    walked: list[LedgerEntry] = []
    while part := ledger_entries.of_stream(tx, stream, after=walked[-1].seq if walked else 0):
        walked += part
    told, before = [], ""
    for entry in narrative.load_history(tx, at.services, at.case.id, at.lang):
        changed = entry.release if entry.release and before and entry.release != before else ""
        before = entry.release or before
        told.append(
            HistoryLine(
                entry.n,
                entry.at,
                entry.who or at.say("word.tresteg"),
                entry.office,
                entry.kind,
                entry.text,
                changed[:12],
                bool(entry.rev),
            )
        )
    shown = tuple(line for line in told if not kind or line.kind == kind)
    kinds = tuple((k, at.say(f"kind.{k}")) for k in KINDS)
    broken = tuple(ledger.verify(stream, walked))
    return TabContent(
        {"lines": shown, "kinds": kinds, "kind": kind, "verified": None if broken else len(walked)}
    )


@dataclass(frozen=True, slots=True)
class LatestAnswer:
    """The last answer to a question of the case: the value as it is kept, and in words."""

    label: str
    value: Any
    text: str
    klass: str
    step: str
    office: str
    at: datetime


def answers(at: CaseView) -> dict[str, LatestAnswer]:
    """The last answer to each question, as far as the reader may see it, in the order in which they
    are asked for.
    """
    found = {}
    for one in at.words.in_order(at.shown.values()):
        label, text = at.words.pair(one)
        found[one.key] = LatestAnswer(
            label,
            one.value,
            text,
            one.klass,
            at.name(one.element),
            at.places.get(one.office, ""),
            one.at,
        )
    return found


def hidden(tx: Tx, at: CaseView) -> int:
    """How many questions of the case have an answer that the reader may not see."""
    known = (
        given_answers.newest(given_answers.load_answers(tx, at.key, at.case.id))
        if at.key is not None
        else {}
    )
    return len(known.keys() - at.shown.keys())


def printed_answers(at: CaseView) -> list[dict[str, Any]]:
    """Every answer that the reader may see, by the step that gave it, for paper."""
    by_turn: dict[int, list[given_answers.GivenAnswer]] = {}
    for one in at.words.in_order(at.answers):
        if at.visibility.see(one):
            by_turn.setdefault(one.rev, []).append(one)
    parts = []
    for rev, answers in sorted(by_turn.items()):
        first = answers[0]
        title = f"{at.name(first.element)}: {at.who(first.by, first.office)}, {at.day(first.at)}"
        parts.append(
            {
                "title": title,
                "answers": tuple(at.words.pair(one) for one in answers),
                "lines": (),
                "rev": rev,
            }
        )
    return parts
