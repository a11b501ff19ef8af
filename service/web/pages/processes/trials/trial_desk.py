"""One request to a trial: what was done before, and what the pressed button does."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from flask import request

from service.errors import EngineStopped, FieldFault, InvalidAnswers, NotFound, TrestegError
from service.forms import Raw, changed_rows
from service.text import known
from service.web.request_context import current
from service.workshop.trial import trial_page as trials
from service.workshop.trial.acts import ANSWER, COMPLETE, FAIL, MESSAGE, START, WAIT, Act, TrialActs
from service.workshop.trial.draft_trial import LENGTHS, NEXT, DraftTrial
from service.workshop.trial.scenario_results import FailureWords, ScenarioResult
from service.workshop.trial.scenarios import stop_failure

CARRIED, PICKED, NAME, JOB = "_trial", "_pick", "_name", "_job."
ROLE, STAGE = "_role", "_stage"
"""Fields of the page that are no answers: what was done, what is filled in, the name of a scenario,
answers of a step, whose sight is shown and in which stage."""
LONGEST = 10.0
"""Seconds that all acts of a trial may take together."""
KINDS = {"start": START, "task": COMPLETE, "message": MESSAGE}


class TrialDesk:
    """One request to a trial: what was done before, and what the pressed button does."""

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
    at = current()
    if isinstance(e, EngineStopped):
        result = ScenarioResult("", "", stop_failure(e))
        text = FailureWords(trial.release, at.lang).reason(result)
        return text[:1].upper() + text[1:]
    if isinstance(e, InvalidAnswers):
        return " ".join(at.t(fault.key, **fault.facts) for fault in e.faults)
    key = f"error.{e.code}.text"
    return at.t(key) if known(key) else str(e)
