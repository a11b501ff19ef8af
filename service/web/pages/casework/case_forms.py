"""Forms on the pages of a case: forms with answers (a new case, a message, a correction), and the
one form of an act that needs a reason. Both are drawn again when they are refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any

from flask import render_template, request
from flask.typing import ResponseReturnValue

from service.casework.casefile.case_view import CaseView, load_case_view
from service.casework.pages import case_reads
from service.casework.tasks.form_session import FormSession, FormTarget
from service.casework.tasks.unsent_answers import SavedAnswers
from service.errors import (
    Busy,
    CaseMoved,
    ConsentMissing,
    FieldFault,
    InvalidAnswers,
    SlowDown,
    Stale,
    TimersPaused,
    TrestegError,
)
from service.forms import Raw, changed_rows
from service.store.at_hand import Read
from service.store.transaction import Tx
from service.web.request_context import current
from service.web.statuses import STATUSES
from service.web.submit import Redraw, unsent_reply

NO_ANSWER = frozenset({"process", "element", "previous", "confirmed"})
"""Fields that the page of a new case or of a message carries with the answers."""
REDRAWN = (CaseMoved, Stale, ConsentMissing, Busy, SlowDown, TimersPaused)
"""Faults that leave a form as it was: its page comes back with everything that was typed."""
NO_VALUES: dict[str, Any] = {
    "choices": (),
    "choice": "",
    "choose": "",
    "chosen": "",
    "hidden": {},
    "grave": False,
    "other": (),
}
"""Values of `case/reason_form.html` that only some of the forms have, empty."""


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """A refused form: the faults of its fields or one sentence, and the status of the page that
    says so.
    """

    faults: tuple[FieldFault, ...] = ()
    reason: str = ""
    status: int = 200


FRESH = RefusedForm()
"""A form that nobody has refused."""


def refused_form(fault: TrestegError) -> RefusedForm | None:
    """The form that this fault refuses; None when the fault belongs to no form (see `REDRAWN`)."""
    status = STATUSES[fault.code]
    if isinstance(fault, InvalidAnswers):
        return RefusedForm(fault.faults, status=status)
    if isinstance(fault, REDRAWN):
        return RefusedForm(reason=current().t(f"error.{fault.code}.text"), status=status)
    return None


def drawn_again(draw: Callable[[RefusedForm], ResponseReturnValue]) -> Redraw:
    """A redraw for `submit` that draws the page of a refused form with all that was typed."""

    def redraw(fault: TrestegError) -> ResponseReturnValue | None:
        refused = refused_form(fault)
        return draw(refused) if refused is not None else None

    return redraw


def typed_answers() -> dict[str, list[str]]:
    """Answers that were typed into the form of a new case or a message: field path to texts."""
    return current().answers(NO_ANSWER)


def with_rows(session: FormSession[FormTarget], typed: Raw | None, do: str) -> Raw | None:
    """What was typed, with a row added to a list or removed, as the pressed button says."""
    return changed_rows(typed, session.form, do) if typed is not None else None


def saved_reply(saved: SavedAnswers) -> ResponseReturnValue:
    """The answer to a page's script that saved unsent answers."""
    return unsent_reply(saved, lambda _: current().t("error.stale.text"))


def opened_view(tx: Tx, case: str, tab: str, *more: Read) -> CaseView:
    """A case as the viewer sees it, with the line that says who reads it; `more` is what is read
    besides.

    Raises:
        NotFound: there is none for her.   ReasonNeeded: she must say first why she opens it.
    """
    context = current()
    view = load_case_view(
        tx, context.program.services, context.viewer, case, context.now, more=more
    )
    case_reads.record_case(tx, view, classes={"C0"}, about={"tab": tab})
    return view


def case_head(view: CaseView) -> dict[str, Any]:
    """The values of the head of a case's page."""
    case = view.case
    return {"case": SimpleNamespace(id=case.id, ref=case.ref, rev=case.rev), "ref": case.ref}


def draw_act(loaded: dict[str, Any], refused: RefusedForm, **texts: object) -> ResponseReturnValue:
    """The form of an act with a reason: with what was typed, and why it comes back."""
    return render_template(
        "case/reason_form.html",
        **{**NO_VALUES, **texts, **loaded},
        why=request.form.get("why", ""),
        faults=refused.faults,
        refused=refused.reason,
    ), refused.status


def reason_refused(fault: TrestegError) -> RefusedForm | None:
    """The form of an act with a reason that this fault refuses; None when the fault belongs to no
    form. Fewer faults than `refused_form`: wrong fields, and too many requests.
    """
    if isinstance(fault, InvalidAnswers):
        return RefusedForm(fault.faults, status=STATUSES[fault.code])
    if isinstance(fault, SlowDown):
        return RefusedForm(reason=current().t("error.slow_down.text"), status=STATUSES[fault.code])
    return None
