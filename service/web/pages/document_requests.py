"""Public documents that anybody asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.commands.command import Command
from service.casework.document_requests import deciding, document_page
from service.casework.subject_requests.masks import Mask, seen_of
from service.errors import FieldFault, InvalidAnswers, TrestegError
from service.web.answers import send_paper, struck_pieces
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("document_requests", __name__)
TYPED = ("case", "klass", "does", "ground", "outcome", "how")


@bp.get("/public-documents")
@page_policy("plain", act="keep_records")
def index() -> ResponseReturnValue:
    """What the office was asked for and has not answered; and a new request."""
    return _list()


@bp.post("/public-documents")
@page_policy("plain", act="keep_records")
def ask() -> ResponseReturnValue:
    """Take down what somebody asks for."""

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_list(fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    def shown(id_: str) -> str:
        return url_for("document_requests.show", asked=id_)

    take_down = partial(deciding.ask, wish=request.form.get("wish", ""))
    return submit(take_down, then=shown, refused=refused)


@bp.get("/public-documents/<asked>")
@page_policy("plain", act="keep_records")
def show(asked: str) -> ResponseReturnValue:
    """One request."""
    return _page(asked)


@bp.post("/public-documents/<asked>")
@page_policy("plain", act="keep_records")
def act(asked: str) -> ResponseReturnValue:
    """Do the step that waits, or look for a case and choose of it."""

    def refused(fault: TrestegError) -> ResponseReturnValue | None:
        return (_page(asked, fault.faults), 422) if isinstance(fault, InvalidAnswers) else None

    done = ACTS.get(request.form.get("do", ""), _choose)
    group = request.form.get("group", "") or None
    then = url_for("document_requests.show", asked=asked, _anchor=group)
    return submit(done(asked), then=then, refused=refused)


@bp.get("/public-documents/<asked>/answer.pdf")
@page_policy("file", act="keep_records")
def paper(asked: str) -> ResponseReturnValue:
    """The paper of the decision; where it gives something of a case, its read log says so first."""
    context = current()
    given = (context.program.services, context.viewer_in_own_zone, context.now)
    lang = request.args.get("lang", "")
    lang = lang if lang in document_page.LANGUAGES else context.viewer.lang
    made = context.read_and_log(
        lambda tx: document_page.compose_paper(tx, *given, request=asked, lang=lang)
    )
    return send_paper(made, context.now)


def _find(asked: str) -> Command[None]:
    return partial(deciding.find, request=asked, word=request.form.get("case", ""))


def _class(asked: str) -> Command[None]:
    klass, does, ground = (request.form.get(name, "") for name in ("klass", "does", "ground"))
    return partial(
        deciding.choose_class,
        request=asked,
        klass=klass,
        does=does,
        ground=ground,
        seen=request.form.get("seen", ""),
    )


def _decide(asked: str) -> Command[None]:
    outcome, seen = request.form.get("outcome", ""), request.form.get("seen", "")
    return partial(deciding.decide, request=asked, outcome=outcome, seen=seen)


def _give(asked: str) -> Command[None]:
    return partial(deciding.give, request=asked, how=request.form.get("how", ""))


def _choose(asked: str) -> Command[None]:
    """Keep what is chosen of the sent group."""
    seen = request.form.get("seen", "")
    return partial(deciding.choose_parts, request=asked, marked=_ticked(), seen=seen)


def _ticked() -> dict[str, Mask | None]:
    """Each part that the sent group shows, with what is ticked in it and why; None for one that is
    not chosen.
    """
    form, chosen, struck = request.form, {*request.form.getlist("choose")}, struck_pieces()
    return {
        part: (struck.get(part, ()), form.get(f"ground.{part}", "")) if part in chosen else None
        for part in form.getlist("part")
    }


ACTS: Mapping[str, Callable[[str], Command[None]]] = {
    "find": _find,
    "class": _class,
    "decide": _decide,
    "give": _give,
    "choose": _choose,
}
"""Name of a button to the act that it does."""


def _page(asked: str, faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    given = (context.program.services, context.viewer_in_own_zone, context.now)
    page = context.read_and_log(lambda tx: document_page.load_page(tx, *given, request=asked))
    return render_template(
        "document_requests/request.html",
        page=page,
        faults=faults,
        typed={name: request.form.get(name, "") for name in TYPED},
        ticked={} if any(fault.path == "parts" for fault in faults) else _ticked(),
        seen_of=seen_of,
        languages=document_page.LANGUAGES,
        outcomes=deciding.OUTCOMES,
        class_acts=deciding.CLASS_ACTS,
        given=deciding.GIVEN,
    )


def _list(faults: tuple[FieldFault, ...] = ()) -> str:
    context = current()
    given = (context.program.services, context.viewer_in_own_zone, context.now)
    with context.transaction() as tx:
        lines = document_page.load_list(tx, *given)
    wish = request.form.get("wish", "")
    return render_template("document_requests/list.html", lines=lines, faults=faults, wish=wish)
