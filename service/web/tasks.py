"""A task: its page, what is typed into it, sending it, and passing it on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields
from datetime import datetime
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from service.actions import accounts, cases, inbox, noting, packing, papers, reading, referring, seat, task_over, task_page
from service.actions.drafting import Clash
from service.actions.wording import without_numbers
from service.cleaning import SHARED as CLEANERS
from service.errors import (
    Busy,
    CaseEnded,
    CaseMoved,
    ClockJumped,
    ConsentMissing,
    FieldFault,
    FourEyes,
    InvalidAnswers,
    NotFound,
    SlowDown,
    Stale,
    TaskClosed,
    TaskTaken,
    TooLarge,
    TrestegError,
    WrongKind,
)
from service.forms import Raw, with_row, without_row
from service.store.database import Tx
from service.web.doors import WORK, door
from service.web.here import here, number
from service.web.problems import STATUSES

bp = Blueprint("tasks", __name__)
BESIDE = frozenset({"case", "step", task_page.SEND})
"""What the page carries beside the answers: where it belongs, and the plain button."""
REDRAWN = (TaskTaken, CaseMoved, Stale, ConsentMissing, FourEyes, Busy, SlowDown, ClockJumped)
"""Faults that leave the task where it is: its page comes back with everything that was typed."""


@bp.get("/tasks/<task>")
@door("plain", act=WORK)
def show(task: str) -> ResponseReturnValue:
    """The page of a task."""
    return _guarded(lambda: _page(task), task, {})


@bp.post("/tasks/<task>")
@door("plain", act=WORK)
def send(task: str) -> ResponseReturnValue:
    """Send the answers; or keep them, or draw the page again, as the pressed button says. Files are kept at once in any case."""
    return _guarded(lambda: _sent(task), task, _answers())


def _sent(task: str) -> ResponseReturnValue:
    typed, faults = _typed(task)
    do = request.form.get("do", "")
    if do == "keep":
        kept = here().move(lambda tx: _keep(tx, task, typed), refused=partial(_refused, task, typed))
        return kept if not faults else _page(task, typed=typed, faults=faults, status=422)
    if do or faults:
        return _page(task, typed=_rows(task, typed, do), faults=faults, status=422 if faults else 200)
    return here().move(lambda tx: _complete(tx, task, typed), refused=partial(_refused, task, typed))


def _complete(tx: Tx, task: str, typed: Raw) -> str:
    cases.complete(tx, here().program.house, by=here().viewer, task_key=task, answers=typed, reader=here().reader(), rev=here().rev)
    return url_for("inbox.index", done=1)


def _keep(tx: Tx, task: str, typed: Raw) -> str:
    """Keep what was typed. A field that another tab has changed meanwhile comes back to be chosen."""
    saved = seat.keep(tx, _sit(tx, task), typed, number(request.form.get("fill_rev")) or 0)
    if saved.clashes:
        raise CaseMoved(clashes=saved.clashes)
    return url_for("tasks.show", task=task)


@bp.post("/tasks/<task>/unsent")
@door("plain", act=WORK)
def unsent(task: str) -> ResponseReturnValue:
    """Keep what is typed, again and again while somebody types; or use what a colleague typed."""
    if author := request.form.get("use", ""):
        return here().move(lambda tx: _use(tx, task, author))
    saved = here().run(lambda tx: seat.keep(tx, _sit(tx, task), _answers(), number(request.form.get("fill_rev")) or 0))
    if saved.clashes:
        with here().transaction() as tx:
            detail = _clashing(_sit(tx, task), saved.clashes)
        return jsonify(code="case_moved", status=409, detail=detail, fill_rev=saved.rev), 409
    return jsonify(saved=here().now.astimezone(ZoneInfo(here().zone)).strftime("%H:%M"), fill_rev=saved.rev)


def _use(tx: Tx, task: str, author: str) -> str:
    seat.use(tx, _sit(tx, task), author)
    return url_for("tasks.show", task=task)


@bp.post("/tasks/<task>/preview")
@door("plain", act=WORK, awake=False)
def preview(task: str) -> ResponseReturnValue:
    """What each button would bring now. Writes nothing."""
    with here().transaction() as tx:
        return jsonify(task_page.told(tx, _sit(tx, task), _answers()))


@bp.post("/tasks/<task>/claim")
@door("plain", act=WORK)
def claim(task: str) -> ResponseReturnValue:
    """Take a free task; or take it over from a colleague, with a word why."""
    return here().move(lambda tx: _claim(tx, task), refused=partial(_refused, task, {}))


def _claim(tx: Tx, task: str) -> str:
    if request.form.get("do") == "take_over":
        inbox.take_over(tx, here().viewer, task, request.form.get("word", ""), here().now)
    else:
        inbox.claim(tx, here().viewer, task, here().now)
    return url_for("tasks.show", task=task)


@bp.post("/tasks/<task>/put-back")
@door("plain", act=WORK)
def put_back(task: str) -> ResponseReturnValue:
    """Give the task back to the office."""
    return here().move(lambda tx: _put_back(tx, task), refused=partial(_refused, task, {}))


def _put_back(tx: Tx, task: str) -> str:
    inbox.put_back(tx, here().viewer, task, here().now, request.form.get("word", ""))
    return url_for("inbox.index")


@bp.post("/tasks/<task>/hand-over")
@door("plain", act=WORK)
def hand_over(task: str) -> ResponseReturnValue:
    """Give the task to a colleague, perhaps with a note."""
    return here().move(lambda tx: _hand_over(tx, task), refused=partial(_refused, task, {}))


def _hand_over(tx: Tx, task: str) -> str:
    case_id = inbox.open_task(tx, here().viewer, task).case_id
    inbox.hand_over(tx, here().viewer, task, request.form.get("to", ""), here().now)
    if text := request.form.get("note", "").strip():
        noting.write(tx, here().program.house, here().viewer, case_id, text, now=here().now)
    return url_for("inbox.index")


@bp.get("/tasks/<task>/print")
@door("plain", act=WORK)
def printed(task: str) -> ResponseReturnValue:
    """The form on paper, filled in or empty."""
    filled = request.args.get("filled") == "1"
    with here().transaction() as tx:
        at = _sit(tx, task)
        page = task_page.page(tx, at)
        sections = task_page.on_paper(at, filled=filled, raw=seat.typed_so_far(tx, at))
        parts = [{"title": title, "answers": answers, "lines": ()} for title, answers in sections]
    with here().transaction(write=True) as tx:
        reading.note(tx, here().viewer, page.task.case, purpose="print", classes=page.classes if filled else {"C0"}, now=here().now, about={"task": task})
    return render_template(
        "print/page.html", title=page.task.name, ref=page.ref, number=at.held.case.number, by=here().someone.name, at=here().now, parts=parts
    )


# ---- what the views share


def _sit(tx: Tx, task: str) -> seat.Seat:
    return seat.sit(tx, here().program.house, here().viewer, task, here().reader())


def _answers() -> dict[str, list[str]]:
    return {path: texts for path, texts in here().answers().items() if path not in BESIDE}


def _typed(task: str) -> tuple[dict[str, list[str]], tuple[FieldFault, ...]]:
    """What was typed, with the ids of the files that came with it; and the faults of files that are not taken."""
    typed = _answers()
    faults: list[FieldFault] = []
    for path, sent in request.files.lists():
        for n, file in enumerate(f for f in sent if f.filename):
            try:
                clean = _clean(path, file)
                id_ = here().move_part(f"{path}-{n}", partial(_attach, task=task, path=path, clean=clean))
                typed.setdefault(path, []).append(id_)
            except InvalidAnswers as e:
                faults += e.faults
    return typed, tuple(faults)


def _clean(path: str, file: FileStorage) -> papers.Clean:
    """A file as it may be kept; looking at it takes a while, so no transaction waits for it.

    Raises:
        InvalidAnswers: why it is not taken.
    """
    most = here().program.settings.upload_max_mb
    try:
        return CLEANERS.clean(str(file.filename), file.mimetype, file.stream.read(), most_mb=most)
    except (TooLarge, WrongKind, Busy) as e:
        why = {"too_large": "large", "busy": "busy"}.get(e.code) or str(e.facts["why"])
        raise InvalidAnswers((FieldFault(path, f"form.file_{why}", {"most": most}),)) from e
    finally:
        file.stream.seek(0)


def _attach(tx: Tx, *, task: str, path: str, clean: papers.Clean) -> str:
    return seat.attach(tx, here().program.house, here().viewer, task, path, clean, reader=here().reader())


def _rows(task: str, typed: Raw, do: str) -> Raw:
    """The texts with a row more or less in a list, when that button was pressed."""
    what, _, path = do.partition(":")
    if what not in ("add", "remove"):
        return typed
    with here().transaction() as tx:
        form = _sit(tx, task).form
    return changed_rows(typed, form, what, path)


def changed_rows(typed: Raw, form: Any, what: str, path: str) -> Raw:  # noqa: ANN401  # a Form or None; templates and both blueprints hand it on
    """The texts with one row more (`add`, path of the list) or less (`remove`, path of the row)."""
    holder, _, row = path.rpartition(".")
    if what == "remove":
        return without_row(typed, holder, int(row)) if row.isdigit() else typed
    wanted = ".".join(part for part in path.split(".") if not part.isdigit())
    field = next((f for p, f in form.walk() if p == wanted and f.kind == "list"), None) if form is not None else None
    return with_row(typed, path, field) if field is not None else typed


def _page(task: str, *, typed: Raw | None = None, faults: tuple[FieldFault, ...] = (), refused: str | None = None, status: int = 200) -> ResponseReturnValue:
    """The page, after a line that says who looks."""
    with here().transaction() as tx:
        at = _sit(tx, task)
        page = task_page.page(tx, at, typed=typed, faults=faults, refused=refused)
    with here().transaction(write=True) as tx:
        reading.note(tx, here().viewer, page.task.case, purpose="task", classes=page.classes, now=here().now, about={"task": task})
        referring.opened(tx, here().viewer, page.task.case, now=here().now)
    can_refer = packing.may_refer(here().program.house, here().viewer, at.held)
    return render_template("task/page.html", can_refer=can_refer, **{f.name: getattr(page, f.name) for f in fields(page)}), status


def _guarded(draw: Callable[[], ResponseReturnValue], task: str, typed: Raw) -> ResponseReturnValue:
    """A page that is drawn, or the one that tells why it cannot be."""
    try:
        return draw()
    except (TaskClosed, TaskTaken) as e:
        page = _refused(task, typed, e)
        if page is None:
            raise
        return page


def _refused(task: str, typed: Raw, fault: TrestegError) -> ResponseReturnValue | None:
    """The page of a refused act, with everything that was typed."""
    if isinstance(fault, InvalidAnswers):
        return _page(task, typed=typed, faults=fault.faults, status=422)
    if isinstance(fault, TaskClosed | CaseEnded):
        return _over(task, typed)
    if isinstance(fault, REDRAWN):
        return _page(task, typed=typed or None, refused=_reason(task, fault), status=STATUSES[fault.code])
    return None


def _reason(task: str, fault: TrestegError) -> str | None:
    """Why it was refused, as one sentence; None where the page itself says it."""
    at = here()
    if isinstance(fault, FourEyes):
        return None
    with at.transaction() as tx:
        if isinstance(fault, TaskTaken):
            name = accounts.names(tx, at.program.house, {str(fault.facts["by"])}).get(str(fault.facts["by"]), "")
            since = fault.facts.get("since")
            return at.t("task.taken", name=name, time=since.astimezone(ZoneInfo(at.zone)).strftime("%Y-%m-%d %H:%M") if isinstance(since, datetime) else "")
        if isinstance(fault, CaseMoved) and "clashes" in fault.facts:
            return _clashing(_sit(tx, task), fault.facts["clashes"])  # type: ignore[arg-type]  # `_keep` put them there
    if isinstance(fault, ConsentMissing):
        return at.t("consent.needed")
    return at.t(f"error.{fault.code}.text")


def _clashing(at: seat.Seat, clashes: tuple[Clash, ...]) -> str:
    """The fields that another tab has changed too, with what it saved."""
    labels = {path: at.form.say(f.label, here().lang) for path, f in at.form.walk()} if at.form is not None else {}
    told = [(labels.get(without_numbers(c.path), c.path), ", ".join(c.theirs)) for c in clashes]
    return here().t("task.clash", fields="; ".join(f"{label}: “{theirs}”" for label, theirs in told))


def _over(task: str, typed: Raw) -> ResponseReturnValue | None:
    """The page of a task that is gone; None when nothing of it can be told."""
    at, case, step = here(), request.form.get("case", ""), request.form.get("step", "")
    try:
        if typed:
            with at.transaction(write=True) as tx:
                task_over.keep_after(tx, at.program.house, at.viewer, task, typed, at.reader(), case=case, step=step)
        with at.transaction() as tx:
            over = task_over.over(tx, at.program.house, at.viewer, task, at.reader(), case=case, step=step)
    except (TaskClosed, NotFound):
        return None
    facts: Mapping[str, Any] = {f.name: getattr(over, f.name) for f in fields(over)}
    return render_template("task/closed.html", **facts), 409 if over.raced else 410
