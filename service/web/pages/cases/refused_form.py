"""Forms of a start and of a message: what was typed, and how a refused one is drawn again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any
from zoneinfo import ZoneInfo

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from service.actions.pages.case_page import CasePage
from service.actions.pages.message_form import MessageFormPage
from service.actions.tasks.form_session import FormSession, FormTarget
from service.actions.tasks.unsent_answers import SavedAnswers
from service.errors import (
    Busy,
    CaseMoved,
    ClockJumped,
    ConsentMissing,
    FieldFault,
    InvalidAnswers,
    SlowDown,
    Stale,
    TrestegError,
)
from service.forms import Raw, changed_rows
from service.web.request_context import current, whole_number
from service.web.statuses import STATUSES
from service.web.submit import Redraw

NO_ANSWER = frozenset({"process", "element", "previous"})
"""Fields that the page of a new case carries with the answers."""
REDRAWN = (CaseMoved, Stale, ConsentMissing, Busy, SlowDown, ClockJumped)
"""Faults that leave a form as it was: its page comes back with everything that was typed."""


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """Why a form is drawn again: faults of its fields, or a sentence; and the status of that
    answer.
    """

    faults: tuple[FieldFault, ...] = ()
    reason: str = ""
    status: int = 200


FRESH = RefusedForm()
"""A form that nobody has refused."""


def refused_form(fault: TrestegError) -> RefusedForm | None:
    """Why a form is drawn again; None when the fault is none of the form."""
    status = STATUSES[fault.code]
    if isinstance(fault, InvalidAnswers):
        return RefusedForm(fault.faults, status=status)
    if isinstance(fault, REDRAWN):
        return RefusedForm(reason=current().t(f"error.{fault.code}.text"), status=status)
    return None


def drawn_again(draw: Callable[[RefusedForm], ResponseReturnValue]) -> Redraw:
    """How a refused form is drawn once more, with all that was typed."""

    def redraw(fault: TrestegError) -> ResponseReturnValue | None:
        refused = refused_form(fault)
        return draw(refused) if refused is not None else None

    return redraw


def typed_answers() -> dict[str, list[str]]:
    """What was typed into the form of a start or a message."""
    sent = current().answers()
    return {path: texts for path, texts in sent.items() if path not in NO_ANSWER}


def unsent_rev() -> int:
    """Revision of the unsent answers that the page was made from."""
    return whole_number(request.form.get("fill_rev")) or 0


def with_rows(session: FormSession[FormTarget], typed: Raw | None, do: str) -> Raw | None:
    """The texts with a row more or less in a list, when that button was pressed."""
    what, _, path = do.partition(":")
    if typed is None or what not in ("add", "remove"):
        return typed
    return changed_rows(typed, session.form, what, path)


def saved_reply(saved: SavedAnswers) -> ResponseReturnValue:
    """What the page's script gets when it kept what was typed."""
    at = current()
    if saved.clashes:
        detail = at.t("error.stale.text")
        return jsonify(code="case_moved", status=409, detail=detail, fill_rev=saved.rev), 409
    time = at.now.astimezone(ZoneInfo(at.zone)).strftime("%H:%M")
    return jsonify(saved=time, fill_rev=saved.rev)


def page_values(page: CasePage | MessageFormPage) -> dict[str, Any]:
    """The fields of a page by their names, as its template reads them."""
    return {f.name: getattr(page, f.name) for f in fields(page)}
