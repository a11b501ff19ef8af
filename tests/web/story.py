"""People who act in a case without a screen, so that a test can begin where its story does."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from service.actions.casefile import documents
from service.actions.cases import given_answers
from service.actions.cases.turn import TurnResult
from service.actions.commands import case_commands
from service.actions.people import accounts
from service.actions.releases.prepared import PreparedRelease
from service.actions.tasks import claims
from service.demo.scenarios import merge, resolve
from service.errors import NotFound
from service.forms import flatten
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.installation import offices
from service.store.work import tasks
from service.worker.loop import Worker
from tests.web.conftest import HELSINKI, NOON, PASSWORD, SEED, Town, usual

SOFIA = "iom-sofia"
PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n2 0 obj<</Type/Pages/Kids[3 0 R]/Count 1>>endobj\n3 0 obj<</Type/Page/Parent 2 0 R>>endobj\n"
PAPER += b"trailer<</Root 1 0 R>>\n%%EOF\n"
MORE = (
    ("aino", HELSINKI, ("IomHelsinki",)),
    ("eero", HELSINKI, ("IomHelsinki",)),
    ("mea", HELSINKI, ("IomMedical",)),
    ("iva", SOFIA, ("IomLocal",)),
)
ROAD = (
    ("sara", "Task_OfferReturnInformation"),
    ("sara", "Task_SubmitReferral"),
    ("omar", "Task_DecideReferral"),
    ("aino", "Task_CounselReturnee"),
    ("sara", "Task_SignApplication"),
    ("aino", "Task_CheckApplication"),
    ("aino", "Task_AssessNeeds"),
    ("iva", "Task_ConfirmLocalSupport"),
    ("aino", "Task_MakePlan"),
)
"""Who does what from a new case to a plan."""


class Story:
    """One case in a town, and the people who move it on."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.worker = Worker(
            town.program.database, town.program.services, town.clock, town.program.mail
        )
        with town.program.database.transaction() as tx:
            accounts.add_office(
                tx,
                town.program.services,
                office=offices.Office(
                    SOFIA, "Sofia", "IOM_MISSION", ["BG"], [], "sweden", "Europe/Sofia", "en"
                ),
                address="sofia@example.invalid",
                by=SEED,
                now=NOON,
            )
            for place in [o for o in offices.everyone(tx).values() if o.address is None]:
                key = town.program.services.key(tx, f"office:{place.id}")
                sealed = (
                    key.seal(
                        "contact",
                        b"post@example.invalid",
                        table="office",
                        column="address",
                        row=place.id,
                    )
                    if key is not None
                    else None
                )
                offices.save(tx, replace(place, address=sealed))
            secret = town.program.passwords.hash(PASSWORD)
            for name, office, roles in MORE:
                who: dict[str, Any] = {
                    "id_": f"p_{name}",
                    "sign_in": name,
                    "name": name.title(),
                    "office": office,
                }
                accounts.add_person(
                    tx,
                    town.program.services,
                    **who,
                    roles=roles,
                    password=secret,
                    language="en",
                    by=SEED,
                    now=NOON,
                )
        self.case = town.start_case().case_id

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
        with self.town.program.database.transaction(write=False) as tx:
            return next(t.key for t in tasks.of_case(tx, self.case) if t.element == element)

    def open(self) -> list[str]:
        """The steps that wait for people."""
        with self.town.program.database.transaction(write=False) as tx:
            return sorted(t.element for t in tasks.of_case(tx, self.case))

    def brief(self) -> case_rows.CaseSummary:
        """The case as it stands."""
        with self.town.program.database.transaction(write=False) as tx:
            found = case_rows.get(tx, self.case)
        if found is None:
            raise NotFound
        return found

    def release(self) -> PreparedRelease:
        """The release of the case."""
        with self.town.program.database.transaction(write=False) as tx:
            return self.town.program.services.release(tx, self.brief().release_id)

    def told(self, name: str) -> list[given_answers.GivenAnswer]:
        """Every answer of the case that somebody gave."""
        with self.town.program.database.transaction(write=False) as tx:
            key = self.town.program.services.key(tx, f"case:{self.case}")
            found = given_answers.load_answers(tx, key, self.case) if key is not None else []
        return [one for one in found if one.by == f"p_{name}"]

    def facts(self) -> list[facts.Fact]:
        """What moved the case."""
        with self.town.program.database.transaction(write=False) as tx:
            return facts.of_case(tx, self.case)

    def answers(self, form: str, name: str, **own: Any) -> dict[str, list[str]]:
        """What a person types into a form."""
        zone = ZoneInfo(self.town.person(name).office.zone)
        return flatten(resolve(merge(usual().get(form, {}), own), self.town.clock.now(), zone))

    def typed(self, element: str, name: str, **own: Any) -> dict[str, list[str]]:
        """What a person types into the form of a step."""
        release = self.release()
        return self.answers(
            release.definitions[self.brief().process].elements[element].form, name, **own
        )

    def do(self, name: str, element: str, **own: Any) -> TurnResult:
        """A person does a step; handlers and letters follow."""
        who, key = self.town.person(name), self.key(element)
        now = self.town.clock.now()
        typed = self._with_papers(self.typed(element, name, **own), key, name)
        with self.town.program.database.transaction() as tx:
            claims.claim(tx, by=who.viewer, task_key=key, now=now)
        moved = self.town.move(
            lambda tx: case_commands.complete_task(
                tx,
                self.town.program.services,
                by=who.viewer,
                task_key=key,
                answers=typed,
                now=now,
            )
        )
        self.settle()
        return moved

    def _with_papers(
        self, typed: dict[str, list[str]], key: str, name: str
    ) -> dict[str, list[str]]:
        for path, texts in typed.items():
            if "@file" in texts:
                with self.town.program.database.transaction() as tx:
                    sent: dict[str, Any] = {
                        "case_id": self.case,
                        "task_key": key,
                        "field": path,
                        "klass": "C2",
                        "clean": documents.CheckedFile("x.pdf", "pdf", PAPER),
                    }
                    typed[path] = [
                        documents.attach(
                            tx,
                            self.town.program.services,
                            by=self.town.person(name).viewer,
                            **sent,
                            now=self.town.clock.now(),
                        )
                    ]
        return typed

    def settle(self) -> None:
        """Handlers, timers and letters run until nothing is due."""
        while self.worker.step():
            pass

    def later(self, **time: float) -> None:
        """Let time pass, without the worker."""
        self.town.clock.set(self.town.clock.now() + timedelta(**time))
