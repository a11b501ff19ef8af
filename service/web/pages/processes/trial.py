"""Trying a draft: run by hand in the real engine, with invented answers; nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from flask import Blueprint, render_template, request
from flask.typing import ResponseReturnValue

from service.access import can_act
from service.actions.casefile import diagram_viewer, step_list
from service.actions.publishing import drafts, editor
from service.actions.publishing.draft_commands import SaveFiles
from service.actions.publishing.trial import page as trials
from service.actions.publishing.trial import ready_drafts
from service.actions.publishing.trial.acts import (
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
from service.actions.publishing.trial.coverage import coverage
from service.actions.publishing.trial.run import LENGTHS, NEXT, DraftTrial
from service.actions.publishing.trial.scenarios import (
    ScenarioResult,
    file_name,
    name_fault,
    read_scenarios,
    saved_trial,
)
from service.actions.releases.bundle import unpack
from service.errors import BadDiagram, FieldFault, InvalidAnswers, NotFound, Stale, TrestegError
from service.forms import Raw, changed_rows
from service.store.installation import releases as rows
from service.text import known
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.pages.processes.draft_head import DraftHead, draft_head
from service.web.request_context import current
from service.web.submit import submit_once

bp = Blueprint("trial", __name__)
CARRIED, PICKED, NAME, JOB = "_trial", "_pick", "_name", "_job."
"""Fields of the page that are no answers: what was done, what is filled in, the name of a scenario,
answers of a step."""
KINDS = {"start": START, "task": COMPLETE, "message": MESSAGE}


@bp.get("/drafts/<release>/try")
@page_policy("diagram", act="read_process")
def show(release: str) -> ResponseReturnValue:
    """A trial that has not begun."""
    return _draw(release)


@bp.post("/drafts/<release>/try")
@page_policy("diagram", act="read_process")
def act(release: str) -> ResponseReturnValue:
    """Do one thing more in a trial, and show what came of it. Writes nothing."""
    return _draw(release)


def _draw(release: str) -> ResponseReturnValue:  # long: one value of the page a line
    at = current()
    services, viewer = at.program.services, at.viewer
    with at.transaction() as tx:
        row = drafts.require_draft(tx, viewer, release)
        head = draft_head(row, services.current(tx))
    try:
        ready = ready_drafts.READY.prepare(services, unpack(row.files))
    except BadDiagram as e:
        return _broken(head, e)
    done = read_trial(request.form.get(CARRIED, ""), at.now)
    with at.transaction() as tx:
        blank = trials.new_trial(tx, services, viewer, ready)
    desk = _Desk(blank, done)
    desk.perform()
    saved = _save(row, desk) if desk.do == "save" else ""
    if saved:
        with at.transaction() as tx:
            row = drafts.require_draft(tx, viewer, release)
            head = draft_head(row, services.current(tx))
    bundle = unpack(row.files)
    scenarios = read_scenarios(bundle)
    results = ready_drafts.run_all(bundle, blank, at.lang) if desk.do == "scenarios" else ()
    drawn = (
        diagram_viewer.viewer_data(
            desk.trial.diagram(), lang=at.lang, xml=lambda _id, file: diagram_address(release, file)
        )
        if desk.trial.definition is not None
        else None
    )
    form = (
        trials.trial_form(desk.trial, viewer, desk.pick, desk.typed, desk.faults)
        if desk.pick
        else None
    )
    page = render_template(
        "processes/try.html",
        draft=head,
        findings=(),
        trial=trials.trial_page(desk.trial, services, at.lang),
        carried=desk.done.text(),
        now=desk.trial.now,
        pick=desk.pick,
        form=form,
        fault=desk.fault,
        faults=desk.faults,
        data=drawn,
        scenarios=[one.name if one is not None else file for file, one in scenarios.items()],
        results=results,
        coverage=coverage(ready, results, at.lang) if results else None,
        saved=saved,
        name=request.form.get(NAME, ""),
        can_edit=can_act(viewer, "edit_process"),
        steps=step_list.step_list(desk.trial.diagram(), lang=at.lang) if drawn else [],
    )
    return page, 422 if desk.fault or desk.faults else 200


def scenario_results(row: rows.Draft) -> tuple[ScenarioResult, ...]:
    """What came of a draft's scenarios; none where it has none, or cannot run yet."""
    at, bundle = current(), unpack(row.files)
    if not read_scenarios(bundle):
        return ()
    services = at.program.services
    try:
        ready = ready_drafts.READY.prepare(services, bundle)
    except BadDiagram:
        return ()
    with at.transaction() as tx:
        blank = trials.new_trial(tx, services, at.viewer, ready)
    return ready_drafts.run_all(bundle, blank, at.lang)


def _save(row: rows.Draft, desk: _Desk) -> str:
    """Save the trial as a scenario of the draft; gives its name, or "" when it was not saved."""
    at, name = current(), request.form.get(NAME, "").strip()
    if fault := name_fault(name):
        desk.fault = at.t(fault)
        return ""
    if not desk.done.acts or at.rev is None:
        raise NotFound
    content = saved_trial(desk.trial, name, desk.done.begins).content()
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


class _Desk:
    """One request to a trial: what was done before, and what the pressed button does."""

    def __init__(self, blank: Callable[[datetime], DraftTrial], done: TrialActs) -> None:
        self.blank, self.done = blank, done
        self.trial = blank(done.begins)
        self.pick = request.form.get(PICKED, "")
        self.do = request.form.get("do", "send" if self.pick else "")
        self.typed: Raw | None = None
        self.faults: tuple[FieldFault, ...] = ()
        self.fault = ""

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
        elif kind in ("send", "wait", "answer", "fail"):
            self._do(self._act(kind, rest))
        elif self.pick:
            self._redraw(do)

    def _again(self) -> None:
        """Do again what was done; what the draft no longer allows is left out, and said."""
        self.trial = self.blank(self.done.begins)
        for number, act in enumerate(self.done.acts):
            try:
                self.trial.play(act)
            except TrestegError as e:
                self.fault = current().t("trial.stopped", reason=_sentence(e))
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
        if kind == "fail":
            work, _, code = rest.rpartition(":")
            return Act(FAIL, work, code=code)
        what, _, target = self.pick.partition(":")
        if what not in KINDS:
            raise NotFound
        return Act(KINDS[what], target, self._answers())

    def _answers(self) -> Raw:
        found = current().answers(frozenset({CARRIED, PICKED, NAME}))
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
                self.fault = _sentence(e)
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


def _sentence(e: TrestegError) -> str:
    at = current()
    if isinstance(e, InvalidAnswers):
        return " ".join(at.t(fault.key, **fault.facts) for fault in e.faults)
    key = f"error.{e.code}.text"
    return at.t(key) if known(key) else str(e)
