"""Cases: the list, a case with its tabs and its diagram, beginning one, and what may be sent to one at any time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from functools import partial
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import (
    case_page,
    case_plan,
    case_records,
    case_tabs,
    cases,
    linking,
    lists,
    noting,
    packing,
    picture,
    reading,
    referring,
    sending,
    telling,
)
from service.actions.stand import Stand, stand_before
from service.errors import Busy, CaseMoved, ClockJumped, ConsentMissing, FieldFault, InvalidAnswers, NotAllowed, NotFound, SlowDown, Stale, TrestegError
from service.forms import Raw
from service.store import unsent as unsent_rows
from service.store.database import Tx
from service.web.doors import WORK, door
from service.web.find import can_start
from service.web.here import here, number, step
from service.web.problems import STATUSES
from service.web.tasks import changed_rows

bp = Blueprint("cases", __name__)
NOTICES = {"note": "case.note_kept", "marking": "marking.kept", "paper": "papers.dropped"}
"""What was just done to a case, and the sentence that says so."""
BESIDE = frozenset({"process", "element", "previous"})
"""What the page of a new case carries beside the answers."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a form is drawn again: faults of its fields, or a sentence; and the status of that answer."""

    faults: tuple[FieldFault, ...] = ()
    why: str = ""
    status: int = 200


FINE = Refused()
REDRAWN = (CaseMoved, Stale, ConsentMissing, Busy, SlowDown, ClockJumped)
"""Faults that leave a form as it was: its page comes back with everything that was typed."""


# ---- lists


@bp.get("/cases")
@door("plain", act=WORK)
def index() -> ResponseReturnValue:
    """The cases that the reader may see."""
    asked = request.args
    stage, state, sort = (asked.get(name, "") for name in ("stage", "state", "sort"))
    with here().transaction() as tx:
        house, viewer = here().program.house, here().viewer
        found = lists.listed(tx, house, viewer, here().reader(), step(), stage=stage, state=state, sort=sort)
        start = can_start(tx, house)
    states = [(code, here().t(f"cases.state_{code}")) for code in lists.STATES]
    known = {"stage": stage, "state": state, "sort": sort, "states": states, "filtered": bool(stage or state)}
    return render_template("case_list/page.html", rows=found.rows, total=found.total, previous=found.previous, next=found.next, can_start=start, **known)


# ---- one case


@bp.get("/cases/<case>")
@door("diagram")
def show(case: str) -> ResponseReturnValue:
    """A case. Without an open task of her office, the reader first says why she opens it."""
    tab = request.args.get("tab", "overview")
    if tab not in case_page.TABS:
        raise NotFound
    return _case(case, tab)


def _case(case: str, tab: str, told: Refused = FINE) -> ResponseReturnValue:
    """A tab of a case; with why a note was not kept, and the note as it was typed."""
    with here().transaction() as tx:
        at = stand(tx, case)
        page = case_page.page(tx, at)
        held = case_tabs.Holding({}) if page.lookup else _tab(tx, at, tab)
        drawn = {"data": {}, "steps": ()} if page.lookup else _diagram(at)
    if not page.lookup:
        looked(at, held.classes, {"tab": tab})
    done = request.args.get("done", "")
    notice = here().t(NOTICES[done]) if done in NOTICES else ""
    can_refer = not page.lookup and packing.may_refer(here().program.house, here().viewer, at.held)
    typed = SimpleNamespace(text=request.form.get("text", ""), share=request.form.getlist("share"))
    about = {"tab": tab, "notice": notice, "diagram": drawn, "can_refer": can_refer, "typed": typed, "faults": told.faults, "refused": told.why}
    return render_template("case/page.html", **_shallow(page), **about, **held.values), told.status


def _tab(tx: Tx, at: Stand, tab: str) -> case_tabs.Holding:
    asked, kind = request.args.get("show", ""), request.args.get("kind", "")
    tabs: Mapping[str, Callable[[], case_tabs.Holding]] = {
        "overview": lambda: case_tabs.overview(tx, at),
        "plan": lambda: case_plan.plan(tx, at),
        "tasks": lambda: case_tabs.all_tasks(tx, at),
        "people": lambda: case_tabs.people(tx, at, lambda key: url_for("cases.show", case=at.case.id, tab="people", show=key), asked),
        "papers": lambda: case_records.all_papers(tx, at),
        "letters": lambda: case_records.all_letters(tx, at),
        "history": lambda: case_records.history(tx, at, kind),
    }
    return tabs[tab]()


def _diagram(at: Stand, rev: int | None = None) -> dict[str, object]:
    """The drawing as it stands, or stood after a fact, with the list of its steps."""
    lang = here().lang
    data = picture.viewer_data(at.shown_on, lang=lang, xml=lambda release, file: f"/releases/{release}/diagram/{file}?lang={lang}", at=rev)
    return {"data": data, "steps": picture.step_list(at.shown_on, lang=lang, at=rev)}


@bp.get("/cases/<case>/diagram")
@door("diagram")
def diagram(case: str) -> ResponseReturnValue:
    """The diagram as a page of its own; `at` is a line of history whose state is shown."""
    wanted = number(request.args.get("at"))
    with here().transaction() as tx:
        at = stand(tx, case)
        page = case_page.page(tx, at)
        entry = next((e for e in telling.entries(tx, here().program.house, case, here().lang) if e.n == wanted and e.rev), None) if wanted else None
        drawn = _diagram(at, entry.rev if entry is not None else None)
    shown = SimpleNamespace(n=entry.n, text=entry.text, when=entry.at) if entry is not None else None
    return render_template("case/diagram.html", case=page.case, ref=page.ref, diagram=drawn, at=shown)


@bp.post("/cases/<case>/notes")
@door("diagram", act=WORK)
def note(case: str) -> ResponseReturnValue:
    """Write a note; or say why one opens the case."""
    if request.form.get("what") == "lookup":
        return here().move(lambda tx: _lookup(tx, case))
    return here().move(lambda tx: _note(tx, case), refused=lambda e: _again(e, lambda told: _case(case, "overview", told)))


def _lookup(tx: Tx, case: str) -> str:
    stand(tx, case)
    reason, word = request.form.get("reason", ""), request.form.get("word", "").strip()[:200]
    reading.lookup(tx, here().program.house, here().viewer, case, reason=reason, word=word, now=here().now)
    return url_for("cases.show", case=case)


def _note(tx: Tx, case: str) -> str:
    stand(tx, case)
    text, shared = request.form.get("text", ""), request.form.getlist("share")
    noting.write(tx, here().program.house, here().viewer, case, text, shared=shared, now=here().now)
    return url_for("cases.show", case=case, done="note")


@bp.get("/cases/<case>/print")
@door("plain", act=WORK)
def printed(case: str) -> ResponseReturnValue:
    """What the reader may see of the case, on paper."""
    with here().transaction() as tx:
        at = stand(tx, case)
        page = case_page.page(tx, at)
        if page.lookup:
            raise NotFound
        overview = case_tabs.overview(tx, at)
        parts = [{"title": here().t("case.standing"), "answers": (), "lines": (*overview.values["standing"], *page.facts)}, *case_records.on_paper(at)]
    with here().transaction(write=True) as tx:
        classes = {one.klass for one in at.shown.values()} | overview.classes
        reading.note(tx, here().viewer, case, purpose="print", classes=classes, now=here().now)
    return render_template(
        "print/page.html", title=page.case.process, ref=page.ref, number=page.case.number, by=here().someone.name, at=here().now, parts=parts
    )


# ---- beginning a case


@bp.get("/cases/new")
@door("plain", act=WORK)
def new() -> ResponseReturnValue:
    """The form of a new case."""
    return _new(request.args.get("element", ""), previous=request.args.get("previous", ""))


@bp.post("/cases/new")
@door("plain", act=WORK)
def start() -> ResponseReturnValue:
    """Begin a case; or keep what was typed, or draw the form again, as the pressed button says."""
    element, previous, do = (request.form.get(name, "") for name in ("element", "previous", "do"))
    typed = _answers()
    if do not in ("send", "keep"):
        return _new(element, previous=previous, typed=typed, do=do)
    verb = partial(_start, element=element, previous=previous, typed=typed) if do == "send" else partial(_keep_start, element=element, previous=previous)
    return here().move(verb, refused=lambda e: _again(e, lambda told: _new(element, previous, typed, told=told)))


def _start(tx: Tx, *, element: str, previous: str, typed: Raw) -> str:
    at = here()
    moved = cases.start(tx, at.program.house, by=at.viewer, element=element, answers=typed, reader=at.reader(), previous=previous)
    unsent_rows.drop(tx, f"start/{element}", at.viewer.person)
    return url_for("cases.show", case=moved.case_id)


def _keep_start(tx: Tx, *, element: str, previous: str) -> str:
    _keep(tx, sending.of_start(tx, here().program.house, here().viewer, here().reader(), element))
    return url_for("cases.new", element=element, previous=previous or None, kept=1)


def _new(element: str, previous: str = "", typed: Raw | None = None, do: str = "", told: Refused = FINE) -> ResponseReturnValue:
    at = here()
    with at.transaction() as tx:
        offered = sending.starts(tx, at.program.house, at.viewer, at.lang)
        chosen = next((s for s in offered if s.element == element), offered[0] if offered else None)
        if chosen is None:
            raise NotAllowed(why="start")
        blank = sending.of_start(tx, at.program.house, at.viewer, at.reader(), chosen.element)
        sheet = sending.sheet(tx, blank, typed=_rows(blank, typed, do), faults=told.faults)
        before = linking.ended_case(tx, at.program.house, at.viewer, previous, at.now) if previous else None
    about = {"starts": offered, "chosen": chosen, "previous": before, "preview": url_for("cases.preview_start", element=chosen.element)}
    keep = url_for("cases.unsent_start", element=chosen.element)
    return render_template("case/new.html", **_shallow(sheet), **about, unsent=keep, refused=told.why, kept="kept" in request.args), told.status


@bp.post("/cases/new/<element>/preview")
@door("plain", act=WORK, awake=False)
def preview_start(element: str) -> ResponseReturnValue:
    """What beginning the case would bring. Writes nothing."""
    with here().transaction() as tx:
        blank = sending.of_start(tx, here().program.house, here().viewer, here().reader(), element)
        return jsonify(sending.told(tx, blank, _answers()))


@bp.post("/cases/new/<element>/unsent")
@door("plain", act=WORK)
def unsent_start(element: str) -> ResponseReturnValue:
    """Keep what is typed for a case that has not begun."""
    return _kept(lambda tx: sending.of_start(tx, here().program.house, here().viewer, here().reader(), element))


# ---- messages


@bp.get("/cases/<case>/messages/<message>")
@door("plain", act=WORK)
def message(case: str, message: str) -> ResponseReturnValue:
    """The form of a message to the case."""
    return _message(case, message)


@bp.post("/cases/<case>/messages/<message>")
@door("plain", act=WORK)
def send_message(case: str, message: str) -> ResponseReturnValue:
    """Send a message to the case; or keep what was typed, or draw its form again, as the pressed button says."""
    typed, do = _answers(), request.form.get("do", "")
    if do not in ("send", "keep"):
        return _message(case, message, typed=typed, do=do)
    verb = partial(_send, case=case, message=message, typed=typed) if do == "send" else partial(_keep_message, case=case, message=message)
    return here().move(verb, refused=lambda e: _again(e, lambda told: _message(case, message, typed, told=told)))


def _send(tx: Tx, *, case: str, message: str, typed: Raw) -> str:
    at = here()
    stand(tx, case)
    cases.message(tx, at.program.house, by=at.viewer, case_id=case, name=message, answers=typed, reader=at.reader())
    unsent_rows.drop(tx, f"message/{case}/{message}", at.viewer.person)
    return url_for("cases.show", case=case)


def _keep_message(tx: Tx, *, case: str, message: str) -> str:
    _keep(tx, sending.of_message(tx, stand(tx, case), message))
    return url_for("cases.message", case=case, message=message, kept=1)


def _message(case: str, message: str, typed: Raw | None = None, do: str = "", told: Refused = FINE) -> ResponseReturnValue:
    with here().transaction() as tx:
        at = stand(tx, case)
        blank = sending.of_message(tx, at, message)
        sheet = sending.sheet(tx, blank, typed=_rows(blank, typed, do), faults=told.faults)
    looked(at, {one.klass for one in at.shown.values()} if blank.base else {"C0"}, {"message": message})
    about = {"title": case_page.act_name(blank.element, message, here().lang), "text": case_page.act_text(message, here().lang)}
    paths = {"preview": url_for("cases.preview_message", case=case, message=message), "unsent": url_for("cases.unsent_message", case=case, message=message)}
    head = SimpleNamespace(id=case, ref=at.case.ref, rev=at.case.rev)
    grave = blank.element.interrupting and blank.element.kind == "boundaryEvent"
    whole = {**about, **paths, **_shallow(sheet), "message": message, "grave": grave, "refused": told.why, "kept": "kept" in request.args}
    return render_template("case/message.html", case=head, ref=at.case.ref, **whole), told.status


@bp.post("/cases/<case>/messages/<message>/unsent")
@door("plain", act=WORK)
def unsent_message(case: str, message: str) -> ResponseReturnValue:
    """Keep what is typed for a message that is not sent."""
    return _kept(lambda tx: sending.of_message(tx, stand(tx, case), message))


@bp.post("/cases/<case>/messages/<message>/preview")
@door("plain", act=WORK, awake=False)
def preview_message(case: str, message: str) -> ResponseReturnValue:
    """What sending the message would bring. Writes nothing."""
    with here().transaction() as tx:
        return jsonify(sending.told(tx, sending.of_message(tx, stand(tx, case), message), _answers()))


# ---- what the views share


def stand(tx: Tx, case: str) -> Stand:
    """The reader before a case.

    Raises:
        NotFound: there is none for her.
    """
    return stand_before(tx, here().program.house, here().viewer, case, here().reader())


def looked(at: Stand, classes: Any, about: Mapping[str, str]) -> None:  # noqa: ANN401  # any collection of classes
    """A line that says who looks, before the page is sent; process facts alone need none. And the receipt of a referral."""
    with here().transaction(write=True) as tx:
        if set(classes) - {"C0"}:
            reading.note(tx, here().viewer, at.case.id, purpose="case", classes=classes, now=here().now, about=about)
        referring.opened(tx, here().viewer, at.case.id, now=here().now)


def _answers() -> dict[str, list[str]]:
    return {path: texts for path, texts in here().answers().items() if path not in BESIDE}


def _rows(blank: sending.Blank, typed: Raw | None, do: str) -> Raw | None:
    what, _, path = do.partition(":")
    return changed_rows(typed, blank.form, what, path) if typed is not None and what in ("add", "remove") else typed


def _again(fault: TrestegError, draw: Callable[[Refused], ResponseReturnValue]) -> ResponseReturnValue | None:
    """The form once more with all that was typed, and why it was not sent; None when the fault is none of the form."""
    if isinstance(fault, InvalidAnswers):
        return draw(Refused(fault.faults, status=STATUSES[fault.code]))
    if isinstance(fault, REDRAWN):
        return draw(Refused(why=here().t(f"error.{fault.code}.text"), status=STATUSES[fault.code]))
    return None


def _keep(tx: Tx, blank: sending.Blank) -> None:
    """Keep what was typed when its button was pressed.

    Raises:
        Stale: another tab has changed the same field since.
    """
    if sending.keep(tx, blank, _answers(), number(request.form.get("fill_rev")) or 0).clashes:
        raise Stale


def _kept(blank: Callable[[Tx], sending.Blank]) -> ResponseReturnValue:
    rev = number(request.form.get("fill_rev")) or 0
    saved = here().run(lambda tx: sending.keep(tx, blank(tx), _answers(), rev))
    if saved.clashes:
        return jsonify(code="case_moved", status=409, detail=here().t("error.stale.text"), fill_rev=saved.rev), 409
    return jsonify(saved=here().now.astimezone(ZoneInfo(here().zone)).strftime("%H:%M"), fill_rev=saved.rev)


def _shallow(page: Any) -> dict[str, Any]:  # noqa: ANN401  # any of the frozen pages
    return {f.name: getattr(page, f.name) for f in fields(page)}
