"""T4: what the plan of retention has locked in an ended case is read by nobody, on no road, but
under a hold, or by one person because a second one of her office said yes.

Everything that the offices of a case wrote bears a mark of its own: answers of every class, notes,
files with their names, words of consents. Everybody who can know the case opens every address.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from flask import url_for

from service.access import CLASSES, Viewer
from service.audit.printed.case_report import compose_case_report
from service.casework.approvals import unmasking
from service.casework.casefile import documents as case_documents
from service.casework.casefile import notes, read_log
from service.casework.casefile.case_view import load_case_view
from service.casework.casefile.disclosure.opened_groups import (
    load_disclosed_answers,
    open_groups,
    read_of_opened,
)
from service.casework.commands.late_withdrawal import Withdrawal, withdraw_after_end
from service.casework.pages.case_page import TABS
from service.casework.pages.case_search import search_cases
from service.casework.retention import holds, locks
from service.casework.tasks import explanation
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.people import accounts
from service.records.context import actor
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases, consents, documents, facts, parties, referrals
from service.store.casefile.retention_acts import RetentionAct
from service.workshop.trial.scenario_file import ScenarioStep
from tests.support.audits import unmask
from tests.support.programs import make_application, make_program
from tests.support.shipped import publish_shipped
from tests.support.world import NOON, SEED
from tests.trust.canaries import MARK, WALK, CanaryPlayer
from tests.trust.staged_world import StagedWorld
from tests.trust.test_unmasked_crawl import SEEN, Crawl

pytestmark = pytest.mark.slow

STOP = "Task_CheckApplication"
ENDS = {
    "voluntariness": "NOT_VOLUNTARY",
    "applicationCheck": "END",
    "endReason": "NOT_VOLUNTARY",
    "supportInSweden": False,
}
PEOPLE = ("sara", "aino", "omar", "iva", "greta", "disa")
OF_CASE = frozenset({"case", "task", "document", "referral", "fact"})
"""What addresses of a case name."""
WITHOUT_CASE = ("/cases", "/inbox", "/office", "/retention", "/audit", "/approvals", "/v1/cases")
BY_LINE = ("audit.replay", "case_fields.form", "case_fields.fields")
"""Pages of audit that show one line of the history, or one field."""
WHY = "PHONE"
Marks = dict[str, frozenset[str]]
"""Person to the marks that she got to read."""


@dataclass
class LockedWorld:
    """An ended case in which everything that an office wrote bears a mark."""

    staged: StagedWorld
    case: str
    marks: dict[str, str]
    """Mark to the office that wrote it."""

    @property
    def now(self) -> Any:
        return self.staged.program.clock.now()

    def viewer(self, name: str) -> Viewer:
        with self.staged.program.database.transaction(write=False) as tx:
            found = accounts.load_viewer(tx, self.staged.people[name])
        assert found is not None
        return found

    def do(self, act: Any, *given: Any, **more: Any) -> Any:
        with self.staged.program.database.transaction() as tx:
            return act(tx, *given, now=self.now, **more)

    def do_by(self, act: Any, by: Viewer, **more: Any) -> Any:
        with self.staged.program.database.transaction() as tx:
            return act(tx, self.staged.program.services, by, self.now, **more)

    def lock(self, office: str, *classes: str) -> RetentionAct:
        about = {"case_id": self.case, "office": office, "classes": classes or CLASSES}
        act: RetentionAct = self.do(locks.lock_records, **about, rule="R3", plan="0" * 64, by=SEED)
        return act

    def lock_all(self) -> None:
        for office in sorted({*self.marks.values(), ""}):
            self.lock(office)

    def open_for(self, name: str) -> None:
        """Let a person say why she opens the case, and open every group of answers in it."""
        services, by = self.staged.program.services, self.viewer(name)
        about: dict[str, Any] = {"by": by, "case_id": self.case}
        self.do(read_log.record_lookup_reason, services, **about, purpose=WHY, reason="x")
        with self.staged.program.database.transaction() as tx:
            more = [read_of_opened(self.case)]
            view = load_case_view(tx, services, by, self.case, self.now, more=more)
            found = load_disclosed_answers(view)
            open_groups(tx, view, found, [one.id for one in found.groups], reason=WHY)

    def addresses(self, *, audits: bool) -> Iterator[str]:
        """Every address that shows something of the case; for who audits, each line and field."""
        app, program = self.staged.app, self.staged.program
        with program.database.transaction(write=False) as tx:
            history = facts.of_case(tx, self.case)
            own = program.services.case_keys(tx, self.case).own
            assert own is not None
            values: dict[str, list[object]] = {
                "case": [self.case],
                "task": [*explanation.task_keys(own, history).values()],
                "document": [row.id for row in documents.of_case(tx, self.case)],
                "referral": [row.id for row in referrals.of_case(tx, self.case)],
                "fact": [fact.rev for fact in history],
            }
        asked = [f"at={line}" for line in range(1, 3 * len(history))]
        asked += [f"field={one.key}" for one in self.staged.canaries.values()]
        with app.test_request_context(base_url="http://localhost"):
            for rule in app.url_map.iter_rules():
                names = sorted(rule.arguments & OF_CASE)
                if "GET" not in (rule.methods or ()) or not names or rule.arguments - OF_CASE:
                    continue
                for chosen in product(*(values[one] for one in names)):
                    named: dict[str, Any] = dict(zip(names, chosen, strict=True))
                    address = url_for(rule.endpoint, **named)
                    yield address
                    if rule.endpoint == "cases.show":
                        yield from (f"{address}?tab={tab}" for tab in TABS)
                    if audits and rule.endpoint in BY_LINE:
                        yield from (f"{address}?{one}" for one in asked)
        yield from WITHOUT_CASE

    def read_by(self, name: str) -> frozenset[str]:
        """The marks that a person reads anywhere."""
        services, viewer = self.staged.program.services, self.viewer(name)
        crawl = Crawl(self.staged, self.staged.client(name))
        opened = 0
        for address in self.addresses(audits=name == "greta"):
            answer = crawl.client.get(address)
            assert answer.status_code < 500, address
            opened += answer.status_code == 200
            crawl.note(address, answer)
        assert opened > 5, name
        if name == "greta":
            for kind in ("csv", "json", "xes"):
                crawl.post("/audit/export", {"what": kind, "reason": "x", "option": ["rare"]})
            proof = f"/audit/cases/{self.case}/proof"
            crawl.post(proof, {"reason": "x", "with": ["reads", "answers"]})
            with self.staged.program.database.transaction(write=False) as tx:
                about: dict[str, Any] = {"by_name": "Greta"}
                made = compose_case_report(tx, services, viewer, self.case, self.now, **about)
            crawl.found["report"] = {*SEEN.findall(json.dumps(made.data))}
        found = frozenset(word.lower() for words in crawl.found.values() for word in words)
        return found | self.searched(viewer)

    def searched(self, viewer: Viewer) -> frozenset[str]:
        """The marks by which a person finds the case."""
        services = self.staged.program.services
        with self.staged.program.database.transaction() as tx:
            return frozenset(
                mark
                for mark in self.marks
                if search_cases(tx, services, viewer, self.now, mark).cases
            )

    def read(self) -> Marks:
        """Everybody who can know the case, with the marks that she reads."""
        return {name: self.read_by(name) for name in PEOPLE}


def of_office(world: LockedWorld, marks: frozenset[str], office: str) -> frozenset[str]:
    return frozenset(mark for mark in marks if world.marks[mark] == office)


@pytest.fixture
def world(tmp_path: Path, empty_sqlite: Path, keyring: Keyring) -> Iterator[LockedWorld]:
    path = tmp_path / "locked.db"
    path.write_bytes(empty_sqlite.read_bytes())
    clock = SetClock(NOON)
    settings = Settings(database_url=f"sqlite:///{path}", base_url="http://localhost")
    program = make_program(settings, keyring, clock)
    people = seed.seed_directory(program, NOON)
    publish_shipped(program, NOON)
    like = make_player(program, clock, people)
    player = CanaryPlayer(program, clock, people, like.usual, like.calendars)
    case = ""
    for who, what, after in WALK:
        if after:
            player.pass_time(clock.now() + timedelta(hours=after))
        answers = ENDS if what == STOP else {}
        step = ScenarioStep(by=who, task=what, answers=answers)
        case = player.act(step if case else ScenarioStep(by=who, start=what), case)
        player.settle()
        if what == STOP:
            break
    player.close()
    app = make_application(program)
    app.testing = False
    canaries = {one.word: one for one in player.canaries}
    marks = {one.word: one.office for one in player.canaries}
    made = LockedWorld(
        StagedWorld(program, app, {"x": case}, canaries, people, {}, ""), case, marks
    )
    _write_more(made)
    for name in PEOPLE[:3]:
        made.open_for(name)
    yield made
    program.database.close()


def _write_more(world: LockedWorld) -> None:
    """A note and a file of each office, and words about a consent that was taken back."""
    services = world.staged.program.services
    for number, name in enumerate(("sara", "aino", "omar", "iva")):
        by = world.viewer(name)
        note, file = f"{MARK}9{number}01", f"{MARK}9{number}02"
        about: dict[str, Any] = {"by": by, "case_id": world.case}
        with world.staged.program.database.transaction(write=False) as tx:
            others = {*parties.of_case(tx, world.case).values()}
        world.do(notes.write, services, **about, text=note, shared=others)
        clean = case_documents.CheckedFile(f"{file}.pdf", "pdf", b"%PDF " + file.encode())
        of_file: dict[str, Any] = {"task_key": "", "field": "loose", "klass": "C1", "clean": clean}
        world.do(case_documents.attach, services, **about, **of_file)
        world.marks |= dict.fromkeys((note, file), by.office)
    by, told = world.viewer("sara"), f"{MARK}9901"
    with world.staged.program.database.transaction(write=False) as tx:
        (live, *_) = (row for row in consents.of_case(tx, world.case) if row.live(world.now.date()))
        office = next(f.office for f in facts.of_case(tx, world.case) if f.rev == live.rev_given)
        case = cases.get(tx, world.case)
    said = Withdrawal((live.purpose,), "SELF", by.day(world.now), "PHONE", told)
    world.do(withdraw_after_end, services, by=by, case=case, said=said)
    world.marks[told] = office


def open_own(world: LockedWorld, name: str, colleague: str) -> None:
    """Two persons of an office open what is locked of it to the first."""
    asks, says = world.viewer(name), world.viewer(colleague)
    about: dict[str, Any] = {"case_id": world.case, "classes": CLASSES, "reason": "A court asks"}
    asked = world.do_by(unmasking.ask_unlocking, asks, **about)
    world.do_by(unmasking.decide, says, id_=asked, approve=True)


def test_nobody_reads_what_is_locked_but_under_a_hold_or_by_two(world: LockedWorld) -> None:
    before = world.read()
    offices = {*world.marks.values()}
    assert {world.marks[mark] for name in PEOPLE for mark in before[name]} == offices
    world.lock_all()
    assert {name: marks for name, marks in world.read().items() if marks} == {}
    disa = world.viewer("disa")
    until = world.now + timedelta(days=3)
    about: dict[str, Any] = {"case_id": world.case, "until": until, "reason": "Inspection"}
    held = world.do(holds.set_hold, world.staged.program.services, by=actor(disa), **about)
    during = world.read()
    for name, marks in before.items():
        office = world.viewer(name).office
        wanted = marks if office == disa.office else of_office(world, marks, office)
        assert during[name] == wanted, name
    world.do(holds.end_hold, by=actor(disa), hold_id=held.id)
    assert {name: marks for name, marks in world.read().items() if marks} == {}
    unmask(
        world.staged.program, world.viewer("greta"), disa, world.now, world.case, "C1", "C2", "C3"
    )
    after = world.read()
    assert after.pop("greta")
    assert {name: marks for name, marks in after.items() if marks} == {}
    open_own(world, "aino", "eero")
    opened = world.read()
    assert opened.pop("greta")
    assert opened.pop("aino") == of_office(world, before["aino"], world.viewer("aino").office)
    assert {name: marks for name, marks in opened.items() if marks} == {}
