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

from service.actions.casefile import documents, notes, read_log
from service.actions.casefile.answer_text import without_numbers
from service.actions.commands import case_commands
from service.actions.pages import case_reads
from service.actions.people import accounts
from service.actions.referrals import compose
from service.actions.tasks import claims, closed_task_page, form_session, task_page
from service.actions.tasks.colleagues_unsent_answers import use_colleagues_answers
from service.actions.tasks.printed_form import printed_form
from service.actions.tasks.send_buttons import SEND, preview_buttons
from service.actions.tasks.unsent_answers import EditConflict
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
from service.forms import Raw, changed_rows
from service.sandbox.attachments import SHARED as CLEANERS
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current, whole_number
from service.web.statuses import STATUSES

bp = Blueprint("tasks", __name__)
BESIDE = frozenset({"case", "step", SEND})
"""What the page carries beside the answers: where it belongs, and the plain button."""
REDRAWN = (TaskTaken, CaseMoved, Stale, ConsentMissing, FourEyes, Busy, SlowDown, ClockJumped)
"""Faults that leave the task where it is: its page comes back with everything that was typed."""


@bp.get("/tasks/<task>")
@page_policy("plain", act=WORK)
def show(task: str) -> ResponseReturnValue:
    """The page of a task."""
    return _guarded(lambda: _page(task), task, {})


@bp.post("/tasks/<task>")
@page_policy("plain", act=WORK)
def send(task: str) -> ResponseReturnValue:
    """Send the answers; or keep them, or draw the page again, as the pressed button says.

    Files are kept at once in any case.
    """
    return _guarded(lambda: _sent(task), task, _answers())


def _sent(task: str) -> ResponseReturnValue:
    typed, faults = _typed(task)
    do = request.form.get("do", "")
    if do == "keep":
        kept = current().move(
            lambda tx: _keep(tx, task, typed), refused=partial(_refused, task, typed)
        )
        return kept if not faults else _page(task, typed=typed, faults=faults, status=422)
    if do or faults:
        return _page(
            task, typed=_rows(task, typed, do), faults=faults, status=422 if faults else 200
        )
    return current().move(
        lambda tx: _complete(tx, task, typed), refused=partial(_refused, task, typed)
    )


def _complete(tx: Tx, task: str, typed: Raw) -> str:
    case_commands.complete_task(
        tx,
        current().program.services,
        by=current().viewer,
        task_key=task,
        answers=typed,
        now=current().now,
        rev=current().rev,
    )
    return url_for("inbox.index", done=1)


def _keep(tx: Tx, task: str, typed: Raw) -> str:
    """Keep what was typed.

    A field that another tab has changed meanwhile comes back to be chosen.
    """
    saved = form_session.keep_unsent(
        tx, _sit(tx, task), typed, whole_number(request.form.get("fill_rev")) or 0
    )
    if saved.clashes:
        raise CaseMoved(clashes=saved.clashes)
    return url_for("tasks.show", task=task)


@bp.post("/tasks/<task>/unsent")
@page_policy("plain", act=WORK)
def unsent(task: str) -> ResponseReturnValue:
    """Keep what is typed, again and again while somebody types; or use what a colleague typed."""
    if author := request.form.get("use", ""):
        return current().move(lambda tx: _use(tx, task, author))
    saved = current().run(
        lambda tx: form_session.keep_unsent(
            tx, _sit(tx, task), _answers(), whole_number(request.form.get("fill_rev")) or 0
        )
    )
    if saved.clashes:
        with current().transaction() as tx:
            detail = _clashing(_sit(tx, task), saved.clashes)
        return jsonify(code="case_moved", status=409, detail=detail, fill_rev=saved.rev), 409
    return jsonify(
        saved=current().now.astimezone(ZoneInfo(current().zone)).strftime("%H:%M"),
        fill_rev=saved.rev,
    )


def _use(tx: Tx, task: str, author: str) -> str:
    use_colleagues_answers(tx, _sit(tx, task), author)
    return url_for("tasks.show", task=task)


@bp.post("/tasks/<task>/preview")
@page_policy("plain", act=WORK, awake=False)
def preview(task: str) -> ResponseReturnValue:
    """What each button would bring now. Writes nothing."""
    with current().transaction() as tx:
        return jsonify(preview_buttons(tx, _sit(tx, task), _answers()))


@bp.post("/tasks/<task>/claim")
@page_policy("plain", act=WORK)
def claim(task: str) -> ResponseReturnValue:
    """Take a free task; or take it over from a colleague, with a word why."""
    return current().move(lambda tx: _claim(tx, task), refused=partial(_refused, task, {}))


def _claim(tx: Tx, task: str) -> str:
    if request.form.get("do") == "take_over":
        claims.take_over(
            tx,
            by=current().viewer,
            task_key=task,
            reason=request.form.get("word", ""),
            now=current().now,
        )
    else:
        claims.claim(tx, by=current().viewer, task_key=task, now=current().now)
    return url_for("tasks.show", task=task)


@bp.post("/tasks/<task>/put-back")
@page_policy("plain", act=WORK)
def put_back(task: str) -> ResponseReturnValue:
    """Give the task back to the office."""
    return current().move(lambda tx: _put_back(tx, task), refused=partial(_refused, task, {}))


def _put_back(tx: Tx, task: str) -> str:
    claims.release_task(
        tx,
        by=current().viewer,
        task_key=task,
        now=current().now,
        reason=request.form.get("word", ""),
    )
    return url_for("inbox.index")


@bp.post("/tasks/<task>/hand-over")
@page_policy("plain", act=WORK)
def hand_over(task: str) -> ResponseReturnValue:
    """Give the task to a colleague, perhaps with a note."""
    return current().move(lambda tx: _hand_over(tx, task), refused=partial(_refused, task, {}))


def _hand_over(tx: Tx, task: str) -> str:
    case_id = claims.open_task(tx, by=current().viewer, task_key=task).case_id
    claims.hand_over(
        tx,
        by=current().viewer,
        task_key=task,
        to_person=request.form.get("to", ""),
        now=current().now,
    )
    if text := request.form.get("note", "").strip():
        notes.write(
            tx,
            current().program.services,
            by=current().viewer,
            case_id=case_id,
            text=text,
            now=current().now,
        )
    return url_for("inbox.index")


@bp.get("/tasks/<task>/print")
@page_policy("plain", act=WORK)
def printed(task: str) -> ResponseReturnValue:
    """The form on paper, filled in or empty."""
    filled = request.args.get("filled") == "1"
    with current().transaction() as tx:
        at = _sit(tx, task)
        page = task_page.load_task_page(tx, at)
        sections = printed_form(at, filled=filled, raw=form_session.typed_so_far(tx, at))
        parts = [{"title": title, "answers": answers, "lines": ()} for title, answers in sections]
    with current().transaction(write=True) as tx:
        read_log.record_read(
            tx,
            by=current().viewer,
            case_id=page.task.case,
            purpose="print",
            classes=page.classes if filled else {"C0"},
            now=current().now,
            about={"task": task},
        )
    return render_template(
        "print/page.html",
        title=page.task.name,
        ref=page.ref,
        number=at.loaded.case.number,
        by=current().someone.name,
        at=current().now,
        parts=parts,
    )


# ---- what the views share


def _sit(tx: Tx, task: str) -> form_session.FormSession:
    return form_session.open_form_session(
        tx, current().program.services, current().viewer, task, current().now
    )


def _answers() -> dict[str, list[str]]:
    return {path: texts for path, texts in current().answers().items() if path not in BESIDE}


def _typed(task: str) -> tuple[dict[str, list[str]], tuple[FieldFault, ...]]:
    """What was typed, with the ids of the files that came with it; and the faults of files that are
    not taken.
    """
    typed = _answers()
    faults: list[FieldFault] = []
    for path, sent in request.files.lists():
        for n, file in enumerate(f for f in sent if f.filename):
            try:
                clean = _clean(path, file)
                id_ = current().move_part(
                    f"{path}-{n}", partial(_attach, task=task, path=path, clean=clean)
                )
                typed.setdefault(path, []).append(id_)
            except InvalidAnswers as e:
                faults += e.faults
    return typed, tuple(faults)


def _clean(path: str, file: FileStorage) -> documents.CheckedFile:
    """A file as it may be kept; looking at it takes a while, so no transaction waits for it.

    Raises:
        InvalidAnswers: why it is not taken.
    """
    most = current().program.settings.upload_max_mb
    try:
        return CLEANERS.clean(str(file.filename), file.mimetype, file.stream.read(), most_mb=most)
    except (TooLarge, WrongKind, Busy) as e:
        why = {"too_large": "large", "busy": "busy"}.get(e.code) or str(e.facts["why"])
        raise InvalidAnswers((FieldFault(path, f"form.file_{why}", {"most": most}),)) from e
    finally:
        file.stream.seek(0)


def _attach(tx: Tx, *, task: str, path: str, clean: documents.CheckedFile) -> str:
    return form_session.attach(
        tx,
        current().program.services,
        by=current().viewer,
        task_key=task,
        path=path,
        clean=clean,
        now=current().now,
    )


def _rows(task: str, typed: Raw, do: str) -> Raw:
    """The texts with a row more or less in a list, when that button was pressed."""
    what, _, path = do.partition(":")
    if what not in ("add", "remove"):
        return typed
    with current().transaction() as tx:
        form = _sit(tx, task).form
    return changed_rows(typed, form, what, path)


def _page(
    task: str,
    *,
    typed: Raw | None = None,
    faults: tuple[FieldFault, ...] = (),
    refused: str | None = None,
    status: int = 200,
) -> ResponseReturnValue:
    """The page, after a line that says who looks."""
    with current().transaction() as tx:
        at = _sit(tx, task)
        page = task_page.load_task_page(tx, at, typed=typed, faults=faults, refused=refused)
    with current().transaction(write=True) as tx:
        case_reads.record_task(
            tx,
            by=current().viewer,
            case_id=page.task.case,
            task=task,
            classes=page.classes,
            now=current().now,
        )
    can_refer = compose.may_refer(current().program.services, current().viewer, at.loaded)
    return render_template(
        "task/page.html",
        can_refer=can_refer,
        **{f.name: getattr(page, f.name) for f in fields(page)},
    ), status


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
        return _page(
            task, typed=typed or None, refused=_reason(task, fault), status=STATUSES[fault.code]
        )
    return None


def _reason(task: str, fault: TrestegError) -> str | None:
    """Why it was refused, as one sentence; None where the page itself says it."""
    at = current()
    if isinstance(fault, FourEyes):
        return None
    with at.transaction() as tx:
        if isinstance(fault, TaskTaken):
            name = accounts.names(tx, at.program.services, {str(fault.facts["by"])}).get(
                str(fault.facts["by"]), ""
            )
            since = fault.facts.get("since")
            return at.t(
                "task.taken",
                name=name,
                time=since.astimezone(ZoneInfo(at.zone)).strftime("%Y-%m-%d %H:%M")
                if isinstance(since, datetime)
                else "",
            )
        if isinstance(fault, CaseMoved) and "clashes" in fault.facts:
            return _clashing(_sit(tx, task), fault.facts["clashes"])  # type: ignore[arg-type]  # `_keep` put them there
    if isinstance(fault, ConsentMissing):
        return at.t("consent.needed")
    return at.t(f"error.{fault.code}.text")


def _clashing(at: form_session.FormSession, clashes: tuple[EditConflict, ...]) -> str:
    """The fields that another tab has changed too, with what it saved."""
    labels = (
        {path: at.form.say(f.label, current().lang) for path, f in at.form.walk()}
        if at.form is not None
        else {}
    )
    told = [(labels.get(without_numbers(c.path), c.path), ", ".join(c.theirs)) for c in clashes]
    return current().t(
        "task.clash", fields="; ".join(f"{label}: “{theirs}”" for label, theirs in told)
    )


def _over(task: str, typed: Raw) -> ResponseReturnValue | None:
    """The page of a task that is gone; None when nothing of it can be told."""
    at, case, step = current(), request.form.get("case", ""), request.form.get("step", "")
    try:
        if typed:
            with at.transaction(write=True) as tx:
                closed_task_page.keep_late_answers(
                    tx,
                    at.program.services,
                    by=at.viewer,
                    task_key=task,
                    raw=typed,
                    now=at.now,
                    case=case,
                    step=step,
                )
        with at.transaction() as tx:
            over = closed_task_page.load_closed_task_page(
                tx, at.program.services, at.viewer, task, at.now, case=case, step=step
            )
    except (TaskClosed, NotFound):
        return None
    facts: Mapping[str, Any] = {f.name: getattr(over, f.name) for f in fields(over)}
    return render_template("task/closed.html", **facts), 409 if over.raced else 410
