"""An alarm of the shipped process calls who is on duty, and goes on to an office that knows.

The drawn process with the topic `alarms.ring`, and a way past an office that names no channel.
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

from service.audit import verify
from service.clock import SetClock
from service.demo import seed
from service.demo.player import Player, make_player
from service.mail import MailServer, read_mail_url
from service.operations.start_checks import prepare_database
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
            return [one for one in letters.of_case(tx, self.case) if one.template == "ring"]

    @property
    def told(self) -> list[str]:
        """Offices that got a letter about an alarm."""
        with self.player.program.database.transaction(write=False) as tx:
            found = letters.of_case(tx, self.case)
        return [one.office_id for one in found if one.template == "alarm"]

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


def told_iom(story: AlarmStory) -> None:
    """A case that IOM was told of, with an alarm."""
    story.act("sara", start=START)
    for by, task in (
        ("sara", "Task_OfferReturnInformation"),
        ("sara", "Task_SubmitReferral"),
        ("omar", "Task_DecideReferral"),
    ):
        story.act(by, task=task)
    assert "Task_CounselReturnee" in story.waits_for
    danger(story, "aino")


def danger(story: AlarmStory, by: str) -> None:
    story.act(by, message="alert", answers={"alertDanger": True})


def acknowledgement(story: AlarmStory) -> str:
    """What stands above the questions of the form that acknowledges the alarm."""
    program = story.player.program
    with program.database.transaction(write=False) as tx:
        form = program.services.current(tx).forms["acknowledge"]
    return form.sections[0].help


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
    assert "Task_AckPartner" in story.waits_for
    story.later(hours=2)
    assert offices(story.rung) == [OWN] * 5, "at once, and each half hour"
    assert set(story.told) == {OWN}
    assert story.opened_to == before
    with story.player.program.database.transaction(write=False) as tx:
        case = cases.get(tx, story.case)
    assert case is not None
    assert len(box.texts) == 5
    assert all(text.startswith("Akut: ") for text in box.texts)
    assert not [text for text in box.texts if case.ref in text or case.id in text]
    assert "112" in acknowledgement(story)
    story.act("sara", task="Task_AckPartner")
    story.later(hours=2)
    assert len(story.rung) == 5, "nobody is called once somebody has it"
    assert story.faults() == ()


def test_unanswered_it_goes_on_and_opens_the_case_to_nobody(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"')
    told_iom(story)
    before = story.opened_to
    assert "Task_AckHelsinki" in story.waits_for
    assert offices(story.rung) == [HELSINKI]
    story.later(minutes=31)
    assert {"Task_AckNext"} <= story.waits_for
    assert "Task_AckHelsinki" not in story.waits_for
    assert offices(story.rung) == [HELSINKI, BOARD]
    assert BOARD in {office for office, _ in before}, "it knows the case already"
    assert story.opened_to == before
    story.act("omar", task="Task_AckNext")
    assert story.opened_to == before
    assert {one.state for one in story.rung} == {"sent"}
    assert story.faults() == ()


def test_an_office_without_a_channel_is_passed_at_once(begun: Begin) -> None:
    story = begun(f'{BOARD} = "print:"')
    told_iom(story)
    assert "Task_AckNext" in story.waits_for
    assert "Task_AckHelsinki" not in story.waits_for
    assert offices(story.rung) == [BOARD]
    assert story.told == [HELSINKI, BOARD], "its letter it gets all the same"


def test_an_office_that_may_not_know_is_passed_by(begun: Begin) -> None:
    story = begun(f'{HELSINKI} = "print:"\n{BOARD} = "print:"', without="CaseApprover")
    told_iom(story)
    assert BOARD not in {office for office, _ in story.opened_to}
    for called in (1, 2, 3):
        assert "Task_AckHelsinki" in story.waits_for
        assert offices(story.rung) == [HELSINKI] * called
        story.later(minutes=31)
    assert "Task_AckNext" not in story.waits_for
    story.act("aino", task="Task_AckHelsinki")
    assert story.faults() == ()


@pytest.mark.parametrize(("answer", "state"), [("550 nobody", "failed"), ("451 later", "waiting")])
def test_a_channel_that_refuses_holds_up_no_alarm(
    begun: Begin, duty: tuple[Duty, MailServer], answer: str, state: str
) -> None:
    box, _ = duty
    box.answer = answer
    story = begun(f'{HELSINKI} = "mail:{DUTY}"\n{BOARD} = "print:"')
    told_iom(story)
    assert "Task_AckHelsinki" in story.waits_for
    assert [one.state for one in story.rung] == [state]
    story.later(minutes=31)
    assert "Task_AckNext" in story.waits_for
    assert offices(story.rung) == [HELSINKI, BOARD]
    with story.player.program.database.transaction(write=False) as tx:
        found = [one.topic for one in incidents.of_case(tx, story.case)]
    assert found == (["ring"] if state == "failed" else [])


def test_a_mail_server_that_hangs_holds_up_no_alarm(
    begun: Begin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("service.mail.SECONDS", 0.05)
    monkeypatch.setattr(Player, "settle", _without_waiting_for_letters)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        server = read_mail_url(f"smtp://127.0.0.1:{silent.getsockname()[1]}?tls=off")
        story = begun(f'{HELSINKI} = "mail:{DUTY}"\n{BOARD} = "mail:{DUTY}"', server)
        told_iom(story)
        assert "Task_AckHelsinki" in story.waits_for
        story.player.clock.set(story.player.clock.now() + timedelta(minutes=31))
        story.player.settle()
        assert "Task_AckNext" in story.waits_for
    assert offices(story.rung) == [HELSINKI, BOARD]
    assert {one.state for one in story.rung} == {"waiting"}


def _without_waiting_for_letters(player: Player) -> None:
    while player.worker.timers_and_calls():
        player.worker.send_letters()
