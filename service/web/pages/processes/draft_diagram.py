"""The diagrams of a draft: the editor and its findings; beginning a draft, throwing one away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.actions.casefile import step_list
from service.actions.casefile.step_list import StepListLine
from service.actions.people import accounts
from service.actions.publishing import drafts as draft_actions
from service.actions.publishing import editor
from service.actions.publishing.draft_commands import (
    DiscardDraft,
    OpenDraft,
    ReopenDraft,
)
from service.actions.publishing.editor import FindingText
from service.actions.publishing.open_cases import with_open_cases
from service.actions.releases.bundle import Bundle, unpack
from service.actions.releases.prepared import PreparedRelease, findings_of
from service.errors import (
    NotFound,
    Stale,
)
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.processes.draft_head import draft_head
from service.web.request_context import current
from service.web.submit import submit
from service.web.template_globals import moment_filter

bp = Blueprint("drafts", __name__)


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
        found = with_open_cases(tx, services, bundle, findings_of(bundle, services.topics))
    files = editor.diagrams(bundle, row.process)
    findings = editor.finding_texts(found, lang)
    return render_template(
        "processes/editor.html",
        draft=draft_head(row, live),
        file=file,
        saved=row.at,
        by=by,
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
    bundle = unpack(kept.files)
    files = editor.diagrams(bundle, _process())
    with current().transaction() as tx:
        findings = with_open_cases(tx, services, bundle, findings)
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
    services, bundle = current().program.services, unpack(row.files)
    found = draft_actions.check_draft(services, row, content)
    with current().transaction() as tx:
        found = with_open_cases(tx, services, Bundle({**bundle.files, **content}), found)
    files = editor.diagrams(bundle, row.process)
    texts = editor.finding_texts(found, current().lang)
    return jsonify(findings=_with_links(row.id, files, texts))


@bp.post("/drafts/<release>/discard")
@page_policy("plain", act="edit_process")
def discard(release: str) -> ResponseReturnValue:
    """Throw a draft away."""
    return submit(DiscardDraft(release), then=url_for("releases.index", discarded=1))
