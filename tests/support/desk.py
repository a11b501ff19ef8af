"""A whole installation for tests that need no browser: real rooms, a real database, a clock with
hands, and one office whose people act at once.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from service.access import Viewer
from service.actions.cases.turn import TurnResult
from service.actions.commands import case_commands
from service.actions.context import Actor
from service.actions.history import verify
from service.actions.people import accounts
from service.actions.publishing.publish import prepare_bundle, publish_bundle
from service.actions.releases.bundle import Bundle
from service.actions.releases.prepared import PreparedReleases
from service.app import assemble
from service.application import unit_of_work
from service.application.container import Tresteg
from service.binding import Answer, BusinessError, Call, Declaration
from service.clock import SetClock
from service.errors import HandlerFailed
from service.mail import MailServer, read_mail_url
from service.sandbox.handlers import HandlerProcess
from service.security.keyring import Keyring
from service.security.passwords import Passwords
from service.settings import Settings
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.database import Database
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, tasks
from service.worker.loop import Worker

NOON = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)
SEED = Actor("seed")
OFFICE, ROLE = "social", "ReferringPartner"
PEOPLE = ("sara", "stina")
Given = Mapping[str, Sequence[str]]


class Hands(HandlerProcess):
    """Handlers of a test, run at once and in this process; what they raise is told as the child
    tells it.
    """

    def __init__(self, functions: Mapping[str, Callable[[Call], Answer]]) -> None:
        super().__init__()
        self.functions = functions
        self.asked: list[str] = []

    def ask(self, call: Call, seconds: float) -> Answer:
        """Run the handler."""
        self.asked.append(call.key)
        try:
            return self.functions[call.topic](call)
        except (BusinessError, HandlerFailed):
            raise
        except Exception as e:
            raise HandlerFailed(f"{call.topic} raised {type(e).__name__} within {seconds} s") from e


def declare(
    topic: str,
    *,
    answers: tuple[str, ...] = (),
    letters: tuple[tuple[str, str], ...] = (),
    errors: tuple[str, ...] = (),
) -> Declaration:
    """A handler's contract."""
    return Declaration(topic, lambda _: Answer(), (), answers, letters, errors, "", 30, topic)


TOPICS = {
    t.topic: t
    for t in (
        declare("letters.send", letters=((ROLE, "task_opened"),), errors=("LOST",)),
        declare("letters.count", answers=("sent",)),
    )
}


@dataclass
class Desk:
    """The installation, and what its people do."""

    program: Tresteg
    clock: SetClock
    functions: Mapping[str, Callable[[Call], Answer]]
    lang: str = "sv"

    @property
    def database(self) -> Database:
        return self.program.database

    def again(self) -> Desk:
        """The same installation from another process: a database of its own, everything else as it
        is.
        """
        url = self.program.settings.database_url
        return replace(
            self,
            program=replace(self.program, database=Database(url)),
            clock=SetClock(self.clock.now()),
        )

    def worker(self, name: str = "w1", mail: MailServer | None = None) -> Worker:
        """A worker whose handlers are those of the test."""
        return Worker(
            self.database,
            self.program.services,
            self.clock,
            mail or self.program.mail,
            name=name,
            handlers=Hands(self.functions),
        )

    def viewer(self, name: str = "sara") -> Viewer:
        """A person of the office."""
        return Viewer(f"p_{name}", OFFICE, frozenset({ROLE}), self.lang, "Europe/Stockholm")

    def move(self, verb: Callable[[Tx], TurnResult]) -> TurnResult:
        return unit_of_work.run(self.database, self.program.services, verb, now=self.clock.now())

    def start(
        self, answers: Given | None = None, *, by: str = "sara", element: str = "s", ref: str = ""
    ) -> TurnResult:
        """Begin a case."""
        given = {k: list(v) for k, v in (answers or {}).items()}
        services, now = self.program.services, self.clock.now()
        return self.move(
            lambda tx: case_commands.start_case(
                tx,
                services,
                by=self.viewer(by),
                element=element,
                answers=given,
                now=now,
                ref=ref,
            )
        )

    def complete(self, key: str, answers: Given | None = None, *, by: str = "sara") -> TurnResult:
        """Finish a task."""
        given = {k: list(v) for k, v in (answers or {}).items()}
        services, now = self.program.services, self.clock.now()
        return self.move(
            lambda tx: case_commands.complete_task(
                tx, services, by=self.viewer(by), task_key=key, answers=given, now=now
            )
        )

    def key(self, case_id: str, element: str) -> str:
        """The key of an open task."""
        return next(t.key for t in self.tasks(case_id) if t.element == element)

    def do(
        self, case_id: str, element: str, answers: Given | None = None, *, by: str = "sara"
    ) -> TurnResult:
        """Finish the open task of an element."""
        return self.complete(self.key(case_id, element), answers, by=by)

    def tasks(self, case_id: str) -> list[tasks.Task]:
        with self.database.transaction(write=False) as tx:
            return tasks.of_case(tx, case_id)

    def jobs(self, case_id: str) -> list[jobs.Job]:
        with self.database.transaction(write=False) as tx:
            return jobs.of_case(tx, case_id)

    def facts(self, case_id: str) -> list[facts.Fact]:
        with self.database.transaction(write=False) as tx:
            return facts.of_case(tx, case_id)

    def letters(self, case_id: str) -> list[letters.Letter]:
        with self.database.transaction(write=False) as tx:
            return letters.of_case(tx, case_id)

    def incidents(self, case_id: str) -> list[incidents.Incident]:
        with self.database.transaction(write=False) as tx:
            return [i for i in incidents.of_case(tx, case_id) if i.closed_at is None]

    def case(self, case_id: str) -> case_rows.CaseSummary:
        with self.database.transaction(write=False) as tx:
            found = case_rows.get(tx, case_id)
        assert found is not None
        return found

    def verified(self) -> verify.VerifyReport:
        """What `tresteg verify` says."""
        with self.database.transaction(write=False) as tx:
            return verify.verify_all(tx, self.program.services, now=self.clock.now())

    def faults(self) -> list[str]:
        """Its sentences."""
        return [str(f) for f in self.verified().faults]

    def later(self, **time: float) -> datetime:
        """Let time pass; nobody works in it."""
        self.clock.set(self.clock.now() + timedelta(**time))
        return self.clock.now()


def settle(worker: Worker, most: int = 200) -> int:
    """Let a worker do all that is due now; gives the pieces of work."""
    done = 0
    for _ in range(most):
        worked = worker.step()
        done += worked
        if not worked:
            return done
    raise AssertionError("it never settles")


ROOMS: dict[int, tuple[Keyring, Tresteg]] = {}


def rooms(keyring: Keyring) -> Tresteg:
    """The rooms, put together once for each keyring; every desk has a database, a shelf and a clock
    of its own.
    """
    if id(keyring) not in ROOMS:
        made = assemble(
            Settings(database_url="sqlite://"),
            clock=SetClock(NOON),
            keyring=keyring,
            passwords=Passwords(memory=64, rounds=1),
        )
        ROOMS[id(keyring)] = (keyring, made)
    return ROOMS[id(keyring)][1]


def open_desk(
    database_url: str,
    keyring: Keyring,
    bundle: Bundle,
    *,
    topics: Mapping[str, Declaration] = TOPICS,
    functions: Mapping[str, Callable[[Call], Answer]] | None = None,
    mail_url: str = "print:",
) -> Desk:
    """An installation with one office, two people who hold its role, and a release in force."""
    clock, made = SetClock(NOON), rooms(keyring)
    settings = Settings(database_url=database_url, mail_url=mail_url)
    services = replace(
        made.services, topics=topics, prepared=PreparedReleases(topics), seconds=60.0
    )
    program = replace(
        made,
        settings=settings,
        database=Database(database_url),
        services=services,
        clock=clock,
        mail=read_mail_url(mail_url),
    )
    prepared = prepare_bundle(program.services, bundle)
    with program.database.transaction() as tx:
        office = offices.Office(
            OFFICE, "Social", "SOCIALTJANST", [], [], "sweden", "Europe/Stockholm", "sv"
        )
        accounts.add_office(
            tx, program.services, office=office, address="social@example.invalid", by=SEED, now=NOON
        )
        for name in PEOPLE:
            who = {"id_": f"p_{name}", "sign_in": name, "name": name.title(), "office": OFFICE}
            accounts.add_person(
                tx,
                program.services,
                **who,
                roles=[ROLE],
                password=None,
                language="sv",
                by=SEED,
                now=NOON,
            )
        publish_bundle(tx, program.services, by=SEED, now=NOON, prepared=prepared)
    return Desk(program, clock, functions or {topic: lambda _: Answer() for topic in topics})
