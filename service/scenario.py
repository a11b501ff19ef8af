"""Plays a scenario: people act through the same verbs as at their screens, the clock is set for each act, handlers and timers run in between.

A scenario is a JSON file of invented data (`workflows/scenarios/*.scenario.json`). The demo, the guided walk and the tests play them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from service import doorway
from service.actions import accounts, asking, cases, inbox, papers
from service.app import Tresteg
from service.clock import SetClock
from service.errors import BadSettings, NotFound
from service.forms import Form
from service.store import cases as case_rows
from service.store import tasks
from service.worker import Worker

TOKEN = re.compile(r"@(today|now)(?:([+-])(P(?:\d+Y)?(?:\d+M)?(?:\d+D)?(?:T(?:\d+H)?(?:\d+M)?)?))?")
PARTS = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?)?")
FILE = "@file"
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"
"""A paper with nothing on it, for invented people."""
QUIET_ROUNDS = 500
"""Rounds of the worker after which something is wrong: a loop that never waits."""


@dataclass(frozen=True, slots=True)
class Step:
    """One act. Exactly one of `start`, `task`, `message` and `wait` is given."""

    by: str = ""
    start: str = ""
    task: str = ""
    message: str = ""
    wait: str = ""
    after: str = ""
    """How long before the act the clock moves on, as ISO 8601 duration."""
    answers: Mapping[str, Any] = field(default_factory=dict)
    """What differs from the usual answers of the form; null takes a usual answer out."""
    only_claim: bool = False


@dataclass(frozen=True, slots=True)
class Scenario:
    """A case's story and where it must stand at the end."""

    name: str
    ref: str
    begins: str
    """How long before the end of the story it begins, as ISO 8601 duration."""
    steps: tuple[Step, ...]
    open: tuple[str, ...] = ()
    end: str = ""
    release: str = ""
    about: str = ""


class Told(Exception):  # noqa: N818 - a fact about a scenario, not an error of the program
    """The scenario does not go the way it says; the text names scenario, step and what was open instead."""


def read_scenario(path: Path) -> Scenario:
    """Read one scenario file.

    Raises:
        BadSettings: it is no JSON of this shape; the sentence names file and place.
    """
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        steps = tuple(Step(**step) for step in told["steps"])
        expect = told.get("expect", {})
        return Scenario(
            name=path.name.removesuffix(".scenario.json"),
            ref=told.get("ref", ""),
            begins=told.get("begins", "P0D"),
            steps=steps,
            open=tuple(expect.get("open", ())),
            end=expect.get("end", ""),
            release=told.get("release", ""),
            about=told.get("about", ""),
        )
    except (OSError, ValueError, KeyError, TypeError) as e:
        raise BadSettings(f"{path.name} is no scenario: {e}") from e


def ago(text: str) -> relativedelta:
    """An ISO 8601 duration as calendar time.

    Raises:
        BadSettings: it is none.
    """
    found = PARTS.fullmatch(text)
    if found is None or text in ("P", "PT"):
        raise BadSettings(f"{text!r} is no duration such as P3D or PT4H")
    years, months, days, hours, minutes = (int(part or 0) for part in found.groups())
    return relativedelta(years=years, months=months, days=days, hours=hours, minutes=minutes)


def resolve(value: Any, now: datetime, zone: ZoneInfo) -> Any:  # noqa: ANN401 - an answer is any JSON
    """Answers with their dates worked out: `@today-P3D`, `@now+PT4H`."""
    if isinstance(value, dict):
        return {k: resolve(v, now, zone) for k, v in value.items()}
    if isinstance(value, list):
        return [resolve(v, now, zone) for v in value]
    found = TOKEN.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        return value
    base, sign, length = found.groups()
    civil = now.astimezone(zone)
    if length:
        civil = civil + ago(length) if sign == "+" else civil - ago(length)
    return civil.date().isoformat() if base == "today" else civil.replace(tzinfo=None, second=0, microsecond=0).isoformat(sep=" ", timespec="minutes")


def flatten(answers: Mapping[str, Any]) -> dict[str, list[str]]:
    """Structured answers as a browser would send them: `risks.0.severity` to texts."""
    found: dict[str, list[str]] = {}
    for path, text in _leaves("", answers):
        found.setdefault(path, []).append(text)
    return found


def _leaves(path: str, value: Any) -> Iterator[tuple[str, str]]:  # noqa: ANN401 - an answer is any JSON
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _leaves(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _leaves(f"{path}.{number}" if isinstance(inner, Mapping) else path, inner)
    elif isinstance(value, bool):
        yield path, "true" if value else "false"
    elif value is not None:
        yield path, str(value)


def merge(usual: Mapping[str, Any], own: Mapping[str, Any]) -> dict[str, Any]:
    """The usual answers with a scenario's own; null takes one out."""
    found = {**usual, **own}
    return {k: v for k, v in found.items() if v is not None}


@dataclass
class Player:
    """Plays scenarios on a program whose clock has hands."""

    program: Tresteg
    clock: SetClock
    people: Mapping[str, str]
    """First name in small letters to person id."""
    usual: Mapping[str, Mapping[str, Any]]
    """Form to its usual answers."""
    worker: Worker = field(init=False)

    def __post_init__(self) -> None:
        self.worker = Worker(self.program.database, self.program.house, self.clock, self.program.mail)

    def play(self, scenario: Scenario, until: datetime) -> str:
        """Play a whole story that ends at `until`; gives the case's id.

        Raises:
            Told: a step finds another state than the story tells.
        """
        self.clock.set(until - ago(scenario.begins))
        case_id = ""
        for number, step in enumerate(scenario.steps, 1):
            try:
                case_id = self.step(step, case_id, scenario)
            except NotFound as e:
                raise Told(f"{scenario.name}, step {number}: nobody may do this") from e
        if self.clock.now() < until:
            self.pass_time(until)
        self._expect(scenario, case_id)
        return case_id

    def step(self, step: Step, case_id: str, scenario: Scenario) -> str:
        """One act, after its pause; gives the case's id."""
        if step.after or step.wait:
            self.pass_time(self.clock.now() + ago(step.after or step.wait))
        if step.start:
            case_id = self._start(step, scenario.ref)
        elif step.task:
            self._task(step, case_id, scenario)
        elif step.message:
            self._message(step, case_id)
        self.settle()
        return case_id

    def pass_time(self, until: datetime) -> None:
        """Let time pass: each timer fires at its own moment, with the handlers it leads to."""
        self.settle()
        while True:
            with self.program.database.transaction(write=False) as tx:
                moment = self.worker.next_moment(tx)
            if moment is None or moment > until:
                break
            self.clock.set(max(moment, self.clock.now()))
            self.settle()
        self.clock.set(max(until, self.clock.now()))
        self.settle()

    def settle(self) -> None:
        """Run handlers, due timers and letters until nothing is due any more."""
        for _ in range(QUIET_ROUNDS):
            if not self.worker.step():
                return
        raise Told("the worker never came to rest")

    def reader(self, name: str) -> tuple[accounts.Person, asking.Reader]:
        """A person of the story, at her screen."""
        with self.program.database.transaction(write=False) as tx:
            person = accounts.person(tx, self.program.house, self.people[name])
        if person is None:
            raise Told(f"there is nobody called {name}")
        return person, asking.Reader(person.language, person.office.zone, self.clock.now())

    def answers(self, form: str, step: Step, reader: asking.Reader) -> dict[str, list[str]]:
        """What the person types: the usual answers of the form, changed as the story tells."""
        return flatten(resolve(merge(self.usual.get(form, {}), step.answers), reader.now, ZoneInfo(reader.zone)))

    def _start(self, step: Step, ref: str) -> str:
        person, reader = self.reader(step.by)
        with self.program.database.transaction(write=False) as tx:
            release = self.program.house.current(tx)
        form = next(d.elements[step.start].form for d in release.definitions.values() if step.start in d.starts)
        moved = doorway.move(
            self.program.database,
            self.program.house,
            lambda tx: cases.start(
                tx, self.program.house, by=person.viewer, element=step.start, answers=self.answers(form, step, reader), reader=reader, ref=ref
            ),
            now=reader.now,
        )
        return moved.case_id

    def _task(self, step: Step, case_id: str, scenario: Scenario) -> None:
        person, reader = self.reader(step.by)
        with self.program.database.transaction() as tx:
            waiting = [t for t in tasks.of_case(tx, case_id) if t.element == step.task]
            if not waiting:
                others = ", ".join(t.element for t in tasks.of_case(tx, case_id))
                raise Told(f"{scenario.name}: {step.task} is not open; open are: {others or 'none'}")
            inbox.claim(tx, person.viewer, waiting[0].key, reader.now)
            case = case_rows.get(tx, case_id)
            release = self.program.house.release(tx, case.release_id if case else "")
        if step.only_claim:
            return
        element = release.definitions[case.process if case else ""].elements[step.task]
        answers = self._attach(self.answers(element.form, step, reader), case_id, waiting[0].key, release.forms.get(element.form), person)
        doorway.move(
            self.program.database,
            self.program.house,
            lambda tx: cases.complete(tx, self.program.house, by=person.viewer, task_key=waiting[0].key, answers=answers, reader=reader),
            now=reader.now,
        )

    def _attach(self, answers: dict[str, list[str]], case_id: str, task_key: str, form: Form | None, person: accounts.Person) -> dict[str, list[str]]:
        """Answers in which `@file` has become the id of a small invented paper."""
        wanted = [path for path, texts in answers.items() if FILE in texts]
        if not wanted or form is None:
            return answers
        classes = {f.key: f.data_class for f in form.fields}
        with self.program.database.transaction() as tx:
            for path in wanted:
                key = path.partition(".")[0]
                answers[path] = [
                    papers.attach(
                        tx,
                        self.program.house,
                        person.viewer,
                        case_id=case_id,
                        task_key=task_key,
                        field=path,
                        klass=classes.get(key, "C3"),
                        upload=papers.Upload("pahittad.pdf", PAPER),
                        most_mb=self.program.settings.upload_max_mb,
                        now=self.clock.now(),
                    )
                ]
        return answers

    def _message(self, step: Step, case_id: str) -> None:
        person, reader = self.reader(step.by)
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            definition = self.program.house.release(tx, case.release_id if case else "").definitions[case.process if case else ""]
        form = definition.elements[definition.messages[step.message][0]].form
        answers = self.answers(form, step, reader)
        doorway.move(
            self.program.database,
            self.program.house,
            lambda tx: cases.message(tx, self.program.house, by=person.viewer, case_id=case_id, name=step.message, answers=answers, reader=reader),
            now=reader.now,
        )

    def _expect(self, scenario: Scenario, case_id: str) -> None:
        with self.program.database.transaction(write=False) as tx:
            case = case_rows.get(tx, case_id)
            found = sorted(t.element for t in tasks.of_case(tx, case_id))
        if scenario.open and sorted(scenario.open) != found:
            raise Told(f"{scenario.name}: open are {found}, expected {sorted(scenario.open)}")
        ends = {case.end, case.inner_end} if case else set()
        if scenario.end and scenario.end not in ends:
            raise Told(f"{scenario.name}: ended at {sorted(ends)}, expected {scenario.end}")
