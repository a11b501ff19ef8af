"""The process owner's pages: the process and its releases, the diagram editor, publishing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from flask import Blueprint, Response, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.actions.casefile import diagram_state
from service.actions.people import accounts
from service.actions.publishing import drafts, editor
from service.actions.publishing import publish as publishing
from service.actions.publishing.diff import diff_bundles
from service.actions.publishing.editor import FindingText
from service.actions.releases.bundle import Bundle, unpack
from service.actions.releases.prepared import findings_of
from service.errors import BadDiagram, NotFound, Stale, TrestegError
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.text import languages
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("releases", __name__)
XML = "application/xml"
HASH = 12
"""Signs of a fingerprint that people read."""


@bp.get("/processes")
@page_policy("plain", act="read_process")
def index() -> ResponseReturnValue:
    """The process, its releases, its draft."""
    with current().transaction() as tx:
        home = editor.load_process_page(tx, current().program.services, current().lang)
    live = home.releases[0] if home.releases else None
    draft = home.draft
    shown = SimpleNamespace(
        id=home.id,
        name=home.name,
        current=live,
        open=live.open if live else 0,
        earlier=home.releases[1:],
        steps=home.steps,
        files=[(file, url_for(".download", release=live.id, name=file)) for file in home.files]
        if live
        else [],
        everything=url_for(".everything", release=live.id) if live else "",
        picture=url_for(".show", release=live.id, file=editor.main_file(home.id).rpartition("/")[2])
        if live
        else "",
        draft=SimpleNamespace(
            id=draft.id,
            name=draft.title,
            at=draft.at,
            by=home.draft_by,
            errors=_count(home.findings, "E"),
            warnings=_count(home.findings, "W"),
        )
        if draft
        else None,
    )
    return render_template(
        "processes/page.html",
        processes=[shown],
        can_edit=can_act(current().viewer, "edit_process"),
        discarded="discarded" in request.args,
    )


def _count(findings: Sequence[FindingText], severity: str) -> int:
    return sum(1 for one in findings if one.severity == severity)


@bp.get("/drafts/<release>")
@page_policy("diagram", act="read_process")
def draft(release: str) -> ResponseReturnValue:
    """The one address of a draft: its main diagram."""
    return redirect(_editor(release, _process()))


@bp.post("/drafts")
@page_policy("plain", act="edit_process")
def begin() -> ResponseReturnValue:
    """Begin a draft, or go on with the one that is open."""
    return current().move(_opened)


@bp.get("/drafts/<release>/diagram/<file>")
@page_policy("diagram", act="read_process")
def edit(release: str, file: str) -> ResponseReturnValue:
    """The editor with one of a draft's diagrams."""
    lang, services = current().lang, current().program.services
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, release)
        bundle = unpack(row.files)
        if f"workflows/{file}" not in bundle.files or not file.endswith(editor.DIAGRAM):
            raise NotFound
        by = _name(tx, row.by)
        live = services.current(tx)
    can_save = can_act(current().viewer, "edit_process")
    files = editor.diagrams(bundle, row.process)
    return render_template(
        "processes/editor.html",
        draft=SimpleNamespace(
            id=row.id,
            name=row.title,
            process=editor.process_name(live, row.process, lang),
            file=file,
            rev=row.rev,
            saved=row.at,
            by=by,
        ),
        files=[(name, name == file) for name in files],
        titles=editor.titles(live, lang),
        findings=_said(
            row.id, files, editor.finding_texts(findings_of(bundle, services.topics), lang)
        ),
        steps=diagram_state.plain_steps(live, row.process, file, lang)
        if file in live.drawn_in.values()
        else [],
        choices=editor.editor_choices(bundle, services, lang),
        can_save=can_save,
        can_publish=can_act(current().viewer, "publish"),
        at=request.args.get("at", ""),
    )


def _opened(tx: Tx) -> str:
    row = drafts.open_draft(tx, current().program.services, by=current().viewer, now=current().now)
    return _editor(row.id, row.process)


def _editor(draft: str, process: str) -> str:
    return url_for(".edit", release=draft, file=editor.main_file(process).rpartition("/")[2])


def _process() -> str:
    return current().program.services.programme.process


def _name(tx: Tx, person: str) -> str:
    return accounts.names(tx, current().program.services, [person]).get(person, "")


def _said(
    draft: str, files: Sequence[str], findings: Sequence[FindingText]
) -> list[dict[str, Any]]:
    """Findings for the editor; each leads to the diagram in which it is."""
    links = {file: url_for(".edit", release=draft, file=file) for file in files}
    return [
        {**asdict(one), "link": f"{links[one.file]}?at={one.element}" if one.file in links else ""}
        for one in findings
    ]


@bp.put("/drafts/<release>/diagram/<file>")
@page_policy("diagram", act="edit_process")
def save(release: str, file: str) -> ResponseReturnValue:
    """Keep a diagram of a draft that is still at the revision that `If-Match` names."""
    found = request.headers.get("If-Match", "").strip('"').removeprefix("r")
    if not found.isdigit():
        raise Stale
    services, content = current().program.services, request.get_data()
    name = f"workflows/{file}"
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, release)
    findings = drafts.check_draft(services, row, {name: content})
    with current().transaction(write=True) as tx:
        rev = drafts.save_file(
            tx,
            by=current().viewer,
            draft_id=release,
            name=name,
            content=content,
            found=findings,
            rev=int(found),
            now=current().now,
        )
        files = editor.diagrams(
            unpack(drafts.require_draft(tx, current().viewer, release).files), _process()
        )
    saved = current().now.astimezone(ZoneInfo(current().zone)).strftime("%H:%M")
    return jsonify(
        rev=rev,
        saved=saved,
        findings=_said(release, files, editor.finding_texts(findings, current().lang)),
    )


@bp.post("/drafts/<release>/lint/<file>")
@page_policy("diagram", act="read_process")
def lint(release: str, file: str) -> ResponseReturnValue:
    """What the linter says of a diagram as it is on the screen; nothing is kept."""
    with current().transaction() as tx:
        row = drafts.require_draft(tx, current().viewer, release)
    found = editor.finding_texts(
        drafts.check_draft(
            current().program.services, row, {f"workflows/{file}": request.get_data()}
        ),
        current().lang,
    )
    return jsonify(findings=_said(row.id, editor.diagrams(unpack(row.files), row.process), found))


@bp.route("/drafts/<release>/publish", methods=["GET", "POST"])
@page_policy("plain", act="read_process")
def publish(release: str) -> ResponseReturnValue:
    """What stands in the way, what will be different, and the button; then what was published."""
    if request.form.get("do") == "publish":
        checked = _checked(release)
        return current().move(
            lambda tx: _published(tx, release, checked), refused=lambda e: _not_yet(e, release)
        )
    return _publish_page(release)


def _checked(id_: str) -> publishing.CheckedRelease:
    """A draft linted and built, before the transaction that publishes it."""
    with current().transaction() as tx:
        bundle = publishing.bundle_to_publish(tx, current().viewer, id_)
    return publishing.check_release(current().program.services, bundle)


def _published(tx: Tx, id_: str, checked: publishing.CheckedRelease) -> str:
    form = request.form
    note, seen = form.get("note", "").strip()[:500], form.getlist("seen")
    publishing.publish_draft(
        tx,
        current().program.services,
        by=current().viewer,
        draft_id=id_,
        rev=current().rev or 0,
        checked=checked,
        note=note,
        now=current().now,
        seen=seen,
    )
    return url_for(".publish", release=id_)


def _not_yet(e: TrestegError, id_: str) -> ResponseReturnValue | None:
    return (
        _publish_page(id_, fault=current().t("owner.not_seen"), status=422)
        if isinstance(e, BadDiagram)
        else None
    )


def _publish_page(id_: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    services, lang = current().program.services, current().lang
    with current().transaction() as tx:
        row = rows.get_draft(tx, id_)
        if row is None:
            raise NotFound
        bundle, live = unpack(row.files), services.current(tx)
        same, became = editor.same_as(tx, bundle), editor.published_as(tx, row)
    main = editor.main_file(row.process).rpartition("/")[2]
    about = SimpleNamespace(
        id=row.id, name=row.title, process=editor.process_name(live, row.process, lang), file=main
    )
    if row.closed_at is not None:
        done = SimpleNamespace(name=became, hash=bundle.digest) if became else None
        return render_template("processes/publish.html", draft=about, done=done, closed=not done)
    return _open_page(about, row, bundle, live.bundle, same, fault), status


def _open_page(
    about: SimpleNamespace, row: rows.Draft, bundle: Bundle, before: Bundle, same: str, fault: str
) -> str:
    services, lang = current().program.services, current().lang
    findings = editor.finding_texts(findings_of(bundle, services.topics), lang)
    errors = [one for one in findings if one.severity == "E"]
    return render_template(
        "processes/publish.html",
        draft=about,
        done=None,
        errors=[f"{one.text} ({one.code}, {one.file})" for one in errors],
        warnings=[
            (
                one.value,
                f"{one.text} ({one.code}, {one.file})",
                one.value in request.form.getlist("seen"),
            )
            for one in findings
            if one.severity == "W"
        ],
        changes=[
            (one.kind, one.text) for one in diff_bundles(before, bundle, services.topics, lang)
        ],
        same=same,
        fault=fault if not errors else "",
        note=request.form.get("note", ""),
        rev=row.rev,
        can_publish=can_act(current().viewer, "publish"),
    )


@bp.post("/drafts/<release>/discard")
@page_policy("plain", act="edit_process")
def discard(release: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return current().move(lambda tx: _discarded(tx, release))


def _discarded(tx: Tx, id_: str) -> str:
    drafts.discard_draft(
        tx, current().program.services, by=current().viewer, draft_id=id_, now=current().now
    )
    return url_for(".index", discarded=1)


@bp.get("/releases/<release>/view/<file>")
@page_policy("diagram", act="read_process")
def show(release: str, file: str) -> ResponseReturnValue:
    """A release as it is drawn, with its steps as a list."""
    lang = current().lang
    with current().transaction() as tx:
        found = editor.find_release(tx, current().program.services, release)
        title = rows.title(tx, release)
    if file not in found.drawn_in.values() or title is None:
        raise NotFound
    return render_template(
        "processes/release.html",
        release=SimpleNamespace(
            id=release,
            name=f"v{found.number} · {release[:HASH]}",
            since=title.published_at,
            note=title.note,
        ),
        process=editor.process_name(found, found.process, lang),
        files=[(name, name == file) for name in editor.diagrams(found.bundle, found.process)],
        titles=editor.titles(found, lang),
        data=diagram_state.still_diagram_data(found, file, address),
        steps=diagram_state.plain_steps(found, found.process, file, lang),
    )


def address(release: str, file: str) -> str:
    """Where a drawing is, with names in the reader's language."""
    return url_for("releases.diagram_xml", release=release, file=file, lang=current().lang)


@bp.get("/releases/<release>/diagram/<file>")
@page_policy("file")
def diagram_xml(release: str, file: str) -> ResponseReturnValue:
    """A diagram of a release or draft.

    With `lang`, its names are swapped while it is served; that text is never saved.
    """
    lang = request.args.get("lang", "")
    with current().transaction() as tx:
        content = editor.drawing(
            tx,
            current().program.services,
            current().viewer,
            release,
            file,
            lang if lang in languages() else "",
        )
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
    """All files of a release in one."""
    with current().transaction() as tx:
        found = editor.find_release(tx, current().program.services, release)
    return _attachment(found.bundle.pack(), f"v{found.number}-{release[:HASH]}.zip")


def _attachment(content: bytes, name: str) -> Response:
    response = Response(content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
