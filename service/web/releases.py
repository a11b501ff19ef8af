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
from service.actions import accounts, editing, picture
from service.actions import releases as verbs
from service.actions.bundle import Bundle, unpack
from service.actions.changes import changes
from service.actions.editing import Told
from service.actions.shelf import findings_of
from service.errors import BadDiagram, NotFound, Stale, TrestegError
from service.store import releases as rows
from service.store.database import Tx
from service.text import languages
from service.web.doors import door
from service.web.here import here

bp = Blueprint("releases", __name__)
XML = "application/xml"
HASH = 12
"""Signs of a fingerprint that people read."""


@bp.get("/processes")
@door("plain", act="read_process")
def index() -> ResponseReturnValue:
    """The process, its releases, its draft."""
    with here().transaction() as tx:
        home = editing.home(tx, here().program.house, here().lang)
    current = home.releases[0] if home.releases else None
    draft = home.draft
    shown = SimpleNamespace(
        id=home.id,
        name=home.name,
        current=current,
        open=current.open if current else 0,
        earlier=home.releases[1:],
        steps=home.steps,
        files=[(file, url_for(".download", release=current.id, name=file)) for file in home.files] if current else [],
        everything=url_for(".everything", release=current.id) if current else "",
        picture=url_for(".show", release=current.id, file=editing.main_file(home.id).rpartition("/")[2]) if current else "",
        draft=SimpleNamespace(
            id=draft.id, name=draft.title, at=draft.at, by=home.draft_by, errors=_count(home.findings, "E"), warnings=_count(home.findings, "W")
        )
        if draft
        else None,
    )
    return render_template("processes/page.html", processes=[shown], can_edit=can_act(here().viewer, "edit_process"), discarded="discarded" in request.args)


def _count(findings: Sequence[Told], severity: str) -> int:
    return sum(1 for one in findings if one.severity == severity)


@bp.get("/drafts/<release>")
@door("diagram", act="read_process")
def draft(release: str) -> ResponseReturnValue:
    """The one address of a draft: its main diagram."""
    return redirect(_editor(release, _process()))


@bp.post("/drafts")
@door("plain", act="edit_process")
def begin() -> ResponseReturnValue:
    """Begin a draft, or go on with the one that is open."""
    return here().move(_opened)


@bp.get("/drafts/<release>/diagram/<file>")
@door("diagram", act="read_process")
def edit(release: str, file: str) -> ResponseReturnValue:
    """The editor with one of a draft's diagrams."""
    lang, house = here().lang, here().program.house
    with here().transaction() as tx:
        row = verbs.draft(tx, here().viewer, release)
        bundle = unpack(row.files)
        if f"workflows/{file}" not in bundle.files or not file.endswith(editing.DIAGRAM):
            raise NotFound
        by = _name(tx, row.by)
        current = house.current(tx)
    can_save = can_act(here().viewer, "edit_process")
    files = editing.diagrams(bundle, row.process)
    return render_template(
        "processes/editor.html",
        draft=SimpleNamespace(id=row.id, name=row.title, process=editing.process_name(current, row.process, lang), file=file, rev=row.rev, saved=row.at, by=by),
        files=[(name, name == file) for name in files],
        titles=editing.titles(current, lang),
        findings=_said(row.id, files, editing.told(findings_of(bundle, house.topics), lang)),
        steps=picture.plain_steps(current, row.process, file, lang) if file in current.drawn_in.values() else [],
        choices=editing.choices(bundle, house, lang),
        can_save=can_save,
        can_publish=can_act(here().viewer, "publish"),
        at=request.args.get("at", ""),
    )


def _opened(tx: Tx) -> str:
    row = verbs.open_draft(tx, here().program.house, here().viewer, now=here().now)
    return _editor(row.id, row.process)


def _editor(draft: str, process: str) -> str:
    return url_for(".edit", release=draft, file=editing.main_file(process).rpartition("/")[2])


def _process() -> str:
    return here().program.house.programme.process


def _name(tx: Tx, person: str) -> str:
    return accounts.names(tx, here().program.house, [person]).get(person, "")


def _said(draft: str, files: Sequence[str], findings: Sequence[Told]) -> list[dict[str, Any]]:
    """Findings for the editor; each leads to the diagram in which it is."""
    links = {file: url_for(".edit", release=draft, file=file) for file in files}
    return [{**asdict(one), "link": f"{links[one.file]}?at={one.element}" if one.file in links else ""} for one in findings]


@bp.put("/drafts/<release>/diagram/<file>")
@door("diagram", act="edit_process")
def save(release: str, file: str) -> ResponseReturnValue:
    """Keep a diagram of a draft that is still at the revision that `If-Match` names."""
    found = request.headers.get("If-Match", "").strip('"').removeprefix("r")
    if not found.isdigit():
        raise Stale
    house, content = here().program.house, request.get_data()
    name = f"workflows/{file}"
    with here().transaction() as tx:
        row = verbs.draft(tx, here().viewer, release)
    findings = verbs.check(house, row, {name: content})
    with here().transaction(write=True) as tx:
        rev = verbs.save_file(tx, here().viewer, release, name=name, content=content, found=findings, rev=int(found), now=here().now)
        files = editing.diagrams(unpack(verbs.draft(tx, here().viewer, release).files), _process())
    saved = here().now.astimezone(ZoneInfo(here().zone)).strftime("%H:%M")
    return jsonify(rev=rev, saved=saved, findings=_said(release, files, editing.told(findings, here().lang)))


@bp.post("/drafts/<release>/lint/<file>")
@door("diagram", act="read_process")
def lint(release: str, file: str) -> ResponseReturnValue:
    """What the linter says of a diagram as it is on the screen; nothing is kept."""
    with here().transaction() as tx:
        row = verbs.draft(tx, here().viewer, release)
    found = editing.told(verbs.check(here().program.house, row, {f"workflows/{file}": request.get_data()}), here().lang)
    return jsonify(findings=_said(row.id, editing.diagrams(unpack(row.files), row.process), found))


@bp.route("/drafts/<release>/publish", methods=["GET", "POST"])
@door("plain", act="read_process")
def publish(release: str) -> ResponseReturnValue:
    """What stands in the way, what will be different, and the button; then what was published."""
    if request.form.get("do") == "publish":
        return here().move(lambda tx: _published(tx, release), refused=lambda e: _not_yet(e, release))
    return _publish_page(release)


def _published(tx: Tx, id_: str) -> str:
    form = request.form
    note, seen = form.get("note", "").strip()[:500], form.getlist("seen")
    verbs.publish(tx, here().program.house, here().viewer, id_, rev=here().rev or 0, note=note, now=here().now, seen=seen)
    return url_for(".publish", release=id_)


def _not_yet(e: TrestegError, id_: str) -> ResponseReturnValue | None:
    return _publish_page(id_, fault=here().t("owner.not_seen"), status=422) if isinstance(e, BadDiagram) else None


def _publish_page(id_: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    house, lang = here().program.house, here().lang
    with here().transaction() as tx:
        row = rows.get_draft(tx, id_)
        if row is None:
            raise NotFound
        bundle, current = unpack(row.files), house.current(tx)
        same, became = editing.same_as(tx, bundle), editing.published_as(tx, row)
    main = editing.main_file(row.process).rpartition("/")[2]
    about = SimpleNamespace(id=row.id, name=row.title, process=editing.process_name(current, row.process, lang), file=main)
    if row.closed_at is not None:
        done = SimpleNamespace(name=became, hash=bundle.digest) if became else None
        return render_template("processes/publish.html", draft=about, done=done, closed=not done)
    return _open_page(about, row, bundle, current.bundle, same, fault), status


def _open_page(about: SimpleNamespace, row: rows.Draft, bundle: Bundle, before: Bundle, same: str, fault: str) -> str:
    house, lang = here().program.house, here().lang
    findings = editing.told(findings_of(bundle, house.topics), lang)
    errors = [one for one in findings if one.severity == "E"]
    return render_template(
        "processes/publish.html",
        draft=about,
        done=None,
        errors=[f"{one.text} ({one.code}, {one.file})" for one in errors],
        warnings=[(one.value, f"{one.text} ({one.code}, {one.file})", one.value in request.form.getlist("seen")) for one in findings if one.severity == "W"],
        changes=[(one.kind, one.text) for one in changes(before, bundle, house.topics, lang)],
        same=same,
        fault=fault if not errors else "",
        note=request.form.get("note", ""),
        rev=row.rev,
        can_publish=can_act(here().viewer, "publish"),
    )


@bp.post("/drafts/<release>/discard")
@door("plain", act="edit_process")
def discard(release: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return here().move(lambda tx: _discarded(tx, release))


def _discarded(tx: Tx, id_: str) -> str:
    verbs.discard(tx, here().program.house, here().viewer, id_, now=here().now)
    return url_for(".index", discarded=1)


@bp.get("/releases/<release>/view/<file>")
@door("diagram", act="read_process")
def show(release: str, file: str) -> ResponseReturnValue:
    """A release as it is drawn, with its steps as a list."""
    lang = here().lang
    with here().transaction() as tx:
        found = editing.release(tx, here().program.house, release)
        title = rows.title(tx, release)
    if file not in found.drawn_in.values() or title is None:
        raise NotFound
    return render_template(
        "processes/release.html",
        release=SimpleNamespace(id=release, name=f"v{found.number} · {release[:HASH]}", since=title.published_at, note=title.note),
        process=editing.process_name(found, found.process, lang),
        files=[(name, name == file) for name in editing.diagrams(found.bundle, found.process)],
        titles=editing.titles(found, lang),
        data=picture.still(found, file, address),
        steps=picture.plain_steps(found, found.process, file, lang),
    )


def address(release: str, file: str) -> str:
    """Where a drawing is, with names in the reader's language."""
    return url_for("releases.diagram_xml", release=release, file=file, lang=here().lang)


@bp.get("/releases/<release>/diagram/<file>")
@door("file")
def diagram_xml(release: str, file: str) -> ResponseReturnValue:
    """A diagram of a release or draft. With `lang`, its names are swapped while it is served; that text is never saved."""
    lang = request.args.get("lang", "")
    with here().transaction() as tx:
        content = editing.drawing(tx, here().program.house, here().viewer, release, file, lang if lang in languages() else "")
    return Response(content, content_type=f"{XML}; charset=utf-8")


@bp.get("/releases/<release>/files/<path:name>")
@door("file")
def download(release: str, name: str) -> ResponseReturnValue:
    """A file of a release or draft, as it is."""
    with here().transaction() as tx:
        content = editing.file_of(tx, here().program.house, here().viewer, release, name)
    return _attachment(content, name.rpartition("/")[2])


@bp.get("/releases/<release>/all")
@door("file", act="read_process")
def everything(release: str) -> ResponseReturnValue:
    """All files of a release in one."""
    with here().transaction() as tx:
        found = editing.release(tx, here().program.house, release)
    return _attachment(found.bundle.pack(), f"v{found.number}-{release[:HASH]}.zip")


def _attachment(content: bytes, name: str) -> Response:
    response = Response(content, content_type="application/octet-stream")
    response.headers.set("Content-Disposition", "attachment", filename=name)
    return response
