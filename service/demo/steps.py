"""Steps of a scenario: what one invented person does, through the same commands as at a screen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar
from zoneinfo import ZoneInfo

from service.access import Viewer
from service.application.container import Tresteg
from service.application.submit import submit
from service.casework.casefile import documents
from service.casework.casefile.case_view import load_case_view
from service.casework.cases import protection
from service.casework.cases.given_answers import CORRECTED_KINDS, REASON
from service.casework.cases.loaded_case import Submission, load_case
from service.casework.commands.case_message import send_message
from service.casework.commands.case_start import start_case
from service.casework.commands.command import Command
from service.casework.commands.task_completion import complete_task
from service.casework.commands.turn_consequences import Origin, follow, reads_of_follow
from service.casework.corrections.correct_answer import correct_answer
from service.casework.pages.case_commands import record_lookup_reason
from service.casework.referrals import send
from service.casework.referrals.compose import reads_of_compose
from service.casework.referrals.referral_options import ReferralChoice
from service.casework.tasks import claims
from service.engine import Message
from service.errors import ReasonNeeded
from service.forms import Form, flatten
from service.people import accounts
from service.records.context import WORKER
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.changes import Changes
from service.store.read_models import turn_rows
from service.store.work import tasks
from service.store.writing import write
from service.workshop.trial.scenario_file import ScenarioStep
from service.workshop.trial.scenario_times import merge, resolve, with_moment

Result = TypeVar("Result")
FILE = "@file"
"""The answer of a file field, for which an invented document is attached."""
DOCUMENT = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
"""A PDF with nothing on it."""


class SettableClock(Protocol):
    """A clock that can be set."""

    def now(self) -> datetime:
        """The moment."""
        ...

    def steady(self) -> float:
        """As a clock's."""
        ...

    def set(self, moment: datetime) -> None:
        """Set it to another moment."""
        ...


class ScenarioFailed(Exception):
    """The scenario does not go the way it says.

    The text names scenario, step and what was open instead.
    """


@dataclass
class StepRunner:
    """Does single steps on a program whose clock can be set."""

    program: Tresteg
    clock: SettableClock
    people: Mapping[str, str]
    """First name in small letters to person id."""
    usual: Mapping[str, Mapping[str, Any]]
    """Form to its usual answers."""

    def act(
        self, step: ScenarioStep, case_id: str, *, ref: str = "", until: datetime | None = None
    ) -> str:
        """Do one step as its person, now; gives the case's id."""
        if step.start:
            return self._start(step, ref, until)
        if step.task:
            self._task(step, case_id, until)
        elif step.message:
            self._message(step, case_id, until)
        elif step.correct:
            self._correct(step, case_id, until)
        elif step.mark:
            self._mark(step, case_id)
        elif step.refer:
            self._refer(step, case_id)
        return case_id

    def signed_in(self, name: str) -> tuple[Viewer, datetime]:
        """The rights of a person of the story, and the moment at which she acts.

        Raises:
            ScenarioFailed: there is nobody of that name.
        """
        with self.program.database.transaction(write=False) as tx:
            viewer = accounts.load_viewer(tx, self.people.get(name, ""))
        if viewer is None:
            raise ScenarioFailed(f"there is nobody called {name}")
        return viewer, self.clock.now()

    def answers(
        self,
        form: str,
        own: Mapping[str, Any],
        viewer: Viewer,
        now: datetime,
        until: datetime | None = None,
    ) -> dict[str, list[str]]:
        """What a person types: the usual answers of the form, changed as the story says."""
        typed = merge(self.usual.get(form, {}), own)
        return flatten(resolve(typed, now, ZoneInfo(viewer.zone), until))

    def _start(self, step: ScenarioStep, ref: str, until: datetime | None) -> str:
        viewer, now = self.signed_in(step.by)
        with self.program.database.transaction(write=False) as tx:
            release = self.program.services.current(tx)
            before = case_rows.find(tx, step.previous) if step.previous else None
            if step.previous and before is None:
                raise ScenarioFailed(f"there is no case {step.previous} to continue")
        definition = next(d for d in release.definitions.values() if step.start in d.starts)
        form = definition.elements[step.start].form
        continued = before.id if before is not None else ""
        answers = self.answers(form, step.answers, viewer, now, until)
        command = partial(
            start_case, element=step.start, answers=answers, previous=continued, ref=ref
        )
        result = self.submit(command, viewer, now)
        return result.case_id

    def _task(self, step: ScenarioStep, case_id: str, until: datetime | None) -> None:
        viewer, now = self.signed_in(step.by)
        with self.program.database.transaction() as tx:
            open_now = tasks.of_case(tx, case_id)
            waiting = next((t for t in open_now if t.element == step.task), None)
            if waiting is None:
                names = ", ".join(t.element for t in open_now) or "none"
                raise ScenarioFailed(f"{step.task} is not open; open are: {names}")
            claims.claim(tx, self.program.services, viewer, now, task_key=waiting.key)
            case = case_rows.get(tx, case_id)
            release = self.program.services.release(tx, case.release_id if case else "")
        if step.only_claim:
            return
        element = release.definitions[case.process if case else ""].elements[step.task]
        answers = self.answers(element.form, step.answers, viewer, now, until)
        answers = self.attach(
            answers, case_id, waiting.key, release.forms.get(element.form), viewer
        )
        complete = partial(complete_task, task_key=waiting.key, answers=answers, end_confirmed=True)
        self.submit(complete, viewer, now)

    def submit(self, command: Command[Result], by: Viewer, now: datetime) -> Result:
        """Perform a command as a page does; who is asked why she opens the case says so."""
        program = self.program
        try:
            return submit(program.database, program.services, command, by=by, now=now)
        except ReasonNeeded as e:
            self._say_why(str(e.facts["case"]), by, now)
        return submit(program.database, program.services, command, by=by, now=now)

    def _say_why(self, case_id: str, by: Viewer, now: datetime) -> None:
        services, why = self.program.services, {"purpose": "PREPARE", "reason": ""}
        with self.program.database.transaction() as tx:
            record_lookup_reason(tx, services, by, now, case_id=case_id, **why)

    def attach(
        self,
        answers: dict[str, list[str]],
        case_id: str,
        task_key: str,
        form: Form | None,
        by: Viewer,
    ) -> dict[str, list[str]]:
        """Answers in which `@file` has become the id of a small invented document."""
        wanted = [path for path, texts in answers.items() if FILE in texts]
        if not wanted or form is None:
            return answers
        classes = {f.key: f.data_class for f in form.fields}
        with self.program.database.transaction() as tx:
            for path in wanted:
                answers[path] = [
                    documents.attach(
                        tx,
                        self.program.services,
                        by=by,
                        case_id=case_id,
                        task_key=task_key,
                        field=path,
                        klass=classes.get(path.partition(".")[0], "C3"),
                        clean=documents.CheckedFile("pahittad.pdf", "pdf", DOCUMENT),
                        now=self.clock.now(),
                    )
                ]
        return answers

    def _message(self, step: ScenarioStep, case_id: str, until: datetime | None) -> None:
        viewer, now = self.signed_in(step.by)
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            release = self.program.services.release(tx, case.release_id if case else "")
        definition = release.definitions[case.process if case else ""]
        element = definition.messages[step.message][0]
        form = definition.elements[element].form
        if not form:
            self._bring(step, case_id, element, until)
            return
        answers = self.answers(form, step.answers, viewer, now, until)
        send = partial(
            send_message, case_id=case_id, name=step.message, answers=answers, end_confirmed=True
        )
        self.submit(send, viewer, now)

    def _bring(
        self, step: ScenarioStep, case_id: str, element: str, until: datetime | None
    ) -> None:
        """Bring a message that no person sends, with the values of the step, as the worker does."""
        viewer, now = self.signed_in(step.by)
        services, zone = self.program.services, ZoneInfo(viewer.zone)
        values = with_moment(step.values or {}, now)
        kept = {"C3": resolve(dict(step.answers), now, zone, until)} if step.answers else {}
        with self.program.database.transaction() as tx:
            found = turn_rows.read_of_case(tx, case_id)
            if found is None:
                raise ScenarioFailed(f"there is no case {case_id}")
            rows, at_hand = found
            services.release(tx, rows.case.release_id)
            loaded = load_case(at_hand, services, rows)
            if needs := reads_of_follow(loaded):
                loaded.take(tx.read(*needs))
            changes = Changes.of(tx)
            given = Submission(WORKER, now, element, answers=kept)
            follow(services, loaded, Message(step.message, values), given, Origin(), changes)
            write(tx, changes)

    def _correct(self, step: ScenarioStep, case_id: str, until: datetime | None) -> None:
        viewer, now = self.signed_in(step.by)
        with self.program.database.transaction(write=False) as tx:
            history = facts.of_case(tx, case_id)
        answered = [
            f.rev for f in history if f.element == step.correct and f.kind in CORRECTED_KINDS
        ]
        if not answered:
            raise ScenarioFailed(f"nobody has answered {step.correct}")
        typed = flatten(resolve(dict(step.answers), now, ZoneInfo(viewer.zone), until))
        answers = {**typed, REASON: [step.why]}
        correct = partial(
            correct_answer, case_id=case_id, fact=answered[-1], answers=answers, only_named=True
        )
        self.submit(correct, viewer, now)

    def _mark(self, step: ScenarioStep, case_id: str) -> None:
        viewer, now = self.signed_in(step.by)
        with self.program.database.transaction() as tx:
            protection.set_marking(
                tx,
                self.program.services,
                by=viewer,
                case_id=case_id,
                marking=step.mark,
                reason=step.why,
                now=now,
            )

    def _refer(self, step: ScenarioStep, case_id: str) -> None:
        viewer, now = self.signed_in(step.by)
        with self.program.database.transaction() as tx:
            services, why = self.program.services, {"purpose": "PREPARE", "reason": ""}
            record_lookup_reason(tx, services, viewer, now, case_id=case_id, **why)
            more = reads_of_compose(case_id)
            at = load_case_view(tx, services, viewer, case_id, now, more=more)
            send.send_referral(tx, at, ReferralChoice(step.to, step.refer), rev=at.case.rev)
