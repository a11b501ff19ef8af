"""Cases: the list, a case with its tabs and its diagram, beginning one, and what may be sent to one
at any time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.casefile import diagram_state, notes, read_log
from service.actions.casefile.case_view import CaseView, load_case_view
from service.actions.cases import continuation
from service.actions.commands import case_commands
from service.actions.history import narrative
from service.actions.pages import (
    case_list,
    case_page,
    case_reads,
    message_buttons,
    message_form,
    overview_tab,
    people_tab,
    plan_tab,
    records_tabs,
    tasks_tab,
)
from service.actions.pages.tab_content import TabContent
from service.actions.referrals import compose
from service.errors import (
    Busy,
    CaseMoved,
    ClockJumped,
    ConsentMissing,
    FieldFault,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    SlowDown,
    Stale,
    TrestegError,
)
from service.forms import Raw, changed_rows
from service.store.transaction import Tx
from service.store.work import unsent_answers as unsent_rows
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current, page_request, whole_number
from service.web.statuses import STATUSES

bp = Blueprint("cases", __name__)
NOTICES = {"note": "case.note_kept", "marking": "marking.kept", "paper": "papers.dropped"}
"""What was just done to a case, and the sentence that says so."""
BESIDE = frozenset({"process", "element", "previous"})
"""What the page of a new case carries beside the answers."""


@dataclass(frozen=True, slots=True)
class RefusedForm:
    """Why a form is drawn again: faults of its fields, or a sentence; and the status of that
    answer.
    """

    faults: tuple[FieldFault, ...] = ()
    why: str = ""
    status: int = 200


FINE = RefusedForm()
REDRAWN = (CaseMoved, Stale, ConsentMissing, Busy, SlowDown, ClockJumped)
"""Faults that leave a form as it was: its page comes back with everything that was typed."""


# ---- lists


@bp.get("/cases")
@page_policy("plain", act=WORK)
def index() -> ResponseReturnValue:
    """The cases that the reader may see."""
    asked = request.args
    stage, state, sort = (asked.get(name, "") for name in ("stage", "state", "sort"))
    with current().transaction() as tx:
        services, viewer = current().program.services, current().viewer
        found = case_list.load_case_list(
            tx,
            services,
            viewer,
            current().now,
            page_request(),
            stage=stage,
            state=state,
            sort=sort,
        )
        start = message_form.can_start(tx, services, viewer, current().lang)
    states = [(code, current().t(f"cases.state_{code}")) for code in case_list.STATES]
    known = {
        "stage": stage,
        "state": state,
        "sort": sort,
        "states": states,
        "filtered": bool(stage or state),
    }
    return render_template(
        "case_list/page.html",
        rows=found.rows,
        total=found.total,
        previous=found.previous,
        next=found.next,
        can_start=start,
        **known,
    )


# ---- one case


@bp.get("/cases/<case>")
@page_policy("diagram")
def show(case: str) -> ResponseReturnValue:
    """A case. Without an open task of her office, the reader first says why she opens it."""
    tab = request.args.get("tab", "overview")
    if tab not in case_page.TABS:
        raise NotFound
    return _case(case, tab)


def _case(case: str, tab: str, told: RefusedForm = FINE) -> ResponseReturnValue:
    """A tab of a case; with why a note was not kept, and the note as it was typed."""
    with current().transaction() as tx:
        at = require_case_view(tx, case)
        page = case_page.load_case_page(tx, at)
        loaded = TabContent({}) if page.lookup else _tab(tx, at, tab)
        drawn = {"data": {}, "steps": ()} if page.lookup else _diagram(at)
    if not page.lookup:
        _looked(at, loaded.classes, {"tab": tab})
    done = request.args.get("done", "")
    notice = current().t(NOTICES[done]) if done in NOTICES else ""
    can_refer = not page.lookup and compose.may_refer(
        current().program.services, current().viewer, at.loaded
    )
    typed = SimpleNamespace(text=request.form.get("text", ""), share=request.form.getlist("share"))
    about = {
        "tab": tab,
        "notice": notice,
        "diagram": drawn,
        "can_refer": can_refer,
        "typed": typed,
        "faults": told.faults,
        "refused": told.why,
    }
    return render_template(
        "case/page.html", **_shallow(page), **about, **loaded.values
    ), told.status


def _tab(tx: Tx, at: CaseView, tab: str) -> TabContent:
    asked, kind = request.args.get("show", ""), request.args.get("kind", "")
    tabs: Mapping[str, Callable[[], TabContent]] = {
        "overview": lambda: overview_tab.overview(tx, at),
        "plan": lambda: plan_tab.plan(at),
        "tasks": lambda: tasks_tab.all_tasks(tx, at),
        "people": lambda: people_tab.people(
            at,
            lambda key: url_for("cases.show", case=at.case.id, tab="people", show=key),
            asked,
        ),
        "papers": lambda: records_tabs.all_documents(tx, at),
        "letters": lambda: records_tabs.all_letters(tx, at),
        "history": lambda: records_tabs.history(tx, at, kind),
    }
    return tabs[tab]()


def _diagram(at: CaseView, rev: int | None = None) -> dict[str, object]:
    """The drawing as it stands, or stood after a fact, with the list of its steps."""
    lang = current().lang
    data = diagram_state.viewer_data(
        at.shown_on,
        lang=lang,
        xml=lambda release, file: f"/releases/{release}/diagram/{file}?lang={lang}",
        at=rev,
    )
    return {"data": data, "steps": diagram_state.step_list(at.shown_on, lang=lang, at=rev)}


@bp.get("/cases/<case>/diagram")
@page_policy("diagram")
def diagram(case: str) -> ResponseReturnValue:
    """The diagram as a page of its own; `at` is a line of history whose state is shown."""
    wanted = whole_number(request.args.get("at"))
    with current().transaction() as tx:
        at = require_case_view(tx, case)
        page = case_page.load_case_page(tx, at)
        entry = (
            next(
                (
                    e
                    for e in narrative.load_history(
                        tx, current().program.services, case, current().lang
                    )
                    if e.n == wanted and e.rev
                ),
                None,
            )
            if wanted
            else None
        )
        drawn = _diagram(at, entry.rev if entry is not None else None)
    shown = (
        SimpleNamespace(n=entry.n, text=entry.text, when=entry.at) if entry is not None else None
    )
    return render_template(
        "case/diagram.html", case=page.case, ref=page.ref, diagram=drawn, at=shown
    )


@bp.post("/cases/<case>/notes")
@page_policy("diagram", act=WORK)
def note(case: str) -> ResponseReturnValue:
    """Write a note; or say why one opens the case."""
    if request.form.get("what") == "lookup":
        return current().move(lambda tx: _lookup(tx, case))
    return current().move(
        lambda tx: _note(tx, case),
        refused=lambda e: _again(e, lambda told: _case(case, "overview", told)),
    )


def _lookup(tx: Tx, case: str) -> str:
    require_case_view(tx, case)
    reason, word = request.form.get("reason", ""), request.form.get("word", "").strip()[:200]
    read_log.record_lookup_reason(
        tx,
        current().program.services,
        by=current().viewer,
        case_id=case,
        purpose=reason,
        reason=word,
        now=current().now,
    )
    return url_for("cases.show", case=case)


def _note(tx: Tx, case: str) -> str:
    require_case_view(tx, case)
    text, shared = request.form.get("text", ""), request.form.getlist("share")
    notes.write(
        tx,
        current().program.services,
        by=current().viewer,
        case_id=case,
        text=text,
        shared=shared,
        now=current().now,
    )
    return url_for("cases.show", case=case, done="note")


@bp.get("/cases/<case>/print")
@page_policy("plain", act=WORK)
def printed(case: str) -> ResponseReturnValue:
    """What the reader may see of the case, on paper."""
    with current().transaction() as tx:
        at = require_case_view(tx, case)
        page = case_page.load_case_page(tx, at)
        if page.lookup:
            raise NotFound
        overview = overview_tab.overview(tx, at)
        parts = [
            {
                "title": current().t("case.standing"),
                "answers": (),
                "lines": (*overview.values["standing"], *page.facts),
            },
            *records_tabs.printed_answers(at),
        ]
    with current().transaction(write=True) as tx:
        classes = {one.klass for one in at.shown.values()} | overview.classes
        read_log.record_read(
            tx,
            by=current().viewer,
            case_id=case,
            purpose="print",
            classes=classes,
            now=current().now,
        )
    return render_template(
        "print/page.html",
        title=page.case.process,
        ref=page.ref,
        number=page.case.number,
        by=current().someone.name,
        at=current().now,
        parts=parts,
    )


# ---- beginning a case


@bp.get("/cases/new")
@page_policy("plain", act=WORK)
def new() -> ResponseReturnValue:
    """The form of a new case."""
    return _new(request.args.get("element", ""), previous=request.args.get("previous", ""))


@bp.post("/cases/new")
@page_policy("plain", act=WORK)
def start() -> ResponseReturnValue:
    """Begin a case; or keep what was typed, or draw the form again, as the pressed button says."""
    element, previous, do = (request.form.get(name, "") for name in ("element", "previous", "do"))
    typed = _answers()
    if do not in ("send", "keep"):
        return _new(element, previous=previous, typed=typed, do=do)
    verb = (
        partial(_start, element=element, previous=previous, typed=typed)
        if do == "send"
        else partial(_keep_start, element=element, previous=previous)
    )
    return current().move(
        verb, refused=lambda e: _again(e, lambda told: _new(element, previous, typed, told=told))
    )


def _start(tx: Tx, *, element: str, previous: str, typed: Raw) -> str:
    at = current()
    moved = case_commands.start_case(
        tx,
        at.program.services,
        by=at.viewer,
        element=element,
        answers=typed,
        now=at.now,
        previous=previous,
    )
    unsent_rows.drop(tx, f"start/{element}", at.viewer.person)
    return url_for("cases.show", case=moved.case_id)


def _keep_start(tx: Tx, *, element: str, previous: str) -> str:
    _keep(
        tx,
        message_form.open_start_form(
            tx, current().program.services, current().viewer, current().now, element
        ),
    )
    return url_for("cases.new", element=element, previous=previous or None, kept=1)


def _new(
    element: str,
    previous: str = "",
    typed: Raw | None = None,
    do: str = "",
    told: RefusedForm = FINE,
) -> ResponseReturnValue:
    at = current()
    with at.transaction() as tx:
        offered = message_form.start_options(tx, at.program.services, at.viewer, at.lang)
        chosen = next((s for s in offered if s.element == element), offered[0] if offered else None)
        if chosen is None:
            raise NotAllowed(why="start")
        blank = message_form.open_start_form(
            tx, at.program.services, at.viewer, at.now, chosen.element
        )
        sheet = message_form.load_message_form_page(
            tx, blank, typed=_rows(blank, typed, do), faults=told.faults
        )
        before = (
            continuation.find_ended_case(tx, at.program.services, at.viewer, previous, at.now)
            if previous
            else None
        )
    about = {
        "starts": offered,
        "chosen": chosen,
        "previous": before,
        "preview": url_for("cases.preview_start", element=chosen.element),
    }
    keep = url_for("cases.unsent_start", element=chosen.element)
    return render_template(
        "case/new.html",
        **_shallow(sheet),
        **about,
        unsent=keep,
        refused=told.why,
        kept="kept" in request.args,
    ), told.status


@bp.post("/cases/new/<element>/preview")
@page_policy("plain", act=WORK, awake=False)
def preview_start(element: str) -> ResponseReturnValue:
    """What beginning the case would bring. Writes nothing."""
    with current().transaction() as tx:
        blank = message_form.open_start_form(
            tx, current().program.services, current().viewer, current().now, element
        )
        return jsonify(message_form.preview_message_form(tx, blank, _answers()))


@bp.post("/cases/new/<element>/unsent")
@page_policy("plain", act=WORK)
def unsent_start(element: str) -> ResponseReturnValue:
    """Keep what is typed for a case that has not begun."""
    return _kept(
        lambda tx: message_form.open_start_form(
            tx, current().program.services, current().viewer, current().now, element
        )
    )


# ---- messages


@bp.get("/cases/<case>/messages/<message>")
@page_policy("plain", act=WORK)
def message(case: str, message: str) -> ResponseReturnValue:
    """The form of a message to the case."""
    return _message(case, message)


@bp.post("/cases/<case>/messages/<message>")
@page_policy("plain", act=WORK)
def send_message(case: str, message: str) -> ResponseReturnValue:
    """Send a message to the case; or keep what was typed, or draw its form again, as the pressed
    button says.
    """
    typed, do = _answers(), request.form.get("do", "")
    if do not in ("send", "keep"):
        return _message(case, message, typed=typed, do=do)
    verb = (
        partial(_send, case=case, message=message, typed=typed)
        if do == "send"
        else partial(_keep_message, case=case, message=message)
    )
    return current().move(
        verb, refused=lambda e: _again(e, lambda told: _message(case, message, typed, told=told))
    )


def _send(tx: Tx, *, case: str, message: str, typed: Raw) -> str:
    at = current()
    require_case_view(tx, case)
    case_commands.send_message(
        tx,
        at.program.services,
        by=at.viewer,
        case_id=case,
        name=message,
        answers=typed,
        now=at.now,
    )
    unsent_rows.drop(tx, f"message/{case}/{message}", at.viewer.person)
    return url_for("cases.show", case=case)


def _keep_message(tx: Tx, *, case: str, message: str) -> str:
    _keep(tx, message_form.open_message_form(tx, require_case_view(tx, case), message))
    return url_for("cases.message", case=case, message=message, kept=1)


def _message(
    case: str, message: str, typed: Raw | None = None, do: str = "", told: RefusedForm = FINE
) -> ResponseReturnValue:
    with current().transaction() as tx:
        at = require_case_view(tx, case)
        blank = message_form.open_message_form(tx, at, message)
        sheet = message_form.load_message_form_page(
            tx, blank, typed=_rows(blank, typed, do), faults=told.faults
        )
    _looked(
        at, {one.klass for one in at.shown.values()} if blank.base else {"C0"}, {"message": message}
    )
    about = {
        "title": message_buttons.message_name(blank.element, message, current().lang),
        "text": message_buttons.message_text(message, current().lang),
    }
    paths = {
        "preview": url_for("cases.preview_message", case=case, message=message),
        "unsent": url_for("cases.unsent_message", case=case, message=message),
    }
    head = SimpleNamespace(id=case, ref=at.case.ref, rev=at.case.rev)
    grave = blank.element.interrupting and blank.element.kind == "boundaryEvent"
    whole = {
        **about,
        **paths,
        **_shallow(sheet),
        "message": message,
        "grave": grave,
        "refused": told.why,
        "kept": "kept" in request.args,
    }
    return render_template("case/message.html", case=head, ref=at.case.ref, **whole), told.status


@bp.post("/cases/<case>/messages/<message>/unsent")
@page_policy("plain", act=WORK)
def unsent_message(case: str, message: str) -> ResponseReturnValue:
    """Keep what is typed for a message that is not sent."""
    return _kept(
        lambda tx: message_form.open_message_form(tx, require_case_view(tx, case), message)
    )


@bp.post("/cases/<case>/messages/<message>/preview")
@page_policy("plain", act=WORK, awake=False)
def preview_message(case: str, message: str) -> ResponseReturnValue:
    """What sending the message would bring. Writes nothing."""
    with current().transaction() as tx:
        return jsonify(
            message_form.preview_message_form(
                tx,
                message_form.open_message_form(tx, require_case_view(tx, case), message),
                _answers(),
            )
        )


# ---- what the views share


def require_case_view(tx: Tx, case: str) -> CaseView:
    """The reader before a case.

    Raises:
        NotFound: there is none for her.
    """
    return load_case_view(tx, current().program.services, current().viewer, case, current().now)


def _looked(
    at: CaseView, classes: Any, about: Mapping[str, str]
) -> None:  # any collection of classes
    """A line that says who looks, before the page is sent; process facts alone need none.

    And the receipt of a referral.
    """
    with current().transaction(write=True) as tx:
        case_reads.record_case(
            tx,
            by=current().viewer,
            case_id=at.case.id,
            classes=classes,
            about=about,
            now=current().now,
        )


def _answers() -> dict[str, list[str]]:
    return {path: texts for path, texts in current().answers().items() if path not in BESIDE}


def _rows(blank: message_form.MessageFormSession, typed: Raw | None, do: str) -> Raw | None:
    what, _, path = do.partition(":")
    return (
        changed_rows(typed, blank.form, what, path)
        if typed is not None and what in ("add", "remove")
        else typed
    )


def _again(
    fault: TrestegError, draw: Callable[[RefusedForm], ResponseReturnValue]
) -> ResponseReturnValue | None:
    """The form once more with all that was typed, and why it was not sent; None when the fault is
    none of the form.
    """
    if isinstance(fault, InvalidAnswers):
        return draw(RefusedForm(fault.faults, status=STATUSES[fault.code]))
    if isinstance(fault, REDRAWN):
        return draw(
            RefusedForm(why=current().t(f"error.{fault.code}.text"), status=STATUSES[fault.code])
        )
    return None


def _keep(tx: Tx, blank: message_form.MessageFormSession) -> None:
    """Keep what was typed when its button was pressed.

    Raises:
        Stale: another tab has changed the same field since.
    """
    if message_form.keep_message_answers(
        tx, blank, _answers(), whole_number(request.form.get("fill_rev")) or 0
    ).clashes:
        raise Stale


def _kept(blank: Callable[[Tx], message_form.MessageFormSession]) -> ResponseReturnValue:
    rev = whole_number(request.form.get("fill_rev")) or 0
    saved = current().run(
        lambda tx: message_form.keep_message_answers(tx, blank(tx), _answers(), rev)
    )
    if saved.clashes:
        return jsonify(
            code="case_moved",
            status=409,
            detail=current().t("error.stale.text"),
            fill_rev=saved.rev,
        ), 409
    return jsonify(
        saved=current().now.astimezone(ZoneInfo(current().zone)).strftime("%H:%M"),
        fill_rev=saved.rev,
    )


def _shallow(page: Any) -> dict[str, Any]:  # any of the frozen pages
    return {f.name: getattr(page, f.name) for f in fields(page)}
