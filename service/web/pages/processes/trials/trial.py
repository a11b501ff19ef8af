"""Trying a draft: run by hand in the real engine, with invented answers; nothing is stored."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.casefile import diagram_viewer, step_list
from service.errors import BadDiagram, NotFound, Stale
from service.release.bundle import Bundle, scenario_files, unpack
from service.store.installation import releases as rows
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.pages.processes.draft_checks import load_checks, run_scenarios
from service.web.pages.processes.draft_head import DraftHead, draft_head
from service.web.pages.processes.trials.trial_desk import CARRIED, NAME, TrialDesk
from service.web.pages.processes.trials.trial_sight import see_as, sight
from service.web.request_context import current
from service.web.submit import submit_once
from service.workshop import drafts, editor
from service.workshop.draft_commands import SaveFiles
from service.workshop.trial import ready_drafts, scenario_checks
from service.workshop.trial import trial_page as trials
from service.workshop.trial.acts import TrialActs, read_trial
from service.workshop.trial.coverage import coverage
from service.workshop.trial.draft_trial import DraftTrial
from service.workshop.trial.scenario_file import scenario_content
from service.workshop.trial.scenarios import file_name, name_fault, saved_trial

bp = Blueprint("trial", __name__)


@bp.get("/drafts/<draft>/try")
@page_policy("diagram", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """A trial that has not begun."""
    return draw_trial(draft)


@bp.post("/drafts/<draft>/try")
@page_policy("diagram", act="read_process")
def act(draft: str) -> ResponseReturnValue:
    """Do one thing more in a trial, and show what came of it. Writes nothing."""
    return draw_trial(draft)


def draw_trial(draft: str, begun: TrialActs | None = None) -> ResponseReturnValue:
    """The page of a trial.

    Args:
        begun: what was done in it; None where the page brings it along.
    """
    at = current()
    services, viewer = at.program.services, at.viewer
    with at.transaction() as tx:
        row = drafts.require_draft(tx, viewer, draft)
        head = draft_head(row, services.current(tx))
    try:
        ready = ready_drafts.READY.prepare(services, unpack(row.files))
    except BadDiagram as e:
        return _broken(head, e)
    done = begun or read_trial(request.form.get(CARRIED, ""), at.now)
    with at.transaction() as tx:
        blank = trials.new_trial(tx, services, viewer, ready)
    desk = TrialDesk(blank, done)
    desk.perform()
    saved = _save(row, desk) if desk.do == "save" else ""
    if saved:
        with at.transaction() as tx:
            row = drafts.require_draft(tx, viewer, draft)
            head = draft_head(row, services.current(tx))
    scenarios = _Scenarios(draft, unpack(row.files), desk)
    form = (
        trials.trial_form(
            desk.trial, viewer, desk.pick, desk.typed, desk.faults, see_as(ready, request.form)
        )
        if desk.pick
        else None
    )
    runs = desk.trial.definition is not None
    page = render_template(
        "processes/try.html",
        draft=head,
        findings=(),
        trial=trials.trial_page(desk.trial, services, at.lang),
        carried=desk.done.text(),
        sight=sight(ready),
        now=desk.trial.now,
        pick=desk.pick,
        form=form,
        fault=desk.fault,
        faults=desk.faults,
        data=scenarios.drawing,
        checks=scenarios.checks,
        coverage=scenarios.coverage,
        saved=saved,
        name=request.form.get(NAME, ""),
        can_edit=can_act(viewer, "edit_process"),
        steps=step_list.step_list(
            desk.trial.diagram(), lang=at.lang, hidden=(scenarios.drawing or {}).get("hidden", ())
        )
        if runs
        else [],
    )
    return page, 422 if desk.fault or desk.faults else 200


def _save(row: rows.Draft, desk: TrialDesk) -> str:
    """Save the trial as a scenario of the draft; gives its name, or "" when it was not saved."""
    at = current()
    name = request.form.get(NAME, "").strip()
    if fault := name_fault(name, unpack(row.files).files):
        desk.fault = at.t(fault)
        return ""
    if not desk.done.acts or at.rev is None:
        raise NotFound
    content = scenario_content(saved_trial(desk.trial, name, desk.done.begins))
    changed = {file_name(name): content}
    try:
        found = drafts.check_draft(at.program.services, row, changed)
        submit_once(SaveFiles(row.id, at.rev, changed, found), at.key, lambda _: "")
    except Stale:
        desk.fault = at.t("trial.stale")
        return ""
    return name


def _broken(head: DraftHead, fault: BadDiagram) -> ResponseReturnValue:
    texts = editor.finding_texts(fault.findings, current().lang)
    errors = [one.text for one in texts if one.severity == "E"]
    return render_template("processes/try.html", draft=head, findings=errors, trial=None), 200


class _Scenarios:
    """The scenarios of the draft that is tried, and the drawing: where the trial stands, and what
    none of them visits.
    """

    def __init__(self, draft: str, bundle: Bundle, desk: TrialDesk) -> None:
        at = current()
        if desk.do == "scenarios":
            scenario_checks.RESULTS.forget()
        ready, self.coverage = desk.trial.release, None
        if ready.bundle.digest != bundle.digest:
            ready = ready_drafts.READY.prepare(at.program.services, bundle)
        self.checks = load_checks(bundle)
        if scenario_files(bundle):
            self.coverage = coverage(ready, run_scenarios(ready), at.lang)
        self.drawing = self._drawing(draft, desk.trial)

    def _drawing(self, draft: str, trial: DraftTrial) -> dict[str, Any] | None:
        def xml(_: str, file: str) -> str:
            return diagram_address(draft, file)

        lang = current().lang
        unvisited = self.coverage.unvisited if self.coverage else frozenset()
        if trial.definition is not None:
            data = diagram_viewer.viewer_data(trial.diagram(), lang=lang, xml=xml)
        elif unvisited:
            process = current().program.services.programme.process
            drawn = diagram_viewer.drawings(trial.release, process, xml, lang)
            data = diagram_viewer.still_data(drawn)
        else:
            return None
        marks = {id_: ["unvisited", ""] for id_ in sorted(unvisited - set(trial.done))}
        chosen = see_as(trial.release, request.form)
        hidden = trials.unseen_steps(trial.release, chosen) if chosen is not None else frozenset()
        return {**data, "marks": marks, "hidden": sorted(hidden)}
