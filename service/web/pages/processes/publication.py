"""Publishing a draft: what stops it, what it changes, the review, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.actions.publishing import editor
from service.actions.publishing import publish as publishing
from service.actions.publishing.comparison.diff import diff_bundles
from service.actions.publishing.draft_commands import AskPublication, DecideReview, PublishDraft
from service.actions.publishing.dry_run import required
from service.actions.publishing.editor import FindingText
from service.actions.publishing.open_cases import with_open_cases
from service.actions.publishing.reviews import PUBLISH, Review, load_review
from service.actions.publishing.trial.scenarios import ScenarioResult
from service.actions.releases.bundle import Bundle, unpack
from service.errors import (
    ApprovalNeeded,
    BadDiagram,
    Finding,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    TrestegError,
)
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.web.page_policy import page_policy
from service.web.pages.processes.draft_head import DraftHead, draft_head
from service.web.pages.processes.own_password import asks_password, is_confirmed
from service.web.pages.processes.trial import scenario_results
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("publication", __name__)
MOST = 500
"""Longest word on what is new, in characters."""


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
    if do == "approve" and not is_confirmed():
        return _publish_page(release, fault=current().t("settings.password.wrong"), status=422)
    return submit(
        DecideReview(approval, do == "approve"), then=url_for(".publish", release=release)
    )


def _checked(id_: str) -> publishing.CheckedRelease:
    """Lint and build a draft, before the transaction that publishes it."""
    with current().transaction() as tx:
        bundle = publishing.bundle_to_publish(tx, current().viewer, id_)
    services = current().program.services
    checked = publishing.check_release(services, bundle)
    with current().transaction() as tx:
        findings = with_open_cases(tx, services, bundle, checked.findings)
    return replace(checked, findings=findings)


def _not_yet(e: TrestegError, id_: str) -> ResponseReturnValue | None:
    match e:
        case BadDiagram():
            fault = current().t("owner.not_seen")
        case InvalidAnswers():
            fault = " ".join(current().t(fault.key, **fault.facts) for fault in e.faults)
        case ApprovalNeeded():
            fault = current().t("owner.review_needed")
        case NotAllowed(facts={"why": required.NEEDED}):
            fault = ""  # the page says so, with a link
        case _:
            return None
    return _publish_page(id_, fault=fault, status=422)


def _publish_page(id_: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    services = current().program.services
    with current().transaction() as tx:
        row = rows.get_draft(tx, id_)
        if row is None:
            raise NotFound
        bundle, live = unpack(row.files), services.current(tx)
        same, became = _same_as(tx, row, bundle), editor.published_as(tx, row)
        untried = required.is_missing(tx, services, digest=bundle.digest)
        asked = load_review(
            tx,
            services,
            current().viewer,
            current().now,
            kind=PUBLISH,
            about=row.id,
            digest=bundle.digest,
        )
        found = with_open_cases(tx, services, bundle, services.judge(bundle, ""))
    about = draft_head(row, live)
    if row.closed_at is not None:
        done = SimpleNamespace(name=became, hash=bundle.digest) if became else None
        return render_template("processes/publish.html", draft=about, done=done, closed=not done)
    results = scenario_results(row)
    page = _open_page(
        about, bundle, live.bundle, same, asked, found, fault, results, untried=untried
    )
    return page, status


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
    about: DraftHead,
    bundle: Bundle,
    before: Bundle,
    same: SimpleNamespace | None,
    asked: Review | None,
    found: Sequence[Finding],
    fault: str,
    results: Sequence[ScenarioResult] = (),
    *,
    untried: bool,
) -> str:
    services, lang = current().program.services, current().lang
    findings = editor.finding_texts(found, lang)
    errors = [_line(found) for found in findings if found.severity == "E"]
    warnings = [found for found in findings if found.severity == "W"]
    seen = request.form.getlist("seen")
    # she ticked them when she asked for what was approved since
    approved = asked is not None and asked.may_use and asked.same
    changes = diff_bundles(
        before, bundle, services.topics, lang, installed=services.programme.texts
    )
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
        results=results,
        untried=untried and same is None and not errors,
        fault=fault if not errors else "",
        note=request.form.get("why", asked.note if asked is not None else ""),
        review=asked,
        own_password=asks_password(),
        can_publish=can_act(current().viewer, "publish"),
    )


def _line(found: FindingText) -> str:
    return f"{found.text} ({found.code}, {found.file})"
