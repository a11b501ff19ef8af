"""Publishing a draft: what stops it, what it changes, the review, and what became of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from types import SimpleNamespace

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.commands.command import Command
from service.errors import (
    ApprovalNeeded,
    BadDiagram,
    Finding,
    InvalidAnswers,
    NotAllowed,
    NotFound,
    TrestegError,
)
from service.release.bundle import Bundle, unpack
from service.release.prepared import PreparedRelease
from service.release.translation_findings import SENTENCES
from service.store.casefile.approvals import APPROVED, ASKED
from service.store.installation import releases as rows
from service.store.transaction import Tx
from service.web.accounts.fresh_proof import require_proof
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_checks import DraftChecks, load_checks, run_scenarios
from service.web.pages.workshop.draft_head import DraftHead, draft_head
from service.web.request_context import current
from service.web.submit import submit
from service.workshop import editor, reviews
from service.workshop import publish as publishing
from service.workshop.comparison.diff import diff_bundles
from service.workshop.data_flow.sides import WiderFlow
from service.workshop.data_flow.wider import CheckedFlows, check_flows
from service.workshop.editor import FindingText
from service.workshop.open_cases import NOT_READ, with_open_cases
from service.workshop.release_dossier import Evidence, gather_evidence
from service.workshop.reviews import FLOWS, NO_RULE, PUBLISH, Review, load_review
from service.workshop.trial.scenario_checks import FAILING

bp = Blueprint("publication", __name__)
MOST = 500
"""Longest word on what is new, in characters."""


@bp.route("/drafts/<draft>/publish", methods=["GET", "POST"])
@page_policy("plain", act="read_process")
def publish(draft: str) -> ResponseReturnValue:
    """The page before publishing, with errors, changes and the review; ask for a review; publish;
    or what was published.
    """
    do = request.form.get("do")
    sent = request.form
    back = url_for(".publish", draft=draft)
    if do not in ("ask", "publish"):
        return _publish_page(draft)
    live, checked, flows = _checked(draft)
    rev = current().rev or 0
    note = sent.get("why", "").strip()[:MOST]
    seen = sent.getlist("seen")
    command: Command[object] = partial(
        reviews.ask_publication,
        draft_id=draft,
        rev=rev,
        checked=checked,
        flows=flows,
        note=note,
        seen=seen,
    )
    if do == "publish":
        require_proof()
        evidence = _evidence(draft, live, checked)
        command = partial(
            publishing.publish_draft,
            draft_id=draft,
            rev=rev,
            checked=checked,
            flows=flows,
            evidence=evidence,
            note=note,
            seen=seen,
        )
    return submit(command, then=back, refused=lambda e: _not_yet(e, draft))


@bp.post("/drafts/<draft>/review/<approval>")
@page_policy("plain", act="read_process")
def review(draft: str, approval: str) -> ResponseReturnValue:
    """Approve a draft, or refuse it, as the pressed button says."""
    do = request.form.get("do", "")
    if do not in ("approve", "refuse"):
        raise NotFound
    if do == "approve":
        require_proof()
    command = partial(reviews.decide, request_id=approval, approve=do == "approve", about=draft)
    return submit(command, then=url_for(".publish", draft=draft))


def _checked(id_: str) -> tuple[PreparedRelease, publishing.CheckedRelease, CheckedFlows]:
    """Lint and build a draft, and compare where its data goes with the release in force, before the
    transaction that publishes it.
    """
    services = current().program.services
    with current().transaction() as tx:
        bundle = publishing.bundle_to_publish(tx, current().viewer, id_)
        live = services.current(tx)
    checked = publishing.check_release(services, bundle)
    with current().transaction() as tx:
        findings = with_open_cases(tx, services, bundle, checked.findings)
    ran = run_scenarios(checked.prepared) if checked.prepared is not None else ()
    return (
        live,
        replace(checked, findings=findings, scenarios=ran),
        _flows(live, bundle, findings),
    )


def _evidence(id_: str, live: PreparedRelease, checked: publishing.CheckedRelease) -> Evidence:
    """The evidence to keep with a release; empty for a draft that cannot be published anyway."""
    with current().transaction() as tx:
        row = rows.get_draft(tx, id_)
        title = rows.title(tx, live.id)
    if row is None or title is None or checked.prepared is None:
        return Evidence(checked.digest)
    return gather_evidence(
        current().program.services,
        live.bundle,
        unpack(row.files),
        handlers=title.handlers,
        scenarios=checked.scenarios,
    )


def _flows(live: PreparedRelease, bundle: Bundle, found: Sequence[Finding]) -> CheckedFlows:
    """The flows of data that are wider in a draft; none where a file cannot be read, for that draft
    cannot be published anyway.
    """
    if any(one.severity == "E" and one.code in NOT_READ for one in found):
        return CheckedFlows(live.id, bundle.digest)
    return check_flows(current().program.services, live, bundle, current().lang)


def _not_yet(e: TrestegError, id_: str) -> ResponseReturnValue | None:
    match e:
        case BadDiagram():
            fault = current().t("owner.not_seen")
        case InvalidAnswers():
            fault = " ".join(current().t(fault.key, **fault.facts) for fault in e.faults)
        case ApprovalNeeded():
            fault = current().t("owner.review_needed")
        case NotAllowed(facts={"why": why}) if why == NO_RULE:
            fault = current().t("owner.no_flow_rule")
        case NotAllowed(facts={"why": publishing.DRY_RUN_NEEDED}):
            fault = ""  # the page says so, with a link
        case NotAllowed(facts={"why": why}) if why == FAILING:
            fault = ""  # so it does of these
        case _:
            return None
    return _publish_page(id_, fault=fault, status=422)


def _publish_page(id_: str, *, fault: str = "", status: int = 200) -> ResponseReturnValue:
    services = current().program.services
    with current().transaction() as tx:
        row = rows.get_draft(tx, id_)
        if row is None:
            raise NotFound
        bundle = unpack(row.files)
        live = services.current(tx)
        same = _same_as(tx, row, bundle)
        became = editor.published_as(tx, row)
        untried = publishing.dry_run_is_missing(tx, services, digest=bundle.digest)
        asked, flow_review = (
            load_review(
                tx,
                services,
                current().viewer,
                current().now,
                kind=kind,
                about=row.id,
                digest=bundle.digest,
            )
            for kind in (PUBLISH, FLOWS)
        )
        found = with_open_cases(tx, services, bundle, services.judge(bundle, ""))
    about = draft_head(row, live)
    if row.closed_at is not None:
        done = SimpleNamespace(name=became, hash=bundle.digest) if became else None
        return render_template("processes/publish.html", draft=about, done=done, closed=not done)
    wider = _flows(live, bundle, found).wider
    reviews = _Reviews(asked, flow_review if wider else None, wider)
    checks = load_checks(bundle)
    page = _open_page(
        about, bundle, live.bundle, same, reviews, found, fault, checks, untried=untried
    )
    return page, status


@dataclass(frozen=True, slots=True)
class _Reviews:
    """The reviews that a draft needs: of a reviewer, and of data protection where data flows
    wider.
    """

    reviewer: Review | None
    flows: Review | None
    """The newest request to data protection; None also where no flow is wider."""
    wider: tuple[WiderFlow, ...]

    @property
    def needed(self) -> tuple[Review | None, ...]:
        """The requests without which nothing is published."""
        return (self.reviewer, self.flows) if self.wider else (self.reviewer,)

    @property
    def given(self) -> bool:
        """Whether the reader may publish: all was approved for her, as the draft is now."""
        return all(one is not None and one.may_use and one.same for one in self.needed)

    @property
    def waits(self) -> bool:
        """Whether everybody who must answer has been asked, and not all have answered."""
        states = [one.state if one is not None and one.same else "" for one in self.needed]
        return all(state in (ASKED, APPROVED) for state in states) and ASKED in states


def _same_as(tx: Tx, row: rows.Draft, bundle: Bundle) -> SimpleNamespace | None:
    """The release that has exactly these files; None when there is none."""
    known = rows.title(tx, bundle.digest)
    live = rows.live(tx, row.process)
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
    reviews: _Reviews,
    found: Sequence[Finding],
    fault: str,
    checks: DraftChecks,
    *,
    untried: bool,
) -> str:
    services = current().program.services
    lang = current().lang
    findings = editor.finding_texts(found, lang)
    errors = [_line(found) for found in findings if found.severity == "E"]
    warnings = [found for found in findings if found.severity == "W"]
    seen = request.form.getlist("seen")
    # she ticked them when she asked for what was approved since
    asked, approved = reviews.reviewer, reviews.given
    usual = services.programme.texts
    changes = diff_bundles(before, bundle, services.topics, lang, installed=usual)
    return render_template(
        "processes/publish.html",
        draft=about,
        done=None,
        errors=errors,
        warnings=[
            (found.value, _line(found), approved or found.value in seen) for found in warnings
        ],
        languages=[found.text for found in findings if found.code in SENTENCES],
        changes=[(change.kind, change.text) for change in changes],
        same=same,
        checks=checks,
        untried=untried and same is None and not errors,
        fault=fault if not errors else "",
        note=request.form.get("why", asked.note if asked is not None else ""),
        reviews=reviews,
        flows_first=reviews.flows is not None and reviews.flows.may_decide,
        can_publish=can_act(current().viewer, "publish"),
    )


def _line(found: FindingText) -> str:
    return f"{found.text} ({found.code}, {found.file})"
