"""The diagrams of a draft: the editor and its findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.casefile import step_list
from service.casework.casefile.step_list import StepListLine
from service.errors import Finding, NotFound
from service.release.bundle import unpack
from service.release.prepared import PreparedRelease
from service.store.installation import releases as rows
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_head import draft_head
from service.web.pages.workshop.draft_saving import (
    finding_links,
    lint_reply,
    person_name,
    saved_reply,
)
from service.web.request_context import current
from service.workshop import drafts as draft_actions
from service.workshop import editor, panel_choices
from service.workshop.open_cases import with_open_cases

bp = Blueprint("draft_diagram", __name__)


@bp.get("/drafts/<draft>/diagram/<file>")
@page_policy("diagram", act="read_process")
def edit(draft: str, file: str) -> ResponseReturnValue:
    """The editor with one of a draft's diagrams."""
    lang = current().lang
    services = current().program.services
    with current().transaction() as tx:
        row = draft_actions.require_draft(tx, current().viewer, draft)
        bundle = unpack(row.files)
        if f"workflows/{file}" not in bundle.files or not file.endswith(editor.DIAGRAM):
            raise NotFound
        by = person_name(tx, row.by)
        live = services.current(tx)
        found = with_open_cases(tx, services, bundle, services.judge(bundle, ""))
    files = editor.diagrams(bundle, row.process)
    return render_template(
        "processes/editor.html",
        draft=draft_head(row, live),
        file=file,
        saved=row.at,
        by=by,
        files=[(name, name == file) for name in files],
        titles=editor.titles(live, lang),
        findings=_with_links(row, found),
        steps=_steps(live, row.process, file),
        choices=panel_choices.editor_choices(bundle, services, lang),
        variables=panel_choices.expression_names(bundle, services),
        lengths=panel_choices.rule_lengths(bundle, services, lang),
        handlers=panel_choices.handler_contracts(services.topics),
        can_save=can_act(current().viewer, "edit_process"),
        at=request.args.get("at", ""),
    )


def _steps(live: PreparedRelease, process: str, file: str) -> list[StepListLine]:
    """The steps of a diagram as a list, where the release in force has that diagram already."""
    if file not in live.drawn_in.values():
        return []
    return step_list.plain_steps(live, process, file, current().lang)


def _with_links(row: rows.Draft, findings: Sequence[Finding]) -> list[dict[str, Any]]:
    """Findings as JSON; each links to the page on which it can be mended."""
    texts = editor.finding_texts(findings, current().lang)
    link = finding_links(row)
    return [{**asdict(text), "link": link(text)} for text in texts]


@bp.put("/drafts/<draft>/diagram/<file>")
@page_policy("diagram", act="edit_process")
def save(draft: str, file: str) -> ResponseReturnValue:
    """Save a diagram of a draft that is still at the revision that `If-Match` names."""
    return saved_reply(draft, f"workflows/{file}", _with_links)


@bp.post("/drafts/<draft>/lint/<file>")
@page_policy("diagram", act="read_process")
def lint(draft: str, file: str) -> ResponseReturnValue:
    """Lint a diagram as it is on the screen; nothing is saved."""
    return lint_reply(draft, f"workflows/{file}", _with_links)
