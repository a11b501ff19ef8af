"""The process and its releases, for its owner: what is in force, how it is drawn, its files."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from types import SimpleNamespace

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.casefile import diagram_viewer, step_list
from service.casework.commands.command import Command
from service.errors import ApprovalNeeded, InvalidAnswers, NotAllowed, NotFound, TrestegError
from service.release.labels import process_name
from service.store.installation import releases as rows
from service.text import languages
from service.web.accounts.fresh_proof import require_proof
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import drafts, editor, publish, reviews
from service.workshop.drafts import UNDO
from service.workshop.editor import FindingText
from service.workshop.reviews import CURRENT, load_review

bp = Blueprint("releases", __name__)
XML = "application/xml"
HASH = 12
"""Characters of a release's digest that people read."""


@bp.get("/processes")
@page_policy("plain", act="read_process")
def index() -> ResponseReturnValue:
    """The process with its releases and its draft."""
    with current().transaction() as tx:
        page = editor.load_process_page(
            tx, current().program.services, current().viewer, current().now
        )
    return render_template(
        "processes/page.html",
        processes=[_process(page)],
        can_edit=can_act(current().viewer, "edit_process"),
        thrown="discarded" in request.args,
        discarded=_discarded(page),
        made=next((one.name for one in page.releases[:1] if "current" in request.args), ""),
    )


def _discarded(page: editor.ProcessPage) -> SimpleNamespace | None:
    """The draft that was thrown away and can be taken back, and until when."""
    row = page.discarded
    if row is None or row.closed_at is None:
        return None
    return SimpleNamespace(id=row.id, until=row.closed_at + UNDO)


def _process(page: editor.ProcessPage) -> SimpleNamespace:
    """The process as the template reads it; `current` is the release in force, None before any."""
    live, main = page.releases[0] if page.releases else None, editor.main_file(page.id)
    shown = SimpleNamespace(
        id=page.id,
        name=page.name,
        current=live,
        open=0,
        earlier=page.releases[1:],
        steps=page.steps,
        files=[],
        everything="",
        picture="",
        draft=_draft(page),
    )
    if live is not None:
        shown.open = live.open
        shown.files = [
            (file, url_for(".download", release=live.id, name=file)) for file in page.files
        ]
        shown.everything = url_for(".everything", release=live.id)
        shown.picture = url_for(".show", release=live.id, file=main.rpartition("/")[2])
    return shown


def _draft(page: editor.ProcessPage) -> SimpleNamespace | None:
    if page.draft is None:
        return None
    return SimpleNamespace(
        id=page.draft.id,
        name=page.draft.title,
        at=page.draft.at,
        by=page.draft_by,
        errors=_count(page.findings, "E"),
        warnings=_count(page.findings, "W"),
    )


def _count(findings: Sequence[FindingText], severity: str) -> int:
    return sum(1 for finding in findings if finding.severity == severity)


@bp.get("/releases/<release>/view/<file>")
@page_policy("diagram", act="read_process")
def show(release: str, file: str) -> ResponseReturnValue:
    """One diagram of a release, with its steps as a list."""
    return draw_release(release, file)


@bp.post("/releases/<release>/draft")
@page_policy("diagram", act="edit_process")
def begin_draft(release: str) -> ResponseReturnValue:
    """Begin a draft from this release."""
    return submit(
        partial(drafts.open_draft, base=release),
        then=lambda draft: url_for("drafts.show", draft=draft.id),
        refused=lambda e: redraw_release(e, release),
    )


@bp.post("/releases/<release>/current")
@page_policy("diagram", act="read_process")
def make_current(release: str) -> ResponseReturnValue:
    """Ask that an earlier release is current again, answer that, or make it current."""
    do = request.form.get("do", "")
    note = request.form.get("why", "").strip()
    back = url_for(".show", release=release, file=_main_file())
    if do in ("approve", "refuse"):
        review = request.form.get("request", "")
        if do == "approve":
            require_proof()
        answer = partial(reviews.decide, request_id=review, approve=do == "approve", about=release)
        return submit(answer, then=back)
    command: Command[object] = partial(reviews.ask_current, release_id=release, note=note)
    if do == "current":
        require_proof()
        command = partial(publish.make_current, release_id=release)
        back = url_for(".index", current=1)
    return submit(command, then=back, refused=lambda e: redraw_release(e, release, note))


def _main_file() -> str:
    return editor.main_file(current().program.services.programme.process).rpartition("/")[2]


def redraw_release(e: TrestegError, release: str, note: str = "") -> ResponseReturnValue | None:
    """The page of a release with the reason why nothing was done; None when it is none of its
    own.
    """
    fault = _sentence(e)
    return draw_release(release, fault=fault, note=note) if fault else None


def _sentence(e: TrestegError) -> str:
    context = current()
    match e:
        case NotAllowed(facts={"why": "draft_open"}):
            return context.t("owner.base_first")
        case NotAllowed(facts={"why": "current_release"}):
            return context.t("owner.current_already", name=context.t("owner.current"))
        case ApprovalNeeded():
            return context.t("owner.review_needed_current")
        case InvalidAnswers():
            return " ".join(context.t(fault.key, **fault.facts) for fault in e.faults)
    return ""


def draw_release(
    release: str, file: str = "", *, fault: str = "", note: str = ""
) -> ResponseReturnValue:
    """A release as it is drawn.

    Args:
        file: the diagram; the main one when none is named.
        fault: why nothing was done, drawn with status 422.
    Raises:
        NotFound: there is no such release, or no such diagram in it.
    """
    lang = current().lang
    with current().transaction() as tx:
        found = editor.find_release(tx, current().program.services, release)
        title = rows.title(tx, release)
        live = rows.live(tx, found.process)
        earlier = [one for one in rows.of_process(tx, found.process) if one.number < found.number]
        review = load_review(
            tx,
            current().program.services,
            current().viewer,
            current().now,
            kind=CURRENT,
            about=release,
            digest=release,
        )
    file = file or editor.main_file(found.process).rpartition("/")[2]
    if file not in found.drawn_in.values() or title is None:
        raise NotFound
    page = render_template(
        "processes/release.html",
        release=SimpleNamespace(
            id=release,
            name=f"v{found.number} · {release[:HASH]}",
            number=found.number,
            since=title.published_at,
            note=title.note,
            current=live is not None and live.id == release,
            withdrawn=title.state == "withdrawn",
        ),
        live=live.id if live is not None else "",
        previous=earlier[0].id if earlier else "",
        can_edit=can_act(current().viewer, "edit_process"),
        can_publish=can_act(current().viewer, "publish"),
        review=review,
        fault=fault,
        note=note,
        process=process_name(found, found.process, lang),
        files=[(name, name == file) for name in editor.diagrams(found.bundle, found.process)],
        titles=editor.titles(found, lang),
        data=diagram_viewer.still_diagram_data(found, file, diagram_address),
        steps=step_list.plain_steps(found, found.process, file, lang),
    )
    return page, 422 if fault else 200


@bp.get("/releases/<release>/diagram/<file>")
@page_policy("file")
def diagram_xml(release: str, file: str) -> ResponseReturnValue:
    """The XML of a diagram of a release or draft.

    With `lang`, its names are translated while it is served; that text is never saved.
    """
    context = current()
    lang = request.args.get("lang", "")
    lang = lang if lang in languages() else ""
    with context.transaction() as tx:
        content = editor.drawing(tx, context.program.services, context.viewer, release, file, lang)
    return Response(content, content_type=f"{XML}; charset=utf-8")


@bp.get("/releases/<release>/files/<path:name>")
@page_policy("file")
def download(release: str, name: str) -> ResponseReturnValue:
    """A file of a release or draft, as it is."""
    with current().transaction() as tx:
        content = editor.file_of(tx, current().program.services, current().viewer, release, name)
    return _attachment(content, name.rpartition("/")[2])


@bp.get("/releases/<release>/all")
@page_policy("file", act="read_process")
def everything(release: str) -> ResponseReturnValue:
    """All files of a release as one ZIP."""
    with current().transaction() as tx:
        found = editor.find_release(tx, current().program.services, release)
    return _attachment(found.bundle.pack(), f"v{found.number}-{release[:HASH]}.zip")


def _attachment(content: bytes, name: str) -> Response:
    response = Response(content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
