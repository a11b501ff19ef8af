"""The people of the golden installation, who do what no story of the demo does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from service.access import RECORDS_OFFICER, Viewer
from service.application.container import Tresteg
from service.application.shipped_files import shipped_bundle
from service.audit import rebuild
from service.casework import clock_guard, incidents
from service.casework.approvals import protected_acts, requests
from service.casework.casefile import documents, notes, read_log
from service.casework.casefile.case_view import load_case_view
from service.casework.cases import protection
from service.casework.cases.case_officers import give_case
from service.casework.document_requests import deciding
from service.casework.incidents import record_engine_stop
from service.casework.referrals import referral_answers
from service.casework.referrals import send as referral_send
from service.casework.referrals.compose import reads_of_compose
from service.casework.referrals.referral_options import ReferralChoice
from service.casework.retention import holds
from service.casework.subject_requests import asking
from service.casework.tasks import claims, unsent_answers
from service.clock import SetClock
from service.demo.player import Player
from service.demo.steps import DOCUMENT
from service.errors import EngineStopped
from service.people import directory, invitations, one_time_codes, passkeys, sign_in
from service.people.absences import end_absence, set_absence
from service.people.rate_limits import TryLane
from service.records.context import Actor, actor
from service.records.ids import ulid
from service.security.passkey_answers import PasskeySite
from service.store.casefile import approvals, cases, document_requests, referrals, subject_requests
from service.store.casefile import holds as hold_rows
from service.store.transaction import Tx
from service.store.work import tasks
from service.web.application import create_app
from service.workshop import drafts
from service.workshop.trial.scenario_file import ScenarioStep
from tests.golden.kept import rows
from tests.support.authenticator import Authenticator
from tests.support.browser import PASSWORD, Browser, code_at
from tests.support.directory import give_password

SITE = PasskeySite("tresteg.example", "https://tresteg.example")
CASE = "03-glad-asp"
"""The case in which people do what no story does."""
BY = Actor("cli")
SOCIAL = "socialtjansten-exempelstad"


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
        return self.player.signed_in(name)[0]

    def do(self, command: Callable[[Tx], object]) -> None:
        """Run one command, a second after the one before."""
        self.clock.set(self.clock.now() + timedelta(seconds=1))
        with self.program.database.transaction() as tx:
            command(tx)

    def act(self, command: Callable[..., object], *services: object, **facts: Any) -> None:
        """Run one command with these facts, at the moment of its own."""
        self.do(lambda tx: command(tx, *services, **facts, now=self.clock.now()))

    def task(self, case: str) -> str:
        with self.program.database.transaction(write=False) as tx:
            return tasks.of_case(tx, self.cases[case])[0].key

    def referral(self, case: str) -> str:
        """The newest referral by hand."""
        with self.program.database.transaction(write=False) as tx:
            return max(row.id for row in referrals.of_case(tx, self.cases[case]) if not row.element)

    def send(self, purpose: str, to: str, days: int | None = None) -> str:
        """Sara refers the case that came back to her, by hand."""
        sara = self.viewer("sara")
        choice = ReferralChoice(to, purpose, days=days)

        def send(tx: Tx) -> None:
            services, case = self.program.services, self.cases[CASE]
            more, now = reads_of_compose(case), self.clock.now()
            view = load_case_view(tx, services, sara, case, now, more=more)
            referral_send.send_referral(tx, view, choice, rev=view.case.rev)

        self.do(send)
        return self.referral(CASE)

    # ---- what people do

    def refer(self) -> None:
        """A referral by hand in every state."""
        services = self.program.services
        kim, sara, berit = (self.viewer(name) for name in ("kim", "sara", "berit"))
        first = self.referral(CASE)
        self.act(referral_answers.record_receipt, by=kim, referral_id=first)
        self.act(referral_answers.ask, services, by=kim, referral_id=first, text="Vad behövs?")
        self.act(
            referral_answers.reply, services, by=sara, referral_id=first, text="Råd om bidrag."
        )
        self.act(referral_answers.accept, services, by=kim, referral_id=first)
        self.act(referral_answers.done, services, by=kim, referral_id=first)
        second = self.send("ADVICE", kim.office)
        refusal = {
            "referral_id": second,
            "reason": services.programme.configuration.referrals.refusals[0].id,
            "text": "Inte vårt län.",
        }
        self.act(referral_answers.refuse, services, by=kim, **refusal)
        self.act(referral_answers.acknowledge, services, by=sara, referral_id=second)
        third = self.send("ADVICE", kim.office)
        self.act(referral_answers.revoke, services, by=sara, referral_id=third)
        self.send("ADVICE", kim.office, days=1)
        self.player.pass_time(self.clock.now() + timedelta(days=4))
        fifth = self.send("CHILD", berit.office)
        self.act(referral_answers.record_receipt, by=berit, referral_id=fifth)
        self.send("ADVICE", kim.office)

    def handle(self) -> None:
        """Tasks change hands; documents, notes and unsent answers are kept."""
        self._hand_over(self.task(CASE), self.viewer("sara"))
        self._write(self.task(CASE), self.viewer("sara"))

    def _hand_over(self, task: str, sara: Viewer) -> None:
        """A task goes through every change of hands."""
        services = self.program.services
        about: dict[str, Any] = {
            "name": "Stina (demo)",
            "office": SOCIAL,
            "roles": ["ReferringPartner"],
            "language": "sv",
        }
        for name in ("sonja@demo", "rut@demo"):
            self.act(directory.add_person, services, by=BY, sign_in=name, **about)
        with self.program.database.transaction(write=False) as tx:
            known = directory.find_person(tx, services, "sonja@demo").person
        sonja = Viewer(known.id, SOCIAL, sara.roles)
        self.act(claims.claim, services, by=sara, task_key=task)
        self.act(claims.hand_over, by=sara, task_key=task, to_person=known.id)
        self.act(claims.take_over, services, by=sara, task_key=task, reason="Hon är sjuk.")
        self.act(claims.release_task, services, by=sara, task_key=task, reason="Inte min.")
        until = self.clock.now() + timedelta(days=1, seconds=1)
        self.act(claims.rest, services, by=sonja, task_key=task, until=until)
        self.act(claims.claim, services, by=sara, task_key=task)
        self._stand_in(sara, sonja)

    def _stand_in(self, sara: Viewer, sonja: Viewer) -> None:
        """A case is given to a colleague and back; a person is away, and will be."""
        services, case, day = self.program.services, self.cases[CASE], self.clock.now().date()
        for to, by in ((sonja, sara), (sara, sonja)):
            self.act(partial(give_case, case_id=case, to_person=to.person), services, by=by)
        for days in (3, 5):
            away = partial(
                set_absence,
                person=sara.person,
                deputy=sonja.person,
                first_day=day,
                last_day=day + timedelta(days=days),
            )
            self.act(away, services, by=sonja)
        self.act(partial(end_absence, person=sara.person), services, by=sara)
        self.act(away, services, by=sara)

    def _write(self, task: str, sara: Viewer) -> None:
        """Documents, a note, unsent answers and a marking of the case."""
        services, case = self.program.services, self.cases[CASE]
        sent: dict[str, Any] = {"case_id": case, "field": "attachments", "klass": "C0"}
        sent["clean"] = documents.CheckedFile("pahittad.pdf", "pdf", DOCUMENT)
        for key in (task, ""):
            self.act(documents.attach, services, by=sara, task_key=key, **sent)
        with self.program.database.transaction(write=False) as tx:
            document = rows(tx, "document")[-1]["id"]
        self.act(documents.drop, services, by=sara, id_=document, reason="Fel papper.")
        self.act(notes.write, services, by=sara, case_id=case, text="Ring på tisdag.")
        unsent: dict[str, Any] = {
            "case_id": case,
            "raw": {"givenNames": ["Fiktiva"], "languages": ["bg", "sv"]},
            "step": unsent_answers.AnsweredStep("Task_CompleteReferral", 1),
        }
        keep: Callable[..., object] = unsent_answers.save_unsent
        self.act(keep, services, by=sara, key=task, base={}, rev=0, **unsent)
        start = {"case_id": None, "raw": {"ageBand": ["ADULT"]}}
        key = "start/Start_PersonIdentified"
        self.act(keep, services, by=sara, key=key, base={}, rev=0, **start)
        marking = {"marking": "SEKRETESSMARKERING", "reason": "Hot."}
        omar = self.viewer("omar")
        self.act(protection.set_marking, services, by=omar, case_id=case, **marking)
        self._protect(sara, omar)

    def _protect(self, sara: Viewer, omar: Viewer) -> None:
        """A person is named; approvals are used, refused, and run out."""
        services, case = self.program.services, self.cases[CASE]
        chosen = {"case_id": case, "reason": "Tar över."}
        with self.program.database.transaction(write=False) as tx:
            brief = cases.get(tx, case)
            assert brief is not None
            chosen["person"] = next(iter(protection.candidates(tx, omar, brief)))
        self.act(protection.name_person, services, by=omar, **chosen)
        kind = protected_acts.PRINT_CASE
        for nth, approve in enumerate((True, False, None)):
            asked: dict[str, Any] = {"kind": kind, "case_id": case, "reason": "Till domstol."}
            digest = requests.digest_of(kind, case, {"nth": str(nth)})
            asked |= {"subjects": {"subject": ""}, "digest": digest}
            self.act(requests.ask, services, by=sara, **asked)
            with self.program.database.transaction(write=False) as tx:
                id_ = approvals.asked_by(tx, sara.person)[0].id
            if approve is not None:
                self.act(requests.decide, services, by=omar, id_=id_, approve=approve)
            if approve:
                self.act(self._print, by=sara, kind=kind, case_id=case, digest=digest)
        late = self.clock.now() + timedelta(days=4)
        self.do(lambda tx: requests.expire(tx, now=late))

    @staticmethod
    def _print(tx: Tx, *, by: Viewer, now: datetime, **approved: str) -> None:
        """Use an approval, and write down what it was used for."""
        requests.use(tx, by=by, now=now, **approved)
        case = approved["case_id"]
        read_log.record_read(tx, by=by, now=now, case_id=case, purpose="print", classes=("C0",))

    def look(self) -> None:
        """People read, print, look up and search."""
        services, case, sara = self.program.services, self.cases[CASE], self.viewer("sara")
        about: dict[str, Any] = {"classes": ("C0", "C1"), "about": {"tab": "x"}}
        for purpose in ("case", "print"):
            self.act(read_log.record_read, by=sara, case_id=case, purpose=purpose, **about)
        why = {"purpose": "OTHER", "reason": "Hon ringde."}
        self.act(read_log.record_lookup_reason, services, by=sara, case_id=case, **why)
        start = ScenarioStep(by="sara", start="Start_PersonIdentified", previous="no-consent")
        self.player.act(start, "")

    def operate(self) -> None:
        """What operators and process owners do, and what goes wrong."""
        self._repair()
        self._keep_the_directory()
        services = self.program.services
        self._hold()
        self._answer_the_person()
        self._answer_anybody()
        for who in map(str, range(200)):
            tried = sign_in.SignInTry(who, who, TryLane(who, who), "", None)
            self.act(sign_in.record_wrong_try, services, tried=tried)
        self._edit()

    def _hold(self) -> None:
        """Data protection orders that nothing of a case is erased, twice, and ends the first."""
        by, case = actor(self.viewer("disa")), self.cases[CASE]
        for reason in ("Tillsyn 2026-3", "Tillsyn 2026-4"):
            until = self.clock.now() + timedelta(days=20)
            about = {"by": by, "case_id": case, "until": until, "reason": reason}
            self.act(holds.set_hold, self.program.services, **about)
        with self.program.database.transaction(write=False) as tx:
            first = hold_rows.of_case(tx, case)[0].id
        self.act(holds.end_hold, by=by, hold_id=first)

    def _answer_the_person(self) -> None:
        """She asks for two things: a copy, which is read and waits, and a correction, which she
        gets.
        """
        services, case = self.program.services, self.cases[CASE]
        by = replace(self.viewer("sara"), roles=frozenset({"ReferringPartner", RECORDS_OFFICER}))
        about = {"by": by, "case_id": case, "who": "herself", "everywhere": False, "person": False}
        for kind, proven in (("copy", ""), ("correct", "document")):
            wish = f"Rätta {kind}"
            self.act(asking.ask, services, **about, kind=kind, proven=proven, wish=wish)
        with self.program.database.transaction(write=False) as tx:
            copy, other = (row.id for row in subject_requests.of_case(tx, case))
        self.act(asking.show_identity, services, by=by, request=copy, proven="known")
        marked = {"looks": ((0,), "ANDRAS_RATT_15_4")}
        self.act(asking.read_parts, services, by=by, request=copy, marked=marked, lang="sv")
        said = {"by": by, "request": other}
        self.act(asking.lengthen, services, **said, why="Två kontor frågas")
        self.act(asking.decide, services, **said, outcome="granted", answer="Rättat")
        self.act(asking.give, services, **said, how="handed")

    def _answer_anybody(self) -> None:
        """Somebody asks for a public document and is refused it, a second one is given a part, and
        a third one waits; the words of the first two are forgotten.
        """
        services, case = self.program.services, self.cases[CASE]
        by = replace(self.viewer("sara"), roles=frozenset({"ReferringPartner", RECORDS_OFFICER}))
        refused, given, _ = asked = [self._ask_for_a_document(by, n) for n in range(3)]
        with self.program.database.transaction(write=False) as tx:
            number = {one.id: one.number for one in cases.of_ids(tx, {case})}[case]
        for request in asked[1:]:
            self.act(deciding.find, services, by=by, request=request, word=number)
            about = {"by": by, "request": request, "klass": "C0"}
            self.act(deciding.choose_class, services, **about, does="choose", ground="")
            with self.program.database.transaction(write=False) as tx:
                choice = document_requests.choice_of(tx, request)
            assert choice is not None
            marked = dict.fromkeys(choice.parts, ((), ""))
            self.act(deciding.choose_parts, services, by=by, request=request, marked=marked)
        for request, outcome in ((refused, "refused"), (given, "whole")):
            self.act(deciding.decide, services, by=by, request=request, outcome=outcome)
            self.act(deciding.give, services, by=by, request=request, how="sent")
        with self.program.database.transaction() as tx:
            deciding.end_words(tx, self.clock.now() + deciding.WORDS_KEPT)

    def _ask_for_a_document(self, by: Viewer, n: int) -> str:
        wish = f"Beslut {n}"
        with self.program.database.transaction() as tx:
            return deciding.ask(tx, self.program.services, by, self.clock.now(), wish=wish)

    def _repair(self) -> None:
        """Stops of the engine, a damaged snapshot, and a clock that jumps."""
        services, case = self.program.services, self.cases[CASE]
        for element in ("Task_CompleteReferral", "Task_SubmitReferral"):
            stop = EngineStopped("budget", element, "")
            self.act(record_engine_stop, case_id=case, job_key="", stop=stop)
        with self.program.database.transaction(write=False) as tx:
            first = incidents.open_incidents(tx)[0].id
        self.act(incidents.retry_incident, by=BY, incident_id=first)
        with self.program.database.transaction(write=False) as tx:
            brief = cases.get(tx, case)
        assert brief is not None
        self.do(lambda tx: cases.rebuild(tx, case, brief.rev, b"damaged"))
        self.act(rebuild.rebuild_snapshot, services, by=BY, case_id=case)
        self.act(clock_guard.pause, by=timedelta(hours=2))
        self.act(clock_guard.confirm_clock, by=BY)

    def _keep_the_directory(self) -> None:
        """Addresses, roles and passwords change, and a person leaves."""
        services, sonja = self.program.services, "sonja@demo"
        address = "ny@example.invalid"
        self.act(directory.set_address, services, by=BY, office=SOCIAL, address=address)
        for roles in ([], ["ReferringPartner"]):
            self.act(directory.set_roles, services, by=BY, sign_in=sonja, roles=roles)
        self.act(directory.close_person, services, by=BY, sign_in="rut@demo")
        password = self.program.passwords.hash(PASSWORD)
        sara = "sara@demo"
        self.act(give_password, services, by=BY, sign_in=sara, password=password)
        self._add_ways(self.viewer("nora"))

    def _add_ways(self, nora: Viewer) -> None:
        """An app that makes codes, a passkey, an invitation."""
        services, now = self.program.services, self.clock.now()
        ticket = one_time_codes.begin_setup(services, person=nora.person, now=now)
        code = code_at(one_time_codes.secret_of(services, ticket), now)

        def add(tx: Tx) -> None:
            one_time_codes.finish_setup(tx, services, by=nora, ticket=ticket, code=code, now=now)
            asked = passkeys.begin_adding(
                tx, services, SITE, person=nora.person, bound_to="here", name="Nora", now=now
            )
            answer = Authenticator(SITE).make(asked.options)
            given = {"bound_to": "here", "ticket": asked.ticket, "answer": answer, "name": "min"}
            passkeys.add_passkey(tx, services, SITE, by=nora, **given, now=now)

        self.do(add)
        self.act(invitations.invite, services, by=BY, sign_in="sonja@demo")

    def _edit(self) -> None:
        """One draft is discarded, another one stays."""
        services, now = self.program.services, self.clock.now
        maja, name = self.viewer("maja"), "workflows/calendars/sweden.json"
        content = shipped_bundle(self.program.settings).files[name] + b"\n"
        file: dict[str, Any] = {"changed": {name: content}, "found": ()}
        for keep in (False, True):
            with self.program.database.transaction() as tx:
                draft = drafts.open_draft(tx, services, by=maja, now=now())
                saved: dict[str, Any] = {"draft_id": draft.id, "rev": draft.rev, "now": now()}
                drafts.save_files(tx, services, by=maja, **saved, **file)
                if not keep:
                    drafts.discard_draft(tx, services, by=maja, draft_id=draft.id, now=now())

    def browse(self) -> None:
        """Sara signs in twice, signs out once, searches, and a program takes a referral back."""
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
