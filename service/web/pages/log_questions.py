"""Questions of auditors to a person about her own looks, which she answers here."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.log_review.questions import answer_question, load_own_questions, load_question
from service.audit.log_review.review_commands import LONGEST
from service.audit.log_review.review_page import month_name
from service.errors import InvalidAnswers, NotFound, TrestegError
from service.web.page_policy import page_policy
from service.web.request_context import current, whole_number
from service.web.submit import submit

bp = Blueprint("log_questions", __name__)


@bp.get("/log-questions")
@page_policy("plain")
def index() -> ResponseReturnValue:
    """What she was asked, the newest first."""
    context = current()
    with context.transaction() as tx:
        found = load_own_questions(tx, context.viewer, context.now)
    rows = [
        (
            url_for("log_questions.show", month=one.month, look=one.look),
            one,
            month_name(one.month, context.lang),
        )
        for one in found
    ]
    return render_template("log_questions/list.html", rows=rows)


@bp.get("/log-questions/<month>/<look>")
@page_policy("plain")
def show(month: str, look: str) -> ResponseReturnValue:
    """One question, with the cases that she may see now."""
    return _page(month, _number(look))


@bp.post("/log-questions/<month>/<look>")
@page_policy("plain")
def answer(month: str, look: str) -> ResponseReturnValue:
    """Answer it."""
    number = _number(look)
    words = request.form.get("answer", "")

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        if not isinstance(fault, InvalidAnswers):
            return None
        said = current().t(f"log_review.answer_{fault.faults[0].key}", most=LONGEST)
        return _page(month, number, words, said), 422

    then = url_for("log_questions.show", month=month, look=number)
    return submit(
        partial(answer_question, month=month, look=number, words=words), then=then, refused=refused
    )


def _number(look: str) -> int:
    number = whole_number(look)
    if number is None:
        raise NotFound
    return number


def _page(month: str, look: int, typed: str = "", fault: str = "") -> str:
    context = current()
    with context.transaction() as tx:
        page = load_question(
            tx,
            context.program.services,
            month,
            look,
            by=context.viewer_in_own_zone,
            now=context.now,
        )
    return render_template(
        "log_questions/question.html", page=page, typed=typed, fault=fault, most=LONGEST
    )
