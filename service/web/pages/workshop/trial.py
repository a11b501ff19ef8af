"""Trying a draft: run by hand in the real engine, with invented answers.

Nothing is stored: the page carries what was done, and every request does it again. Only a trial
that is saved becomes a scenario of the draft.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Any

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.casework.casefile import diagram_viewer, step_list
from service.errors import (
    BadDiagram,
    EngineStopped,
    FieldFault,
    InvalidAnswers,
    NotFound,
    Stale,
    TrestegError,
)
from service.forms import Raw, changed_rows
from service.release.bundle import Bundle, scenario_files, unpack
from service.release.prepared import PreparedRelease
from service.store.installation import releases as rows
from service.text import known
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.pages.workshop.draft_checks import load_checks, run_scenarios
from service.web.pages.workshop.draft_head import DraftHead, draft_head
from service.web.request_context import current
from service.web.submit import submit_once
from service.workshop import drafts, editor
from service.workshop.trial import ready_drafts, scenario_checks
from service.workshop.trial import trial_page as trials
from service.workshop.trial.acts import (
    ANSWER,
    COMPLETE,
    FAIL,
    MESSAGE,
    START,
    WAIT,
    Act,
    TrialActs,
    read_trial,
)
from service.workshop.trial.coverage import coverage
from service.workshop.trial.draft_trial import LENGTHS, NEXT, DraftTrial
from service.workshop.trial.scenario_file import scenario_content
from service.workshop.trial.scenario_results import FailureWords, ScenarioResult
from service.workshop.trial.scenarios import file_name, name_fault, saved_trial, stop_failure

bp = Blueprint("trial", __name__)
CARRIED, PICKED, NAME, JOB = "_trial", "_pick", "_name", "_job."
ROLE, STAGE = "_role", "_stage"
"""Fields of the page that are no answers: the acts so far, the element whose form is open, the name
of a scenario, the beginning of the names of a job's answers; the role and stage whose sight is
shown."""
LONGEST = 10.0
"""Seconds that all acts of a trial may take together."""
KINDS = {"start": START, "task": COMPLETE, "message": MESSAGE}
"""Kind of an element with a form, as `PICKED` names it, to the act that sends the form."""


@bp.get("/drafts/<draft>/try")
@page_policy("diagram", act="read_process")
def show(draft: str) -> ResponseReturnValue:
    """A trial that has not begun."""
    return draw_trial(draft)


@bp.post("/drafts/<draft>/try")
@page_policy("diagram", act="read_process")
def act(draft: str) -> ResponseReturnValue:
    """Do one act more in a trial and show the result; `save` makes the trial a scenario."""
    return draw_trial(draft)


def draw_trial(draft: str, begun: TrialActs | None = None) -> ResponseReturnValue:
    """The page of a trial.

    Args:
        begun: the acts so far; None where the form of the page carries them.
    """
    context = current()
    services, viewer = context.program.services, context.viewer
    with context.transaction() as tx:
        row = drafts.require_draft(tx, viewer, draft)
        head = draft_head(row, services.current(tx))
    try:
        ready = ready_drafts.READY.prepare(services, unpack(row.files))
    except BadDiagram as e:
        return _broken(head, e)
    done = begun or read_trial(request.form.get(CARRIED, ""), context.now)
    with context.transaction() as tx:
        blank = trials.new_trial(tx, services, viewer, ready)
    desk = _TrialDesk(blank, done)
    desk.perform()
    saved = _save(row, desk) if desk.do == "save" else ""
    if saved:
        with context.transaction() as tx:
            row = drafts.require_draft(tx, viewer, draft)
            head = draft_head(row, services.current(tx))
    scenarios = _Scenarios(draft, unpack(row.files), desk)
    form = (
        trials.trial_form(
            desk.trial, viewer, desk.pick, desk.typed, desk.faults, _see_as(ready, request.form)
        )
        if desk.pick
        else None
    )
    runs = desk.trial.definition is not None
    page = render_template(
        "processes/try.html",
        draft=head,
        findings=(),
        trial=trials.trial_page(desk.trial, services, context.lang),
        carried=desk.done.text(),
        sight=_sight(ready),
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
            desk.trial.diagram(),
            lang=context.lang,
            hidden=(scenarios.drawing or {}).get("hidden", ()),
        )
        if runs
        else [],
    )
    return page, 422 if desk.fault or desk.faults else 200


def _save(row: rows.Draft, desk: _TrialDesk) -> str:
    """Save the trial as a scenario of the draft; gives its name, or "" when it was not saved."""
    context = current()
    name = request.form.get(NAME, "").strip()
    if fault := name_fault(name, unpack(row.files).files):
        desk.fault = context.t(fault)
        return ""
    if not desk.done.acts or context.rev is None:
        raise NotFound
    content = scenario_content(saved_trial(desk.trial, name, desk.done.begins))
    changed = {file_name(name): content}
    try:
        found = drafts.check_draft(context.program.services, row, changed)
        save = partial(
            drafts.save_files, draft_id=row.id, rev=context.rev, changed=changed, found=found
        )
        submit_once(save, context.key, lambda _: "")
    except Stale:
        desk.fault = context.t("trial.stale")
        return ""
    return name


def _broken(head: DraftHead, fault: BadDiagram) -> ResponseReturnValue:
    texts = editor.finding_texts(fault.findings, current().lang)
    errors = [one.text for one in texts if one.severity == "E"]
    return render_template("processes/try.html", draft=head, findings=errors, trial=None), 200


class _TrialDesk:
    """One request to a trial: the acts before it, and the act of the pressed button."""

    def __init__(self, blank: Callable[[datetime], DraftTrial], done: TrialActs) -> None:
        self.blank, self.done = blank, done
        self.until = current().program.clock.steady() + LONGEST
        self.trial = self._begun()
        self.pick = request.form.get(PICKED, "")
        self.do = request.form.get("do", "send" if self.pick else "")
        self.typed: Raw | None = None
        self.faults: tuple[FieldFault, ...] = ()
        self.fault = ""

    def _begun(self) -> DraftTrial:
        """A trial in which nothing was done yet, and which ends when the request takes too long."""
        made = self.blank(self.done.begins)
        clock = current().program.clock

        def watch() -> None:
            if clock.steady() > self.until:
                raise EngineStopped("time")

        made.watch = watch
        return made

    def perform(self) -> None:
        """Do again what was done, and then what the pressed button says."""
        do = self.do
        if do == "restart":
            self.done = TrialActs(current().now)
        elif do == "undo":
            self.done = self.done.without_last()
        self._again()
        kind, _, rest = do.partition(":")
        if self.fault or do in ("restart", "undo", "close"):
            self.pick = ""
        elif kind == "open":
            self.pick = rest
        elif kind in ("send", "wait", "answer", "sample", "fail"):
            self._do(self._act(kind, rest))
        elif self.pick:
            self._redraw(do)

    def _again(self) -> None:
        """Do again what was done; what the draft no longer allows is left out, and said."""
        self.trial = self._begun()
        for number, act in enumerate(self.done.acts):
            try:
                self.trial.play(act)
            except TrestegError as e:
                self.fault = current().t("trial.stopped", reason=_sentence(e, self.trial))
                self.done = TrialActs(self.done.begins, self.done.acts[:number])
                self._again()
                return

    def _act(self, kind: str, rest: str) -> Act:
        if kind == "wait":
            if rest not in (*LENGTHS, NEXT):
                raise NotFound
            return Act(WAIT, rest)
        if kind == "answer":
            start = f"{JOB}{rest}."
            names = [name for name in request.form if name.startswith(start)]
            typed = {name.removeprefix(start): request.form.getlist(name) for name in names}
            return Act(ANSWER, rest, typed)
        if kind == "sample":
            work, _, sample = rest.rpartition(":")
            return Act(ANSWER, work, sample=sample)
        if kind == "fail":
            work, _, code = rest.rpartition(":")
            return Act(FAIL, work, code=code)
        what, _, target = self.pick.partition(":")
        if what not in KINDS:
            raise NotFound
        return Act(KINDS[what], target, self._answers())

    def _answers(self) -> Raw:
        found = current().answers(frozenset({CARRIED, PICKED, NAME, ROLE, STAGE}))
        return {name: texts for name, texts in found.items() if not name.startswith(JOB)}

    def _do(self, act: Act) -> None:
        """Do one act more; one that is refused changes nothing, and the form keeps its texts."""
        try:
            self.trial.play(act)
        except TrestegError as e:
            of_form = act.kind in KINDS.values()
            self.typed = act.answers if of_form else None
            if isinstance(e, InvalidAnswers) and of_form:
                self.faults = e.faults
            else:
                self.fault = _sentence(e, self.trial)
            self._again()
        else:
            self.done = self.done.then(act)
            self._go_on(act)

    def _go_on(self, act: Act) -> None:
        """Put the form aside when it was sent, or is open no more; else what was typed stays."""
        if self.pick and act.kind not in KINDS.values():
            with suppress(NotFound):
                trials.picked_element(self.trial, self.pick)
                self.typed = self._answers()
                return
        self.pick = ""

    def _redraw(self, do: str) -> None:
        element = trials.picked_element(self.trial, self.pick)
        form = self.trial.form(element)
        self.typed = changed_rows(self._answers(), form, do) if form is not None else None


def _sentence(e: TrestegError, trial: DraftTrial) -> str:
    context = current()
    if isinstance(e, EngineStopped):
        result = ScenarioResult("", "", stop_failure(e))
        text = FailureWords(trial.release, context.lang).reason(result)
        return text[:1].upper() + text[1:]
    if isinstance(e, InvalidAnswers):
        return " ".join(context.t(fault.key, **fault.facts) for fault in e.faults)
    key = f"error.{e.code}.text"
    return context.t(key) if known(key) else str(e)


class _Scenarios:
    """The scenarios of the draft, and its drawing with where the trial stands and the elements that
    no scenario visits.
    """

    def __init__(self, draft: str, bundle: Bundle, desk: _TrialDesk) -> None:
        context = current()
        if desk.do == "scenarios":
            scenario_checks.RESULTS.forget()
        ready, self.coverage = desk.trial.release, None
        if ready.bundle.digest != bundle.digest:
            ready = ready_drafts.READY.prepare(context.program.services, bundle)
        self.checks = load_checks(bundle)
        if scenario_files(bundle):
            self.coverage = coverage(ready, run_scenarios(ready), context.lang)
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
        chosen = _see_as(trial.release, request.form)
        hidden = trials.unseen_steps(trial.release, chosen) if chosen is not None else frozenset()
        return {**data, "marks": marks, "hidden": sorted(hidden)}


def _sight(ready: PreparedRelease) -> dict[str, Any]:
    """The roles and stages to choose from, and the chosen ones."""
    lang = current().lang
    chosen = _see_as(ready, request.form)
    stages = ready.vocabulary.stages
    return {
        "roles": sorted(((r, ready.role_name(r, lang)) for r in ready.roles), key=lambda r: r[1]),
        "stages": [(id_, ready.vocabulary.word("stage", id_, lang)) for id_ in stages],
        "role": chosen.role if chosen else "",
        "role_name": ready.role_name(chosen.role, lang) if chosen else "",
        "stage": chosen.stage if chosen else "",
    }


def _see_as(ready: PreparedRelease, sent: Mapping[str, str]) -> trials.SeeAs | None:
    """The role and stage whose sight the page shows; None when no role is chosen."""
    role, stages = sent.get(ROLE, ""), ready.vocabulary.stages
    if role not in ready.roles or not stages:
        return None
    stage = sent.get(STAGE, "")
    chosen = stage if stage in stages else next(iter(stages))
    matrix = current().program.services.configuration(ready).matrix
    return trials.SeeAs(matrix, role, chosen)
