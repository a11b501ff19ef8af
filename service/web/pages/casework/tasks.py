"""The views of a task: its page, sending its form with files, and passing it on."""

from __future__ import annotations

from functools import partial

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage

from service.casework.approvals import protected_acts
from service.casework.casefile import read_log
from service.casework.casefile.documents import CheckedFile
from service.casework.cases.turn import TurnResult
from service.casework.commands.command import Command, CommandWithReads
from service.casework.commands.task_completion import complete_task
from service.casework.tasks import claims, form_session, task_page
from service.casework.tasks.form_as_text import printed_form, review_form
from service.casework.tasks.send_buttons import SEND, preview_buttons
from service.casework.tasks.task_commands import (
    attach_file,
    hand_over_task,
    keep_unsent_answers,
    use_colleagues_answers,
)
from service.casework.tasks.unsent_answers import SavedAnswers
from service.errors import FieldFault, InvalidAnswers, TaskTaken, TrestegError
from service.forms import Raw, last_row
from service.sandbox.attachments import SHARED as CLEANERS
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework.sent_receipt import address_of_next
from service.web.pages.casework.task_drawing import (
    INVALID,
    conflicting_fields,
    draw_closed,
    draw_refused,
    draw_task,
    open_page,
    open_session,
    taken_by,
)
from service.web.request_context import current
from service.web.submit import perform, redraw, submit, submit_once, unsent_reply
from service.workshop.release_news import mark_step_known

bp = Blueprint("tasks", __name__)
NO_ANSWER = frozenset({"case", "step", "news", "confirmed", SEND})
"""Fields that the page carries besides answers: the case and step it belongs to, the release
whose change it says, that the end of the case is meant, and the plain button."""
Typed = dict[str, list[str]]
"""Field path to texts."""


@bp.get("/tasks/<task>")
@page_policy("plain", act=WORK)
def show(task: str) -> ResponseReturnValue:
    """The page of a task."""
    redraw(partial(draw_closed, task, {}))
    return draw_task(task)


@bp.post("/tasks/<task>")
@page_policy("plain", act=WORK)
def send(task: str) -> ResponseReturnValue:
    """Send the answers; or keep them, or draw the page again, as the pressed button says.

    Files are kept at once in any case.
    """
    redraw(partial(_gone_with_files, task, _typed_answers()))
    typed, faults = _typed_with_files(task)
    do = request.form.get("do", "")
    refused = partial(_refused, task, typed)
    keep = partial(
        keep_unsent_answers,
        task_key=task,
        answers=typed,
        rev=current().unsent_rev,
        refuse_conflicts=True,
    )
    if do == "keep":
        kept = submit(keep, then=url_for("tasks.show", task=task), refused=refused)
        return draw_task(task, typed=typed, faults=faults, status=INVALID) if faults else kept
    if do.startswith(("add:", "remove:")) and not faults:
        redraw(refused)
        changed = partial(keep, button=do)
        return submit(changed, then=partial(_address_of_rows, task, do), refused=refused)
    if do or faults:
        status = INVALID if faults else 200
        return draw_task(task, typed=typed, faults=faults, status=status, button=do)
    confirmed = "confirmed" in request.form
    complete = partial(
        complete_task, task_key=task, answers=typed, rev=current().rev, end_confirmed=confirmed
    )
    act = CommandWithReads(partial(turn_rows.reads_of_task, key=task), complete)
    sent = submit(act, then=_address_after, refused=refused)
    _note_known_step()
    return sent


def _typed_answers() -> Typed:
    """Answers that were typed into the form of a task, without its files."""
    return current().answers(NO_ANSWER)


def _typed_with_files(task: str) -> tuple[Typed, tuple[FieldFault, ...]]:
    """Answers that were typed, with the ids of the files that came with them; and the faults of
    files that are not taken. Files are attached to the task at once.
    """
    typed = _typed_answers()
    faults: list[FieldFault] = []
    for path, sent in request.files.lists():
        for n, file in enumerate(part for part in sent if part.filename):
            try:
                command = partial(
                    attach_file, task_key=task, path=path, file=_checked(path, file), in_unsent=True
                )
                key = f"{current().key}-{path}-{n}"
                id_ = submit_once(command, key, lambda kept: kept, counts=False)
                typed.setdefault(path, []).append(id_)
            except InvalidAnswers as e:
                faults += e.faults
    return typed, tuple(faults)


def _checked(path: str, file: FileStorage) -> CheckedFile:
    most = current().program.settings.upload_max_mb
    sent = (str(file.filename), file.mimetype, file.stream.read())
    file.stream.seek(0)
    return CLEANERS.clean_field(path, *sent, most_mb=most)


def _refused(task: str, typed: Raw, fault: TrestegError) -> ResponseReturnValue | None:
    """The page of a refused form; what was typed is kept first when a colleague has the task."""
    _keep_beside(task, typed, fault)
    return draw_refused(task, typed, fault)


def _gone_with_files(task: str, typed: Raw, fault: TrestegError) -> ResponseReturnValue | None:
    """The page of a task that takes no file any more: it is closed, or a colleague has it."""
    _keep_beside(task, typed, fault)
    return draw_closed(task, typed, fault)


def _keep_beside(task: str, typed: Raw, fault: TrestegError) -> None:
    if isinstance(fault, TaskTaken):
        rev = current().unsent_rev
        perform(partial(keep_unsent_answers, task_key=task, answers=typed, rev=rev))


def _note_known_step() -> None:
    """Note that the person has done a step whose page said what changed in it."""
    context = current()
    release = request.form.get("news", "")
    if release:
        step = {"element": request.form.get("step", ""), "release_id": release}
        context.write(
            lambda tx: mark_step_known(tx, context.program.services, context.viewer, **step)
        )


def _address_after(sent: TurnResult) -> str:
    """The page of the task that comes next, when it is the sender's own, else the inbox; each says
    what was sent and where its case is.
    """
    return address_of_next(sent) or url_for("inbox.index", sent=sent.case_id, rev=sent.rev)


def _address_of_rows(task: str, button: str, kept: SavedAnswers) -> str:
    """The page at the row that a button without script has added, or at the list of a row that it
    has removed; loading it again shows what is saved.
    """
    what, _, path = button.partition(":")
    place = last_row(kept.raw, path) if what == "add" else path.rpartition(".")[0]
    return url_for("tasks.show", task=task, _anchor=f"f-{place.replace('.', '-')}")


@bp.post("/tasks/<task>/unsent")
@page_policy("plain", act=WORK)
def unsent(task: str) -> ResponseReturnValue:
    """Keep what is typed, again and again while somebody types; or use what a colleague typed."""
    if author := request.form.get("use", ""):
        use = partial(use_colleagues_answers, task_key=task, author=author)
        return submit(use, then=url_for("tasks.show", task=task))
    typed, rev = _typed_answers(), current().unsent_rev
    saved = perform(partial(keep_unsent_answers, task_key=task, answers=typed, rev=rev))
    return unsent_reply(saved, partial(conflicting_fields, task), taken_by)


@bp.post("/tasks/<task>/preview")
@page_policy("plain", act=WORK, awake=False)
def preview(task: str) -> ResponseReturnValue:
    """The consequences of each send button now, as JSON; with do=review also the last step of a
    form in steps, which shows what it holds and lacks. Writes nothing.
    """
    with current().transaction() as tx:
        session = open_session(tx, task)
        typed = _typed_answers()
        answer = preview_buttons(session, typed)
        if request.form.get("do") == "review":
            answer["review"] = review_form(session, session.own(typed))
    return jsonify(answer)


@bp.post("/tasks/<task>/claim")
@page_policy("plain", act=WORK)
def claim(task: str) -> ResponseReturnValue:
    """Claim a free task; or take it over from a colleague, with a reason."""
    sent = request.form
    command: Command[object] = partial(claims.claim, task_key=task)
    if sent.get("do") == "take_over":
        command = partial(claims.take_over, task_key=task, reason=sent.get("word", ""))
    then = url_for("tasks.show", task=task)
    return submit(command, then=then, refused=partial(draw_refused, task, {}))


@bp.post("/tasks/<task>/put-back")
@page_policy("plain", act=WORK)
def put_back(task: str) -> ResponseReturnValue:
    """Give the task back to the office."""
    command = partial(claims.release_task, task_key=task, reason=request.form.get("word", ""))
    return submit(command, then=url_for("inbox.index"), refused=partial(draw_refused, task, {}))


@bp.post("/tasks/<task>/hand-over")
@page_policy("plain", act=WORK)
def hand_over(task: str) -> ResponseReturnValue:
    """Give the task to a colleague, perhaps with a note."""
    sent = request.form
    command = partial(
        hand_over_task,
        task_key=task,
        to_person=sent.get("to", ""),
        note=sent.get("note", "").strip(),
    )
    return submit(command, then=url_for("inbox.index"), refused=partial(draw_refused, task, {}))


@bp.get("/tasks/<task>/print")
@page_policy("plain", act=WORK)
def printed(task: str) -> ResponseReturnValue:
    """The form on paper, filled in or empty."""
    context = current()
    filled = request.args.get("filled") == "1"

    def load(tx: Tx) -> dict[str, object]:
        session = open_page(tx, task)
        page = task_page.load_task_page(session)
        if filled:
            protected_acts.use_if_protected(
                tx,
                by=context.viewer,
                now=context.now,
                case=session.target.loaded.case,
                kind=protected_acts.PRINT_TASK,
                subject=task,
            )
        raw = form_session.typed_so_far(session)
        sections = printed_form(session, filled=filled, raw=raw)
        read_log.record_read(
            tx,
            by=context.viewer,
            now=context.now,
            case_id=page.task.case,
            purpose="print",
            classes=page.classes if filled else {"C0"},
            about={"task": task},
        )
        return {
            "title": page.task.name,
            "ref": page.ref,
            "number": session.target.loaded.case.number,
            "parts": [
                {"title": title, "answers": answers, "lines": ()} for title, answers in sections
            ],
        }

    return render_template(
        "print/page.html", **context.read_and_log(load), by=context.signed_in.name, at=context.now
    )
