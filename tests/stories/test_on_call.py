"""An alarm of the shipped process calls whoever is on duty, adds offices and takes the task from
none, and shows the case to nobody but who took it.
"""

from __future__ import annotations

import email
import socket
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.access import Viewer
from service.audit import verify
from service.casework.cases.case_visibility import load_unexplained_visibility
from service.casework.tasks import claims
from service.clock import SetClock
from service.demo import seed
from service.demo.player import Player, make_player
from service.mail import MailServer, read_mail_url
from service.operations.start_checks import prepare_database
from service.people import accounts
from service.release.programme.channel_rules import read_on_call
from service.security.keyring import Keyring
from service.settings import Settings
from service.store.casefile import cases, grants
from service.store.work import incidents, letters, tasks
from service.workshop.publish import prepare_bundle, publish_bundle
from service.workshop.trial.scenario_file import ScenarioStep
from tests.support.changed_configuration import with_configuration
from tests.support.played_cases import UNTIL
from tests.support.programs import make_program
from tests.support.smtp import smtp_server
from tests.support.world import SEED, START, shipped

pytestmark = pytest.mark.slow
HELSINKI, BOARD, OWN = "iom-helsinki", "lansstyrelsen-stockholm", "socialtjansten-exempelstad"
DUTY = "duty@example.invalid"


@dataclass
class Duty:
    """A mail server that refuses what goes to who is on duty, or takes all."""

    answer: str = "250 taken"
    texts: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if DUTY not in envelope.rcpt_tos:
            return "250 a letter to an office"
        assert isinstance(envelope.content, bytes)
        message = email.message_from_bytes(envelope.content, policy=default)
        body = message.get_body()
        assert body is not None
        if self.answer.startswith("250"):
            self.texts.append(f"{message['Subject']}\n{body.get_content()}")
        return self.answer


@pytest.fixture
def duty() -> Iterator[tuple[Duty, MailServer]]:
    box = Duty()
    with smtp_server(box) as server:
        yield box, server


@dataclass
class AlarmStory:
    """A case on the release whose alarms ring, and the player of its steps."""

    player: Player
    case: str = ""

    def act(self, by: str, **step: Any) -> None:
        """One step of a person, at this moment."""
        self.case = self.player.act(
            ScenarioStep(by=by, **step), self.case, ref="Tyst berg", until=UNTIL
        )
        self.player.settle()

    def later(self, **delta: float) -> None:
        self.player.pass_time(self.player.clock.now() + timedelta(**delta))

    @property
    def waits_for(self) -> set[str]:
        with self.player.program.database.transaction(write=False) as tx:
            return {task.element for task in tasks.of_case(tx, self.case)}

    @property
    def rung(self) -> list[letters.Letter]:
        with self.player.program.database.transaction(write=False) as tx:
            return [one for one in letters.of_case(tx, self.case) if one.template == "ring_take"]

    @property
    def told(self) -> list[str]:
        """Offices that got a letter about an alarm."""
        with self.player.program.database.transaction(write=False) as tx:
            found = letters.of_case(tx, self.case)
        return [one.office_id for one in found if one.template == "alarm_take"]

    @property
    def numbers(self) -> list[int]:
        """Numbers of the letters about an alarm."""
        with self.player.program.database.transaction(write=False) as tx:
            found = letters.of_case(tx, self.case)
        return [one.params["count"] for one in found if one.template == "alarm_take"]

    def viewer(self, who: str) -> Viewer:
        """A person of the demo, as who she is for her office."""
        with self.player.program.database.transaction(write=False) as tx:
            viewer = accounts.load_viewer(tx, self.player.people[who])
        assert viewer is not None
        return viewer

    def claim(self, who: str, element: str) -> None:
        """Claim a task."""
        now, by = self.player.clock.now(), self.viewer(who)
        with self.player.program.database.transaction() as tx:
            key = next(t.key for t in tasks.of_case(tx, self.case) if t.element == element)
            claims.claim(tx, self.player.program.services, by, now, task_key=key)

    def sees(self, who: str, key: str) -> bool:
        """Whether a person may see the answer to a question of the case."""
        program, now = self.player.program, self.player.clock.now()
        with program.database.transaction(write=False) as tx:
            case = cases.get(tx, self.case)
            assert case is not None
            found = load_unexplained_visibility(tx, program.services, self.viewer(who), case, now)
            return found.sees_field(key, OWN)

    @property
    def opened_to(self) -> set[tuple[str, str]]:
        """(office, rule) of every live grant."""
        now = self.player.clock.now()
        with self.player.program.database.transaction(write=False) as tx:
            found = grants.of_case(tx, self.case)
        return {(one.office_id, one.rule) for one in found if one.live(now)}

    def faults(self) -> tuple[object, ...]:
        program = self.player.program
        with program.database.transaction(write=False) as tx:
            return verify.verify_all(tx, program.services, now=self.player.clock.now()).faults


Begin = Callable[..., AlarmStory]


@pytest.fixture
def begun(database_url: str, keyring: Keyring, duty: tuple[Duty, MailServer]) -> Iterator[Begin]:
    players: list[Player] = []

    def begin(on_call: str, mail: MailServer | None = None, without: str = "") -> AlarmStory:
        """Begin; `without`: a role that no grant is for."""
        clock = SetClock(UNTIL - timedelta(days=60))
        program = make_program(Settings(database_url=database_url), keyring, clock)
        named = read_on_call(f"[on_call]\n{on_call}")
        rules = program.services.programme.configuration.grants
        kept = tuple(rule for rule in rules.grants if rule.role != without)
        programme = replace(program.services.programme, on_call=named)
        services = with_configuration(
            replace(program.services, programme=programme), grants=replace(rules, grants=kept)
        )
        program = replace(program, services=services, mail=mail or duty[1])
        prepare_database(program)
        people = seed.seed_directory(program, clock.now())
        prepared = prepare_bundle(program.services, shipped())
        with program.database.transaction() as tx:
            publish_bundle(tx, program.services, by=SEED, now=clock.now(), prepared=prepared)
        players.append(make_player(program, clock, people))
        return AlarmStory(players[-1])

    yield begin
    for player in players:
        player.close()
        player.program.database.close()


def told_iom(story: AlarmStory, **answers: Any) -> None:
    """A case that IOM was told of, with an alarm."""
    story.act("sara", start=START)
    for by, task in (
        ("sara", "Task_OfferReturnInformation"),
        ("sara", "Task_SubmitReferral"),
        ("omar", "Task_DecideReferral"),
    ):
        story.act(by, task=task)
    assert "Task_CounselReturnee" in story.waits_for
    danger(story, "aino", **answers)


def danger(story: AlarmStory, by: str, **answers: Any) -> None:
    story.act(by, message="alert", answers={"alertDanger": True, **answers})


def offices(found: list[letters.Letter]) -> list[str]:
    return [one.office_id for one in found]


def test_before_iom_is_told_the_own_office_is_called_again(
    begun: Begin, duty: tuple[Duty, MailServer]
) -> None:
    box, _ = duty
    story = begun(f'{OWN} = "mail:{DUTY}"\n{HELSINKI} = "print:"\n{BOARD} = "print:"')
    story.act("sara", start=START)
    story.later(hours=1)
    before = story.opened_to
    danger(story, "sara")
    assert "Task_TakePartner" in story.waits_for
    story.later(hours=2)
    assert offices(story.rung) == [OWN] * 5, "at once, and each half hour"
    assert story.told == [OWN] * 3, "a letter an hour"
    assert story.numbers == [1, 2, 3]
    assert story.opened_to == before
    with story.player.program.database.transaction(write=False) as tx:
        case = cases.get(tx, story.case)
    assert case is not None
    assert len(box.texts) == 5
    assert all(text.startswith("Akut: ") for text in box.texts)
    assert not [text for text in box.texts if case.ref in text or case.id in text]
    story.act("sara", task="Task_TakePartner")
    story.later(hours=1)
    assert len(story.rung) == 5, "nobody is called once somebody has it"
    assert story.faults() == ()


def test_unanswered_it_adds_an_office_takes_it_from_none_and_opens_the_case_to_nobody(
    begun: Begin,
) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"')
    told_iom(story)
    before = story.opened_to
    assert {"Task_TakeHelsinki", "Task_TakePartner"} <= story.waits_for
    assert "Task_TakeApprover" not in story.waits_for
    assert offices(story.rung) == [HELSINKI]
    story.later(minutes=31)
    assert {"Task_TakeHelsinki", "Task_TakePartner", "Task_TakeApprover"} <= story.waits_for
    assert offices(story.rung) == [HELSINKI, HELSINKI, BOARD]
    assert story.opened_to == before
    story.act("omar", task="Task_TakeApprover")
    assert story.opened_to == before
    assert "Task_TakeHelsinki" not in story.waits_for, "the first who takes it has it"
    assert {one.state for one in story.rung} == {"sent"}
    assert story.faults() == ()


def test_who_cannot_is_asked_again_and_the_others_go_on(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"')
    told_iom(story)
    story.act("aino", task="Task_TakeHelsinki", answers={"alarmTaken": False, "alarmPhone": None})
    assert "Task_TakeHelsinki" not in story.waits_for
    assert "Task_TakePartner" in story.waits_for
    story.later(minutes=31)
    assert "Task_TakeHelsinki" in story.waits_for


def test_an_office_that_may_not_know_is_passed_by(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"', without="CaseApprover")
    told_iom(story)
    assert BOARD not in {office for office, _ in story.opened_to}
    for called in (1, 2, 3):
        assert "Task_TakeHelsinki" in story.waits_for
        assert offices(story.rung) == [HELSINKI] * called
        story.later(minutes=31)
    assert "Task_TakeApprover" not in story.waits_for
    story.act("aino", task="Task_TakeHelsinki")
    assert story.faults() == ()


def test_an_office_that_the_report_points_at_is_not_asked(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"')
    told_iom(story, alertAbout="HELSINKI")
    story.later(minutes=31)
    assert {"Task_TakePartner", "Task_TakeApprover"} <= story.waits_for
    assert "Task_TakeHelsinki" not in story.waits_for
    assert offices(story.rung) == [BOARD, BOARD]


def test_whoever_says_it_an_alarm_is_raised_when_a_stranger_does(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"')
    told_iom(story, alertDanger=False, alertBy="OTHER")
    assert "Task_TakeHelsinki" in story.waits_for
    assert "Task_HandleAlert" not in story.waits_for


def test_a_second_report_joins_the_open_alarm(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"')
    told_iom(story)
    danger(story, "sara")
    assert story.waits_for >= {"Task_TakeHelsinki", "Task_TakePartner"}
    assert offices(story.rung) == [HELSINKI], "one alarm at a time"
    with story.player.program.database.transaction(write=False) as tx:
        urgent = [one for one in letters.of_case(tx, story.case) if one.template == "urgent_news"]
    assert [one.office_id for one in urgent] == [HELSINKI]


def test_who_took_the_alarm_sees_how_to_reach_her_until_it_is_out_of_her_hands(
    begun: Begin,
) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"')
    told_iom(story)
    story.later(minutes=31)
    assert not story.sees("omar", "safeContact")
    story.act("omar", task="Task_TakeApprover")
    assert not story.sees("omar", "safeContact"), "it opens to who has claimed it"
    story.claim("omar", "Task_WorkApprover")
    assert story.sees("omar", "safeContact")
    assert story.sees("omar", "alertText")
    assert not story.sees("omar", "traffickingStory")
    story.act("omar", task="Task_WorkApprover")
    assert not story.sees("omar", "safeContact"), "the task is done"
    assert story.faults() == ()


def test_silence_at_work_calls_all_again_and_another_takes_over(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"')
    told_iom(story)
    story.act("aino", task="Task_TakeHelsinki")
    story.later(hours=1, minutes=31)
    assert {"Task_WorkHelsinki", "Task_TakeHelsinki", "Task_TakePartner"} <= story.waits_for
    story.act("sara", task="Task_TakePartner")
    assert "Task_WorkPartner" in story.waits_for
    assert "Task_WorkHelsinki" not in story.waits_for


def test_an_alarm_ends_when_another_office_has_looked(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"')
    told_iom(story)
    story.act("aino", task="Task_TakeHelsinki")
    story.act("aino", task="Task_WorkHelsinki")
    assert "Task_SecondPartner" in story.waits_for
    story.act("sara", task="Task_SecondPartner", answers={"secondLook": False})
    assert "Task_WorkHelsinki" in story.waits_for, "it goes on"
    story.act("aino", task="Task_WorkHelsinki")
    story.later(hours=12, minutes=1)
    assert "Task_SecondPerson" in story.waits_for, "another person, when the office is silent"
    story.act("eero", task="Task_SecondPerson")
    assert "Task_TalkAlone" in story.waits_for, "somebody speaks with her alone"
    story.act("aino", task="Task_TalkAlone")
    assert not {one for one in story.waits_for if "Take" in one or "Talk" in one}
    assert story.faults() == ()


@pytest.mark.parametrize(("answer", "state"), [("550 nobody", "failed"), ("451 later", "waiting")])
def test_a_channel_that_refuses_holds_up_no_alarm(
    begun: Begin, duty: tuple[Duty, MailServer], answer: str, state: str
) -> None:
    box, _ = duty
    box.answer = answer
    story = begun(f'{HELSINKI} = "mail:{DUTY}"\n{BOARD} = "print:"')
    told_iom(story)
    assert "Task_TakeHelsinki" in story.waits_for
    assert [one.state for one in story.rung] == [state]
    story.later(minutes=31)
    assert "Task_TakeApprover" in story.waits_for
    assert offices(story.rung) == [HELSINKI, HELSINKI, BOARD]
    with story.player.program.database.transaction(write=False) as tx:
        found = [one.topic for one in incidents.of_case(tx, story.case)]
    assert found == (["ring_take"] * 2 if state == "failed" else [])


def test_a_mail_server_that_hangs_holds_up_no_alarm(
    begun: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.mail.SECONDS", 0.05)
    monkeypatch.setattr(Player, "settle", _without_waiting_for_letters)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = read_mail_url(f"smtp://127.0.0.1:{silent.getsockname()[1]}?tls=off")
        story = begun(f'{HELSINKI} = "mail:{DUTY}"\n{BOARD} = "mail:{DUTY}"', server)
        told_iom(story)
        assert "Task_TakeHelsinki" in story.waits_for
        story.player.clock.set(story.player.clock.now() + timedelta(minutes=31))
        story.player.settle()
        assert "Task_TakeApprover" in story.waits_for
    assert offices(story.rung) == [HELSINKI, HELSINKI, BOARD]
    assert {one.state for one in story.rung} == {"waiting"}


def _without_waiting_for_letters(player: Player) -> None:
    while player.worker.timers_and_calls():
        player.worker.send_letters()
