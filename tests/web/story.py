"""People who act in a case without a screen, so that a test can begin where its story does."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.casework.casefile import documents
from service.casework.cases import given_answers
from service.casework.cases.turn import TurnResult
from service.casework.commands.task_completion import complete_task
from service.casework.tasks import claims
from service.errors import NotFound
from service.forms import flatten
from service.people import accounts
from service.release.prepared import PreparedRelease
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.installation import offices
from service.store.work import tasks
from service.worker.loop import Worker
from service.workshop.trial.scenario_times import merge, resolve
from tests.support.browser import PASSWORD
from tests.support.directory import (
    HELSINKI,
    SOFIA,
    Directory,
    OfficePlan,
    PersonPlan,
    add_directory,
)
from tests.support.world import NOON, SEED, World, usual

PAPER = (
    b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
    b"2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n"
    b"3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
    b"trailer<</Root 1 0 R>>\n%%EOF\n"
)
MORE = Directory(
    (
        OfficePlan(
            SOFIA, "Sofia", "IOM_MISSION", "Europe/Sofia", "sofia@example.invalid", ("BG",), "en"
        ),
    ),
    (
        PersonPlan("aino", HELSINKI, ("IomHelsinki",)),
        PersonPlan("eero", HELSINKI, ("IomHelsinki",)),
        PersonPlan("mea", HELSINKI, ("IomMedical",)),
        PersonPlan("iva", SOFIA, ("IomLocal",)),
    ),
    language="en",
    password=PASSWORD,
)
"""The office and the people who take part besides those of the world."""
ROAD = (
    ("sara", "Task_OfferReturnInformation"),
    ("sara", "Task_SubmitReferral"),
    ("omar", "Task_DecideReferral"),
    ("aino", "Task_CounselReturnee"),
    ("iva", "Task_LocalContact"),
    ("sara", "Task_SignApplication"),
    ("aino", "Task_CheckApplication"),
    ("aino", "Task_AssessNeeds"),
    ("iva", "Task_ConfirmLocalSupport"),
    ("aino", "Task_MakePlan"),
)
"""Who does what from a new case to a plan."""


class Story:
    """One case of the shipped process, and the people who move it on."""

    def __init__(self, world: World) -> None:
        self.world, program = world, world.program
        self.worker = Worker(program.database, program.services, world.clock, program.mail)
        with program.database.transaction() as tx:
            add_directory(tx, program.services, MORE, by=SEED, now=NOON)
            for office in [o for o in offices.everyone(tx).values() if o.address is None]:
                accounts.set_address(
                    tx,
                    program.services,
                    by=SEED,
                    now=NOON,
                    office_id=office.id,
                    address="post@example.invalid",
                )
        self.case = world.start_case().case_id

    def close(self) -> None:
        """Let the handlers' own process go."""
        self.worker.handlers.close()

    def until(self, element: str, **canaries: dict[str, Any]) -> str:
        """Go on until a task waits, and give its key.

        `canaries`: form to answers that differ from the usual ones.
        """
        for name, step in ROAD:
            if step == element:
                break
            self.do(name, step, **canaries.get(step, {}))
        return self.key(element)

    def key(self, element: str) -> str:
        """The key of an open task."""
        with self.world.program.database.transaction(write=False) as tx:
            return next(t.key for t in tasks.of_case(tx, self.case) if t.element == element)

    def open(self) -> list[str]:
        """The steps that wait for people."""
        with self.world.program.database.transaction(write=False) as tx:
            return sorted(t.element for t in tasks.of_case(tx, self.case))

    def brief(self) -> case_rows.CaseSummary:
        """The case as it stands."""
        with self.world.program.database.transaction(write=False) as tx:
            found = case_rows.get(tx, self.case)
        if found is None:
            raise NotFound
        return found

    def release(self) -> PreparedRelease:
        """The release of the case."""
        with self.world.program.database.transaction(write=False) as tx:
            return self.world.program.services.release(tx, self.brief().release_id)

    def given(self, name: str) -> list[given_answers.GivenAnswer]:
        """Every answer of the case that a person gave."""
        with self.world.program.database.transaction(write=False) as tx:
            keys = self.world.program.services.case_keys(tx, self.case)
            found = given_answers.load_answers(tx, keys, self.case)
        return [answer for answer in found if answer.by == f"p_{name}"]

    def facts(self) -> list[facts.Fact]:
        """What moved the case."""
        with self.world.program.database.transaction(write=False) as tx:
            return facts.of_case(tx, self.case)

    def answers(self, form: str, name: str, **own: Any) -> dict[str, list[str]]:
        """What a person types into a form."""
        zone = ZoneInfo(self.world.loaded_viewer(name).zone)
        return flatten(resolve(merge(usual().get(form, {}), own), self.world.clock.now(), zone))

    def typed(self, element: str, name: str, **own: Any) -> dict[str, list[str]]:
        """What a person types into the form of a step."""
        release = self.release()
        return self.answers(
            release.definitions[self.brief().process].elements[element].form, name, **own
        )

    def do(self, name: str, element: str, **own: Any) -> TurnResult:
        """A person does a step; handlers and letters follow."""
        who, key = self.world.loaded_viewer(name), self.key(element)
        now = self.world.clock.now()
        typed = self._with_documents(self.typed(element, name, **own), key, name)
        with self.world.program.database.transaction() as tx:
            claims.claim(tx, self.world.program.services, by=who, task_key=key, now=now)
        moved = self.world.move(
            lambda tx: complete_task(
                tx,
                self.world.program.services,
                by=who,
                task_key=key,
                answers=typed,
                now=now,
                end_confirmed=True,
            )
        )
        self.settle()
        return moved

    def _with_documents(
        self, typed: dict[str, list[str]], key: str, name: str
    ) -> dict[str, list[str]]:
        """The same texts, with a document attached where a file is asked for."""
        for path, texts in typed.items():
            if "@file" in texts:
                typed[path] = [self._attach(path, key, name)]
        return typed

    def _attach(self, path: str, key: str, name: str) -> str:
        who, services = self.world.loaded_viewer(name), self.world.program.services
        now = self.world.clock.now()
        sent: dict[str, Any] = {
            "case_id": self.case,
            "task_key": key,
            "field": path,
            "klass": "C2",
            "clean": documents.CheckedFile("x.pdf", "pdf", PAPER),
        }
        with self.world.program.database.transaction() as tx:
            return documents.attach(tx, services, by=who, now=now, **sent)

    def settle(self) -> None:
        """Handlers, timers and letters run until nothing is due."""
        while self.worker.step():
            pass

    def later(self, **time: float) -> None:
        """Let time pass, without the worker."""
        self.world.clock.set(self.world.clock.now() + timedelta(**time))


__all__ = ["MORE", "PAPER", "ROAD", "SOFIA", "Story"]
