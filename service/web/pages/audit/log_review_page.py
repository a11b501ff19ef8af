"""The monthly log review: the months, one month with the looks that stand out, and its judgements.

Registered on the blueprint of the audit. Opening a month is itself an entry, and so is the look at
each case that is judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.log_review import questions, review_commands
from service.audit.log_review import review_page as reviews
from service.audit.log_review.review_commands import LONGEST
from service.audit.log_review.review_page import ShownLook
from service.casework.casefile.read_log import record_audit_search
from service.errors import FieldFault, InvalidAnswers, NotAllowed, NotFound, TrestegError
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.request_context import current, whole_number
from service.web.submit import submit

AT_ONCE: Final = 25
"""Looks that wait for a judgement on one page; the next come as these are judged."""


@dataclass(frozen=True, slots=True)
class Typed:
    """What was typed into the form of a look that was refused: field to what is wrong in `faults`,
    each with the id of its field on the page.
    """

    look: int = 0
    verdict: str = ""
    reason: str = ""
    question: str = ""
    faults: Mapping[str, FieldFault] = field(default_factory=dict)


@bp.get("/audit/log-review")
@page_policy("plain", act="audit")
def list_reviews() -> ResponseReturnValue:
    """The months, the newest first."""
    context = current()
    with context.transaction() as tx:
        rows = reviews.load_rows(tx, context.now, context.lang)
    return render_template("audit/log_reviews.html", rows=rows)


@bp.get("/audit/log-review/<month>")
@page_policy("plain", act="audit")
def show_review(month: str) -> ResponseReturnValue:
    """One month."""
    return _page(month, Typed())


@bp.post("/audit/log-review/<month>/looks/<look>")
@page_policy("plain", act="audit")
def judge_look(month: str, look: str) -> ResponseReturnValue:
    """Judge one look."""
    number = whole_number(look)
    if number is None:
        raise NotFound
    verdict = request.form.get("verdict", "")
    reason = request.form.get("reason", "")

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        if not isinstance(fault, InvalidAnswers):
            return None
        faults = {
            one.path: FieldFault(
                f"{one.path}-{number}", f"log_review.{one.path}_{one.key}", {"most": LONGEST}
            )
            for one in fault.faults
        }
        return _page(month, Typed(number, verdict, reason, faults=faults)), 422

    then = f"{url_for('audit.show_review', month=month)}#looks"
    judge = partial(
        review_commands.judge_look, month=month, look=number, verdict=verdict, reason=reason
    )
    return submit(judge, then=then, refused=refused)


@bp.post("/audit/log-review/<month>/looks/<look>/question")
@page_policy("plain", act="audit")
def ask_person(month: str, look: str) -> ResponseReturnValue:
    """Ask the person who looked."""
    number = whole_number(look)
    if number is None:
        raise NotFound
    words = request.form.get("question", "")

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        match fault:
            case InvalidAnswers(faults=(one, *_)):
                key = f"log_review.question_{one.key}"
            case NotAllowed(facts={"why": "nobody_to_ask"}):
                key = "log_review.nobody_to_ask"
            case _:
                return None
        wrong = FieldFault(f"question-{number}", key, {"most": LONGEST})
        return _page(month, Typed(number, question=words, faults={"question": wrong})), 422

    then = f"{url_for('audit.show_review', month=month)}#look-{number}"
    ask = partial(questions.ask_person, month=month, look=number, words=words)
    return submit(ask, then=then, refused=refused)


@bp.post("/audit/log-review/<month>/sign")
@page_policy("plain", act="audit")
def sign_review(month: str) -> ResponseReturnValue:
    """Finish the step that waits."""

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        if not isinstance(fault, InvalidAnswers):
            return None
        facts = fault.faults[0].facts
        wrong = FieldFault("sign-title", "log_review.looks_left", facts)
        return _page(month, Typed(faults={"sign": wrong})), 422

    then = url_for("audit.show_review", month=month)
    element = request.form.get("element", "")
    sign = partial(review_commands.sign_review, month=month, element=element)
    return submit(sign, then=then, refused=refused)


def _page(month: str, typed: Typed) -> str:
    context = current()

    def work(tx: Tx) -> str:
        services = context.program.services
        shown = reviews.load_page(
            tx, services, month, by=context.viewer_in_own_zone, now=context.now
        )
        hits = len(shown.looks)
        record_audit_search(tx, by=context.viewer, now=context.now, asked=["log_review"], hits=hits)
        return _draw(shown, typed)

    return context.read_and_log(work)


def _draw(shown: reviews.ReviewPage, typed: Typed) -> str:
    waiting = [look for look in shown.looks if _waits(shown, look)]
    to_judge = [look for look in waiting if look.can]
    typed_at = next((look for look in shown.looks if look.number == typed.look), None)
    first = to_judge[:AT_ONCE]
    if typed_at is not None and typed_at not in first:
        first = [typed_at, *first]
    return render_template(
        "audit/log_review.html",
        page=shown,
        row=shown.row,
        to_judge=first,
        more=len(to_judge) - len([look for look in first if look in to_judge]),
        own=[look for look in waiting if not look.can],
        judged=[look for look in shown.looks if look not in waiting and look != typed_at],
        typed=typed,
        faults=list(typed.faults.values()),
        wrong={name: current().t(one.key, **one.facts) for name, one in typed.faults.items()},
        most=LONGEST,
    )


def _waits(shown: reviews.ReviewPage, look: ShownLook) -> bool:
    """Whether a look waits for a judgement in the step that waits."""
    if not shown.element:
        return False
    return not look.verdict or (shown.follows_up and look.open)
