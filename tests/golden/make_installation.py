"""Makes the golden installation: a database that holds every kind of kept byte, and its keyring.

`python -m tests.golden.make_installation` plays a few of the demo's stories on the shipped release
and lets invented people do what no story does. It is run once, by the version whose formats are
kept; a folder that is there is never written again.
"""

from __future__ import annotations

import gzip
import json
import sqlite3
import sys
import tempfile
from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from service.access import Viewer
from service.actions.casefile import documents, notes, read_log
from service.actions.casefile.case_view import load_case_view
from service.actions.cases import protection
from service.actions.context import Actor
from service.actions.history import verify
from service.actions.history.rebuild import rebuild_snapshot
from service.actions.ids import ulid
from service.actions.operations import clock_guard, incidents
from service.actions.people import accounts, directory
from service.actions.publishing import drafts
from service.actions.referrals import answers
from service.actions.referrals import send as referral_send
from service.actions.referrals.options import ReferralChoice
from service.actions.tasks import claims, unsent_answers
from service.app import assemble
from service.application.container import Tresteg
from service.application.installation import prepare_database
from service.application.shipped_files import shipped_bundle
from service.clock import SetClock
from service.demo import seed
from service.demo.player import Player, make_player
from service.demo.scenarios import ScenarioStep, read_scenarios
from service.demo.steps import DOCUMENT
from service.errors import EngineStopped
from service.security.keyring import make_keyring, write_keyring
from service.security.passwords import Passwords
from service.settings import Settings
from service.store.casefile import cases, referrals
from service.store.transaction import Tx
from service.store.work import tasks
from service.web.api import v1
from service.web.api.v1 import openapi
from service.web.application import create_app
from tests.golden.kept import NEVER_WRITTEN, digests, rows, sealed_columns
from tests.support.shipped import publish_shipped
from tests.web.conftest import PASSWORD, Browser

FOLDER = Path(__file__).with_name("installation")
OPENAPI = Path(__file__).with_name("openapi.json")
UNTIL = datetime(2026, 5, 6, 9, 30, tzinfo=UTC)
STORIES = (
    "03-glad-asp",
    "10-stilla-gran",
    "20-rak-syren",
    "31-koppar-ek",
    "32-skarp-torn",
    "no-consent",
)
"""Between them: every kind of fact, and many kinds of rows of a snapshot."""
CASE = STORIES[0]
"""The case in which people do what no story does."""
BY = Actor("cli")
SOCIAL = "socialtjansten-exempelstad"


Thing = TypeVar("Thing")


def _with(tx: Tx, verb: Callable[[Tx, Thing], object], thing: Thing) -> object:
    return verb(tx, thing)


@dataclass
class Maker:
    """The installation as it grows, and the people who act in it."""

    program: Tresteg
    clock: SetClock
    player: Player
    cases: dict[str, str]
    secrets: dict[str, str] = field(default_factory=dict)
    token: str = ""

    def viewer(self, name: str) -> Viewer:
        return self.player.signed_in(name)[0].viewer

    def do(self, verb: Callable[[Tx], object]) -> None:
        """One act, a second after the one before."""
        self.clock.set(self.clock.now() + timedelta(seconds=1))
        with self.program.database.transaction() as tx:
            verb(tx)

    def each(self, things: Iterable[Thing], verb: Callable[[Tx, Thing], object]) -> None:
        """The same act with each of several things."""
        for thing in things:
            self.do(partial(_with, verb=verb, thing=thing))

    def task(self, case: str) -> str:
        with self.program.database.transaction(write=False) as tx:
            return tasks.of_case(tx, self.cases[case])[0].key

    def referral(self, case: str) -> str:
        """The newest referral by hand."""
        with self.program.database.transaction(write=False) as tx:
            return max(row.id for row in referrals.of_case(tx, self.cases[case]) if not row.element)

    def send(self, purpose: str, to: str, days: int | None = None) -> str:
        """Sara refers the case that came back to her, by hand."""
        case = self.cases[CASE]
        person, _ = self.player.signed_in("sara")

        def verb(tx: Tx) -> None:
            at = load_case_view(tx, self.program.services, person.viewer, case, self.clock.now())
            referral_send.send_referral(
                tx, at, ReferralChoice(to, purpose, days=days), rev=at.case.rev
            )

        self.do(verb)
        return self.referral(CASE)

    # ---- what people do

    def refer(self) -> None:
        """A referral by hand in every state."""
        services, kim, sara, berit = (
            self.program.services,
            self.viewer("kim"),
            self.viewer("sara"),
            self.viewer("berit"),
        )
        first = self.referral(CASE)
        self.do(
            lambda tx: answers.record_receipt(tx, by=kim, referral_id=first, now=self.clock.now())
        )
        self.do(
            lambda tx: answers.ask(
                tx, services, by=kim, referral_id=first, text="Vad behövs?", now=self.clock.now()
            )
        )
        self.do(
            lambda tx: answers.reply(
                tx,
                services,
                by=sara,
                referral_id=first,
                text="Råd om bidrag.",
                now=self.clock.now(),
            )
        )
        self.do(
            lambda tx: answers.accept(tx, services, by=kim, referral_id=first, now=self.clock.now())
        )
        self.do(lambda tx: answers.done(tx, by=kim, referral_id=first, now=self.clock.now()))
        second, reason = (
            self.send("ADVICE", kim.office),
            services.programme.referrals.refusals[0].id,
        )
        self.do(
            lambda tx: answers.refuse(
                tx,
                services,
                by=kim,
                referral_id=second,
                reason=reason,
                text="Inte vårt län.",
                now=self.clock.now(),
            )
        )
        self.do(
            lambda tx: answers.acknowledge(tx, by=sara, referral_id=second, now=self.clock.now())
        )
        third = self.send("ADVICE", kim.office)
        self.do(
            lambda tx: answers.revoke(
                tx, services, by=sara, referral_id=third, now=self.clock.now()
            )
        )
        self.send("ADVICE", kim.office, days=1)
        self.player.pass_time(self.clock.now() + timedelta(days=4))
        fifth = self.send("CHILD", berit.office)
        self.do(
            lambda tx: answers.record_receipt(tx, by=berit, referral_id=fifth, now=self.clock.now())
        )
        self.send("ADVICE", kim.office)

    def handle(self) -> None:
        """Tasks change hands; papers, notes and unsent answers are kept."""
        services, case, task, sara = (
            self.program.services,
            self.cases[CASE],
            self.task(CASE),
            self.viewer("sara"),
        )
        password = self.program.passwords.hash(PASSWORD)
        about: dict[str, Any] = {
            "name": "Stina (demo)",
            "office": SOCIAL,
            "roles": ["ReferringPartner"],
            "password": password,
            "language": "sv",
        }
        self.each(
            ("stina@demo", "rut@demo"),
            lambda tx, name: directory.add_person(
                tx, services, sign_in=name, **about, by=BY, now=self.clock.now()
            ),
        )
        with self.program.database.transaction(write=False) as tx:
            known = directory.find_person(tx, services, "stina@demo").person
        stina = Viewer(known.id, SOCIAL, sara.roles)
        self.do(lambda tx: claims.claim(tx, by=sara, task_key=task, now=self.clock.now()))
        self.do(
            lambda tx: claims.hand_over(
                tx, by=sara, task_key=task, to_person=known.id, now=self.clock.now()
            )
        )
        self.do(
            lambda tx: claims.take_over(
                tx, by=sara, task_key=task, reason="Hon är sjuk.", now=self.clock.now()
            )
        )
        self.do(
            lambda tx: claims.release_task(
                tx, by=sara, task_key=task, now=self.clock.now(), reason="Inte min."
            )
        )
        self.do(
            lambda tx: claims.follow_up(
                tx,
                by=stina,
                task_keys=[task],
                until=self.clock.now() + timedelta(days=1),
                now=self.clock.now(),
            )
        )
        self.do(lambda tx: claims.claim(tx, by=sara, task_key=task, now=self.clock.now()))
        sent: dict[str, Any] = {"case_id": case, "field": "attachments", "klass": "C0"}
        sent["clean"] = documents.CheckedFile("pahittad.pdf", "pdf", DOCUMENT)
        self.each(
            (task, ""),
            lambda tx, key: documents.attach(
                tx, services, by=sara, task_key=key, **sent, now=self.clock.now()
            ),
        )
        with self.program.database.transaction(write=False) as tx:
            paper = rows(tx, "document")[-1]["id"]
        self.do(
            lambda tx: documents.drop(
                tx, services, by=sara, id_=paper, reason="Fel papper.", now=self.clock.now()
            )
        )
        self.do(
            lambda tx: notes.write(
                tx, services, by=sara, case_id=case, text="Ring på tisdag.", now=self.clock.now()
            )
        )
        raw = {"givenNames": ["Fiktiva"], "languages": ["bg", "sv"]}
        step = unsent_answers.AnsweredStep("Task_CompleteReferral", 1)
        self.do(
            lambda tx: unsent_answers.save_unsent(
                tx,
                services,
                by=sara,
                key=task,
                case_id=case,
                raw=raw,
                base={},
                rev=0,
                now=self.clock.now(),
                step=step,
            )
        )
        start = "start/Start_PersonIdentified"
        self.do(
            lambda tx: unsent_answers.save_unsent(
                tx,
                services,
                by=sara,
                key=start,
                case_id=None,
                raw={"ageBand": ["ADULT"]},
                base={},
                rev=0,
                now=self.clock.now(),
            )
        )
        omar, marked = self.viewer("omar"), "SEKRETESSMARKERING"
        self.do(
            lambda tx: protection.set_marking(
                tx,
                services,
                by=omar,
                case_id=case,
                marking=marked,
                reason="Hot.",
                now=self.clock.now(),
            )
        )

    def look(self) -> None:
        """People read, print, look up and search."""
        services, case, sara = self.program.services, self.cases[CASE], self.viewer("sara")
        about: dict[str, Any] = {"classes": ("C0", "C1"), "about": {"tab": "x"}}
        self.each(
            ("case", "print"),
            lambda tx, purpose: read_log.record_read(
                tx, by=sara, case_id=case, purpose=purpose, **about, now=self.clock.now()
            ),
        )
        self.do(
            lambda tx: read_log.record_lookup_reason(
                tx,
                services,
                by=sara,
                case_id=case,
                purpose="OTHER",
                reason="Hon ringde.",
                now=self.clock.now(),
            )
        )
        self.player.act(
            ScenarioStep(by="sara", start="Start_PersonIdentified", previous="no-consent"), ""
        )

    def operate(self) -> None:
        """What operators and process owners do, and what goes wrong."""
        services, case, now = self.program.services, self.cases[CASE], self.clock.now
        self.each(
            [
                EngineStopped("budget", one, "")
                for one in ("Task_CompleteReferral", "Task_SubmitReferral")
            ],
            lambda tx, stop: incidents.record_engine_stop(
                tx, case_id=case, job_key="", stop=stop, now=now()
            ),
        )
        with self.program.database.transaction(write=False) as tx:
            first = incidents.open_incidents(tx)[0].id
        self.do(lambda tx: incidents.retry_incident(tx, incident_id=first, by=BY, now=now()))
        with self.program.database.transaction(write=False) as tx:
            brief = cases.get(tx, case)
        assert brief is not None
        self.do(lambda tx: cases.rebuild(tx, case, brief.rev, b"damaged"))
        self.do(lambda tx: rebuild_snapshot(tx, services, case_id=case, by=BY, now=now()))
        self.do(lambda tx: clock_guard.pause(tx, now=now(), by=timedelta(hours=2)))
        self.do(lambda tx: clock_guard.confirm_clock(tx, by=BY, now=now()))
        self.do(
            lambda tx: directory.set_address(
                tx, services, office=SOCIAL, address="ny@example.invalid", by=BY, now=now()
            )
        )
        self.do(
            lambda tx: directory.set_roles(
                tx, services, sign_in="stina@demo", roles=[], by=BY, now=now()
            )
        )
        self.do(
            lambda tx: directory.set_roles(
                tx, services, sign_in="stina@demo", roles=["ReferringPartner"], by=BY, now=now()
            )
        )
        self.do(
            lambda tx: directory.close_person(tx, services, sign_in="rut@demo", by=BY, now=now())
        )
        self.do(
            lambda tx: directory.set_password(
                tx,
                services,
                sign_in="sara@demo",
                password=self.program.passwords.hash(PASSWORD),
                by=BY,
                now=now(),
            )
        )
        self.each(
            [str(nth) for nth in range(200)],
            lambda tx, who: accounts.record_wrong_try(
                tx, services, name=who, network=who, now=now()
            ),
        )
        maja, name = self.viewer("maja"), "workflows/calendars/sweden.json"
        content = shipped_bundle(self.program.settings).files[name] + b"\n"
        for keep in (False, True):
            with self.program.database.transaction() as tx:
                draft = drafts.open_draft(tx, services, by=maja, now=now())
                about: dict[str, Any] = {
                    "name": name,
                    "content": content,
                    "found": (),
                    "now": now(),
                }
                drafts.save_file(tx, by=maja, draft_id=draft.id, **about, rev=draft.rev)
                if not keep:
                    drafts.discard_draft(tx, services, by=maja, draft_id=draft.id, now=now())

    def browse(self) -> None:
        """Sara signs in twice, signs out once, searches, and lets a program take a referral back."""
        app = create_app(self.program)
        app.testing = False
        for stays in (False, True):
            browser = Browser(app.test_client())
            assert browser.sign_in("sara@demo").status_code == 303
            browser.get("/find")
            if stays:
                break
            assert browser.post("/sign-out", {}).status_code == 303
        assert browser.post("/find", {"q": "glad-asp"}).status_code == 303
        cookie = browser.client.get_cookie("tresteg_demo")
        assert cookie is not None
        self.token = cookie.value
        with self.program.database.transaction(write=False) as tx:
            self.secrets = {row["key"].hex(): self.token for row in rows(tx, "held")}
        lent = browser.client.get("/v1/cases").headers["X-CSRF-Token"]
        headers = {
            "Origin": "http://localhost",
            "X-CSRF-Token": lent,
            "Idempotency-Key": ulid(self.clock.now()),
        }
        answer = browser.client.post(
            f"/v1/referrals/{self.referral(CASE)}/revocation", json={}, headers=headers
        )
        assert answer.status_code == 200, answer.text


def make(folder: Path) -> None:
    """Make the whole installation in an empty folder."""
    with tempfile.TemporaryDirectory() as work:
        path, keyring, clock = (
            Path(work) / "tresteg.db",
            make_keyring(demo=True),
            SetClock(UNTIL - timedelta(days=seed.FIRST_DAYS)),
        )
        chosen = Settings(
            database_url=f"sqlite:///{path}",
            base_url="http://localhost",
            secret_key="golden",
            mail_url="print:",
        )
        program = assemble(
            chosen, clock=clock, keyring=keyring, passwords=Passwords(memory=64, rounds=1)
        )
        prepare_database(program)
        people = seed.seed_directory(program, clock.now())
        publish_shipped(program, clock.now())
        stories = Path(chosen.workflows_dir) / "scenarios"
        told = [one for one in read_scenarios(stories) if one.name in STORIES]
        player = make_player(program, clock, people)
        maker = Maker(program, clock, player, player.play_all(told, UNTIL))
        for act in (maker.refer, maker.handle, maker.look, maker.operate, maker.browse):
            act()
        player.close()
        with program.database.transaction(write=False) as tx:
            empty = {
                (t, c)
                for t, c in sealed_columns()
                if not any(row[c] is not None for row in rows(tx, t))
            }
            assert empty == NEVER_WRITTEN.keys(), empty ^ NEVER_WRITTEN.keys()
            result = verify.verify_all(tx, program.services, now=clock.now())
            assert result.faults == (), result.faults
            found = digests(tx, program, maker.secrets)
        task = {
            "case": maker.cases[CASE],
            "key": maker.task(CASE),
            "answers": player.answers("referral", {}, maker.viewer("sara"), clock.now()),
        }
        program.database.close()
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA journal_mode = DELETE")
            file.execute("VACUUM")
        folder.mkdir()
        write_keyring(keyring, folder / "keyring.json")
        (folder / "tresteg.db.gz").write_bytes(gzip.compress(path.read_bytes(), mtime=0))
        write(folder / "digests.json", found)
        about = {
            "now": clock.now().isoformat(),
            "token": maker.token,
            "secrets": maker.secrets,
            "people": people,
            "task": task,
        }
        write(folder / "about.json", about)


def described() -> str:
    """The OpenAPI document as text, without the version of the program."""
    told = openapi.document(v1.OPERATIONS, "http://localhost")
    return as_text({**told, "info": {**told["info"], "version": "*"}})


def as_text(told: object) -> str:
    return json.dumps(told, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(path: Path, told: object) -> None:
    path.write_text(as_text(told), encoding="utf-8")


if __name__ == "__main__":
    if FOLDER.exists():
        sys.exit(f"{FOLDER} is there; it is never written again")
    make(FOLDER)
    OPENAPI.write_text(described(), encoding="utf-8")
