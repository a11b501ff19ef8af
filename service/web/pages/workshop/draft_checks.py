"""What a draft promises and whether its scenarios pass: for every page of a draft that says so."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from service.errors import BadDiagram
from service.release.bundle import Bundle, scenario_files, unpack
from service.release.prepared import PreparedRelease
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.workshop import drafts
from service.workshop.promises.drafted import DraftPromise, DraftPromises, PromiseSummary
from service.workshop.trial import ready_drafts, scenario_checks
from service.workshop.trial.scenario_checks import ScenarioSummary
from service.workshop.trial.scenario_results import ScenarioResult

bp = Blueprint("draft_checks", __name__)


@dataclass(frozen=True, slots=True)
class DraftChecks:
    """The promises and scenarios of a draft."""

    promises: PromiseSummary
    scenarios: ScenarioSummary | None
    """None where the draft has scenarios, and errors that keep them from being run."""


@bp.get("/drafts/<draft>/checks")
@page_policy("plain", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """The promises and scenarios of a draft as it is saved, as a part of the editor's page."""
    context = current()
    with context.transaction() as tx:
        row = drafts.require_draft(tx, context.viewer, draft)
    return render_template(
        "processes/draft_checks.html", draft=row, checks=load_checks(unpack(row.files))
    )


def load_checks(bundle: Bundle) -> DraftChecks:
    """The promises of a draft, and what came of its scenarios, run now if they were not before."""
    context = current()
    found: Sequence[DraftPromise] = DraftPromises(
        bundle, context.program.services, context.lang
    ).listed()
    summary: ScenarioSummary | None = ScenarioSummary(())
    if scenario_files(bundle):
        try:
            ready = ready_drafts.READY.prepare(context.program.services, bundle)
        except BadDiagram:
            summary = None
        else:
            summary = scenario_checks.summary(ready, run_scenarios(ready), context.lang)
    return DraftChecks(PromiseSummary(tuple(found)), summary)


def run_scenarios(ready: PreparedRelease) -> tuple[ScenarioResult, ...]:
    """What came of the scenarios of a draft; they are run outside of any transaction."""
    context = current()
    with context.transaction() as tx:
        run = scenario_checks.check_scenarios(tx, context.program.services, ready)
    return run()
