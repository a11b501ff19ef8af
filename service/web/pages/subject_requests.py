"""Requests of persons about what an office keeps of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.commands.command import Command
from service.casework.retention import early
from service.casework.subject_requests import asking, request_page
from service.casework.subject_requests.masks import Mask, seen_of
from service.errors import FieldFault, InvalidAnswers, TrestegError
from service.store.casefile.subject_requests import KINDS
from service.store.transaction import Tx
from service.web.answers import send_paper, struck_pieces
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("subject_requests", __name__)
TYPED = ("case", "kind", "who", "proven", "everywhere", "person", "wish")


@bp.get("/requests")
@page_policy("plain", act="keep_records")
def index() -> ResponseReturnValue:
    """What the office was asked for and has not answered; and a new request."""
    return _list()


@bp.post("/requests")
@page_policy("plain", act="keep_records")
def ask() -> ResponseReturnValue:
    """Take down what somebody asks for."""
    typed = {name: request.form.get(name, "") for name in TYPED}

    def take_down(tx: Tx, *given: Any) -> str:  # noqa: ANN401 - services, person and moment
        found = early.find_case(tx, given[1], typed["case"])
        return asking.ask(
            *(tx, *given),
            case_id=found.id,
            kind=typed["kind"],
            who=typed["who"],
            proven=typed["proven"],
            everywhere=bool(typed["everywhere"]),
            person=bool(typed["person"]),
            wish=typed["wish"],
        )

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_list(fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    def shown(id_: str) -> str:
        return url_for("subject_requests.show", asked=id_)

    return submit(take_down, then=shown, refused=refused)


@bp.get("/requests/<asked>")
@page_policy("plain", act="keep_records")
def show(asked: str) -> ResponseReturnValue:
    """One request."""
    return _page(asked)


@bp.post("/requests/<asked>")
@page_policy("plain", act="keep_records")
def act(asked: str) -> ResponseReturnValue:
    """Do the step that waits, or say that it takes longer."""

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_page(asked, fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    done = ACTS.get(request.form.get("do", ""), _read)
    return submit(done(asked), then=url_for("subject_requests.show", asked=asked), refused=refused)


def _next(asked: str) -> str:
    """Where to go on: at the group behind the one that was read, else at the top."""
    group = request.form.get("group", "")
    return url_for("subject_requests.show", asked=asked, _anchor=group or None)


@bp.get("/requests/<asked>/answer.pdf")
@page_policy("file", act="keep_records")
def paper(asked: str) -> ResponseReturnValue:
    """The paper that the person gets; the read log says so before it is sent."""
    context = current()
    given = (context.program.services, context.viewer_in_own_zone, context.now)
    made = context.read_and_log(
        lambda tx: request_page.compose_answer(tx, *given, request=asked, lang=_lang())
    )
    return send_paper(made, context.now)


def _identity(asked: str) -> Command[None]:
    proven = request.form.get("proven", "")
    return partial(asking.show_identity, request=asked, proven=proven)


def _longer(asked: str) -> Command[None]:
    return partial(asking.lengthen, request=asked, why=request.form.get("why", ""))


def _release(asked: str) -> Command[None]:
    return partial(
        asking.release_copy, request=asked, lang=_lang(), seen=request.form.get("seen", "")
    )


def _decide(asked: str) -> Command[None]:
    outcome, words = request.form.get("outcome", ""), request.form.get("why", "")
    return partial(asking.decide, request=asked, outcome=outcome, answer=words)


def _give(asked: str) -> Command[None]:
    return partial(asking.give, request=asked, how=request.form.get("how", ""))


def _read(asked: str) -> Command[None]:
    """Keep what was read."""
    seen = request.form.get("seen", "")
    return partial(asking.read_parts, request=asked, marked=_ticked(), lang=_lang(), seen=seen)


def _ticked() -> dict[str, Mask]:
    """Each part that the sent group shows, with what is ticked in it and why."""
    form, struck = request.form, struck_pieces()
    return {
        part: (struck.get(part, ()), form.get(f"ground.{part}", ""))
        for part in form.getlist("part")
    }


ACTS: Mapping[str, Callable[[str], Command[None]]] = {
    "identity": _identity,
    "longer": _longer,
    "release": _release,
    "decide": _decide,
    "give": _give,
    "read": _read,
}
"""Name of a button to the act that it does."""


def _lang() -> str:
    """The language of the copy: the one that is chosen, else that of the page."""
    asked = request.values.get("lang", "")
    return asked if asked in request_page.LANGUAGES else current().viewer.lang


def _page(asked: str, faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    given = (context.program.services, context.viewer_in_own_zone, context.now)
    page = context.read_and_log(
        lambda tx: request_page.load_request(tx, *given, request=asked, lang=_lang())
    )
    return render_template(
        "subject_requests/request.html",
        page=page,
        faults=faults,
        ticked={} if any(fault.path == "parts" for fault in faults) else _ticked(),
        seen_of=seen_of,
        typed={
            name: request.form.get(name, "") for name in ("why", "outcome", "how", "proven", "do")
        },
        languages=request_page.LANGUAGES,
        outcomes=asking.OUTCOMES,
        given=asking.GIVEN,
        proven=asking.PROVEN,
    )


def _list(faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    with context.transaction() as tx:
        lines = request_page.load_list(
            tx, context.program.services, context.viewer_in_own_zone, context.now
        )
    typed = {name: request.values.get(name, "") for name in TYPED}
    if request.method == "GET":
        typed["person"] = "yes"
    return render_template(
        "subject_requests/list.html",
        lines=lines,
        faults=faults,
        typed=typed,
        kinds=KINDS,
        who=asking.WHO,
        proven=asking.PROVEN,
    )
