"""Drafts of a release: the diagram editor, what the linter says, publishing, throwing one away."""
# long: editing and publishing a draft share how it is loaded and what its findings link to

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from types import SimpleNamespace
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.actions.casefile import step_list
from service.actions.casefile.step_list import StepListLine
from service.actions.people import accounts
from service.actions.publishing import drafts as draft_actions
from service.actions.publishing import editor
from service.actions.publishing import publish as publishing
from service.actions.publishing.diff import diff_bundles
from service.actions.publishing.draft_commands import (
    AskPublication,
    DecideReview,
    DiscardDraft,
    OpenDraft,
    PublishDraft,
    ReopenDraft,
)
from service.actions.publishing.editor import FindingText
from service.actions.publishing.reviews import PUBLISH, Review, load_review
from service.actions.releases.bundle import Bundle, unpack
from service.actions.releases.prepared import PreparedRelease, findings_of
from service.errors import (
    ApprovalNeeded,
    BadDiagram,
    InvalidAnswers,
    NotFound,
    Stale,
    TrestegError,
)
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.web.submit import submit
from service.web.template_globals import moment_filter

bp = Blueprint("drafts", __name__)
MOST = 500
"""Longest word on what is new, in characters."""


@bp.get("/drafts/<release>")
@page_policy("diagram", act="read_process")
def draft(release: str) -> ResponseReturnValue:
    """The address of a draft: redirect to the editor with its main diagram."""
    return redirect(_editor(release, _process()))


@bp.post("/drafts")
@page_policy("plain", act="edit_process")
def begin() -> ResponseReturnValue:
    """Open a draft: a new one, or the one that is open already."""
    return submit(OpenDraft(), then=lambda draft: _editor(draft.id, draft.process))


@bp.post("/drafts/<release>/reopen")
@page_policy("plain", act="edit_process")
def reopen(release: str) -> ResponseReturnValue:
    """Take up again a draft that was thrown away."""
    return submit(ReopenDraft(release), then=lambda draft: _editor(draft.id, draft.process))


@bp.get("/drafts/<release>/diagram/<file>")
@page_policy("diagram", act="read_process")
def edit(release: str, file: str) -> ResponseReturnValue:
    """The editor with one of a draft's diagrams."""
    lang, services = current().lang, current().program.services
    with current().transaction() as tx:
        row = draft_actions.require_draft(tx, current().viewer, release)
        bundle = unpack(row.files)
        if f"workflows/{file}" not in bundle.files or not file.endswith(editor.DIAGRAM):
            raise NotFound
        by = _name(tx, row.by)
        live = services.current(tx)
    files = editor.diagrams(bundle, row.process)
    findings = editor.finding_texts(findings_of(bundle, services.topics), lang)
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
        findings=_with_links(row.id, files, findings),
        steps=_steps(live, row.process, file),
        choices=editor.editor_choices(bundle, services, lang),
        can_save=can_act(current().viewer, "edit_process"),
        can_publish=can_act(current().viewer, "publish"),
        at=request.args.get("at", ""),
    )


def _steps(live: PreparedRelease, process: str, file: str) -> list[StepListLine]:
    """The steps of a diagram as a list, where the release in force has that diagram already."""
    if file not in live.drawn_in.values():
        return []
    return step_list.plain_steps(live, process, file, current().lang)


def _editor(draft: str, process: str) -> str:
    return url_for(".edit", release=draft, file=editor.main_file(process).rpartition("/")[2])


def _stale(release: str) -> ResponseReturnValue:
    """That somebody saved a draft first: who, and when."""
    at = current()
    with at.transaction() as tx:
        row = draft_actions.require_draft(tx, at.viewer, release)
        who = _name(tx, row.by) or at.t("word.somebody")
    detail = at.t("owner.saved_by", who=who, time=moment_filter(row.at))
    return jsonify(code="stale", status=409, detail=detail), 409


def _process() -> str:
    return current().program.services.programme.process


def _name(tx: Tx, person: str) -> str:
    return accounts.names(tx, current().program.services, [person]).get(person, "")


def _with_links(
    draft: str, files: Sequence[str], findings: Sequence[FindingText]
) -> list[dict[str, Any]]:
    """Findings as JSON; each links to the diagram that it is in."""
    links = {file: url_for(".edit", release=draft, file=file) for file in files}
    return [
        {**asdict(found), "link": f"{links[found.file]}?at={found.element}"}
        if found.file in links
        else {**asdict(found), "link": ""}
        for found in findings
    ]


@bp.put("/drafts/<release>/diagram/<file>")
@page_policy("diagram", act="edit_process")
def save(release: str, file: str) -> ResponseReturnValue:  # long: one argument a line
    """Save a diagram of a draft that is still at the revision that `If-Match` names.

    It is linted between a transaction that reads and one that writes: linting is slow.

    Raises:
        Stale: no revision was named.
    """
    revision = request.headers.get("If-Match", "").strip('"').removeprefix("r")
    if not revision.isdigit():
        raise Stale
    services, content = current().program.services, request.get_data()
    name = f"workflows/{file}"
    with current().transaction() as tx:
        row = draft_actions.require_draft(tx, current().viewer, release)
        if name not in unpack(row.files).files:
            raise NotFound
    if row.rev != int(revision):
        return _stale(release)
    findings = draft_actions.check_draft(services, row, {name: content})
    try:
        with current().transaction(write=True) as tx:
            rev = draft_actions.save_files(
                tx,
                services,
                by=current().viewer,
                draft_id=release,
                changed={name: content},
                found=findings,
                rev=int(revision),
                now=current().now,
            )
            kept = draft_actions.require_draft(tx, current().viewer, release)
    except Stale:
        return _stale(release)
    files = editor.diagrams(unpack(kept.files), _process())
    return jsonify(
        rev=rev,
        saved=current().clock_time,
        findings=_with_links(release, files, editor.finding_texts(findings, current().lang)),
    )


@bp.post("/drafts/<release>/lint/<file>")
@page_policy("diagram", act="read_process")
def lint(release: str, file: str) -> ResponseReturnValue:
    """Lint a diagram as it is on the screen; nothing is saved."""
    with current().transaction() as tx:
        row = draft_actions.require_draft(tx, current().viewer, release)
    if f"workflows/{file}" not in unpack(row.files).files:
        raise NotFound
    content = {f"workflows/{file}": request.get_data()}
    found = draft_actions.check_draft(current().program.services, row, content)
    files = editor.diagrams(unpack(row.files), row.process)
    texts = editor.finding_texts(found, current().lang)
    return jsonify(findings=_with_links(row.id, files, texts))


@bp.route("/drafts/<release>/publish", methods=["GET", "POST"])
@page_policy("plain", act="read_process")
def publish(release: str) -> ResponseReturnValue:
    """The page before publishing, with errors, changes and the review; ask for a review; publish;
    or what was published.
    """
    do, sent, back = request.form.get("do"), request.form, url_for(".publish", release=release)
    if do not in ("ask", "publish"):
        return _publish_page(release)
    checked, rev = _checked(release), current().rev or 0
    note, seen = sent.get("why", "").strip()[:MOST], sent.getlist("seen")
    command: AskPublication | PublishDraft = (
        AskPublication(release, rev, checked, note, seen)
        if do == "ask"
        else PublishDraft(release, rev, checked, note, seen)
    )
    return submit(command, then=back, refused=lambda e: _not_yet(e, release))


@bp.post("/drafts/<release>/review/<approval>")
@page_policy("plain", act="read_process")
def review(release: str, approval: str) -> ResponseReturnValue:
    """Approve a draft, or refuse it, as the pressed button says."""
    do = request.form.get("do", "")
    if do not in ("approve", "refuse"):
        raise NotFound
    return submit(
        DecideReview(approval, do == "approve"), then=url_for(".publish", release=release)
    )


def _checked(id_: str) -> publishing.CheckedRelease:
    """Lint and build a draft, before the transaction that publishes it."""
    with current().transaction() as tx:
        bundle = publishing.bundle_to_publish(tx, current().viewer, id_)
    return publishing.check_release(current().program.services, bundle)


def _not_yet(e: TrestegError, id_: str) -> ResponseReturnValue | None:
    match e:
        case BadDiagram():
            fault = current().t("owner.not_seen")
        case InvalidAnswers():
            fault = " ".join(current().t(fault.key, **fault.facts) for fault in e.faults)
        case ApprovalNeeded():
            fault = current().t("owner.review_needed")
        case _:
            return None
    return _publish_page(id_, fault=fault, status=422)


def _publish_page(id_: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    services, lang = current().program.services, current().lang
    with current().transaction() as tx:
        row = rows.get_draft(tx, id_)
        if row is None:
            raise NotFound
        bundle, live = unpack(row.files), services.current(tx)
        same, became = _same_as(tx, row, bundle), editor.published_as(tx, row)
        asked = load_review(
            tx,
            services,
            current().viewer,
            current().now,
            kind=PUBLISH,
            about=row.id,
            digest=bundle.digest,
        )
    main = editor.main_file(row.process).rpartition("/")[2]
    about = SimpleNamespace(
        id=row.id, name=row.title, process=editor.process_name(live, row.process, lang), file=main
    )
    if row.closed_at is not None:
        done = SimpleNamespace(name=became, hash=bundle.digest) if became else None
        return render_template("processes/publish.html", draft=about, done=done, closed=not done)
    return _open_page(about, row, bundle, live.bundle, same, asked, fault), status


def _same_as(tx: Tx, row: rows.Draft, bundle: Bundle) -> SimpleNamespace | None:
    """The release that has exactly these files; None when there is none."""
    known, live = rows.title(tx, bundle.digest), rows.live(tx, row.process)
    if known is None:
        return None
    file = editor.main_file(row.process).rpartition("/")[2]
    return SimpleNamespace(
        name=f"v{known.number}",
        current=live is not None and live.id == known.id,
        link=url_for("releases.show", release=known.id, file=file),
    )


def _open_page(
    about: SimpleNamespace,
    row: rows.Draft,
    bundle: Bundle,
    before: Bundle,
    same: SimpleNamespace | None,
    asked: Review | None,
    fault: str,
) -> str:
    services, lang = current().program.services, current().lang
    findings = editor.finding_texts(findings_of(bundle, services.topics), lang)
    errors = [_line(found) for found in findings if found.severity == "E"]
    warnings = [found for found in findings if found.severity == "W"]
    seen = request.form.getlist("seen")
    # she ticked them when she asked for what was approved since
    approved = asked is not None and asked.may_use and asked.same
    changes = diff_bundles(before, bundle, services.topics, lang)
    return render_template(
        "processes/publish.html",
        draft=about,
        done=None,
        errors=errors,
        warnings=[
            (found.value, _line(found), approved or found.value in seen) for found in warnings
        ],
        changes=[(change.kind, change.text) for change in changes],
        same=same,
        fault=fault if not errors else "",
        note=request.form.get("why", asked.note if asked is not None else ""),
        review=asked,
        rev=row.rev,
        can_publish=can_act(current().viewer, "publish"),
    )


def _line(found: FindingText) -> str:
    return f"{found.text} ({found.code}, {found.file})"


@bp.post("/drafts/<release>/discard")
@page_policy("plain", act="edit_process")
def discard(release: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return submit(DiscardDraft(release), then=url_for("releases.index", discarded=1))
