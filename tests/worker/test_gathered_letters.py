"""Letters come as each person of an office has chosen: at once, gathered once a day, or not."""

from __future__ import annotations

import email
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from typing import Any

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.binding import Answer, Letter
from service.casework import incidents
from service.casework.cases import consents
from service.errors import UnusableWord
from service.mail import MailServer
from service.people import directory, letter_choices
from service.people.letter_choices import AT_ONCE, DAILY, NONE
from service.store.installation import ledger_entries, people
from service.store.work import letters
from service.worker.letters import LETTER_TRIES, send_letter
from tests.support import by_hand, small
from tests.support import diagrams as d
from tests.support.by_hand import entry
from tests.support.directory import ROLE
from tests.support.smtp import smtp_server
from tests.support.world import World, settle
from tests.worker.world import CALLS, OPERATOR, Opened

MAILBOX, SARA, STINA = "social@example.invalid", "sara@example.invalid", "stina@example.invalid"
MORNING = datetime(2026, 3, 3, 6, 0, tzinfo=UTC)
"""Seven o'clock in Stockholm, on the day after `NOON`."""


@dataclass
class Mailbox:
    """A mail server that keeps what it takes, or answers what it is told."""

    answer: str = "250 taken"
    refuses: frozenset[str] = frozenset()
    taken: list[EmailMessage] = field(default_factory=list)
    to: list[tuple[str, ...]] = field(default_factory=list)

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        del server, session, options
        if address in self.refuses:
            return "550 nobody here"
        envelope.rcpt_tos.append(address)
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(email.message_from_bytes(envelope.content, policy=default))
            self.to.append(tuple(sorted(envelope.rcpt_tos)))
        return self.answer

    def texts(self) -> list[str]:
        return [str(message.get_content()) for message in self.taken]


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, MailServer]]:
    box = Mailbox()
    with smtp_server(box) as server:
        yield box, server


def office(opened: Opened, template: str = "news", consent: str = "") -> World:
    return opened(CALLS, letters_send=lambda _: Answer(letters=(Letter(ROLE, template, consent),)))


def choose(world: World, name: str, how: str, address: str = "") -> None:
    with world.database.transaction() as tx:
        letter_choices.choose_letters(
            tx,
            world.program.services,
            by=world.loaded_viewer(name),
            now=world.clock.now(),
            how=how,
            address=address,
            mailbox=MAILBOX,
        )


def states(world: World, *cases: str) -> list[str]:
    return [letter.state for case in cases for letter in world.letters(case)]


def test_until_anybody_chooses_letters_come_as_often_as_the_release_says(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    with world.database.transaction() as tx:
        for name in ("sara", "stina"):
            people.set_choices(tx, f"p_{name}", language="en", settings={})
    world.start()
    worker = world.worker(mail=server)
    settle(worker)
    assert box.to == []
    world.clock.set(MORNING)
    settle(worker)
    assert box.to == [(MAILBOX,)]


@pytest.mark.parametrize(("hours", "leaves"), [(41, 1), (43, 0)])
def test_what_is_due_within_a_day_of_the_morning_does_not_wait_for_it(
    opened: Opened, mailbox: tuple[Mailbox, MailServer], hours: int, leaves: int
) -> None:
    box, server = mailbox
    due = f'<zeebe:taskSchedule dueDate="= now() + duration(&quot;PT{hours}H&quot;)"/>'
    process = small.one(d.job("j") + d.task("a", extra=due, group=ROLE), "s>j j>a a>e")
    sends = Answer(letters=(Letter(ROLE, "news", ""),))
    world = opened(process, letters_send=lambda _: sends)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    world.start()
    settle(world.worker(mail=server))
    assert len(box.to) == leaves


def test_gathered_letters_leave_as_one_on_the_next_morning(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    started = [world.start().case_id for _ in range(3)]
    worker = world.worker(mail=server)
    settle(worker)
    assert (box.taken, states(world, *started)) == ([], ["waiting"] * 3)
    world.clock.set(MORNING - timedelta(seconds=1))
    settle(worker)
    assert box.taken == []
    world.clock.set(MORNING)
    settle(worker)
    assert (box.to, states(world, *started)) == ([(MAILBOX,)], ["sent"] * 3)
    [message], [text] = box.taken, box.texts()
    assert message["Subject"] == "Tresteg: nytt att läsa"
    for case in started:
        assert text.count(f"{world.case(case).ref}: ") == 1
        assert f"/go/{case}" in text
    assert world.faults() == []


def test_a_letter_before_the_weekend_waits_for_monday(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    world.clock.set(datetime(2026, 3, 6, 15, 0, tzinfo=UTC))
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    case = world.start().case_id
    settle(world.worker(mail=server))
    [letter] = world.letters(case)
    assert letter.not_before == datetime(2026, 3, 9, 6, 0, tzinfo=UTC)
    assert box.taken == []


def test_each_person_gets_letters_as_she_has_chosen(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    choose(world, "sara", AT_ONCE, SARA)
    choose(world, "stina", DAILY, STINA)
    started = [world.start().case_id for _ in range(2)]
    worker = world.worker(mail=server)
    settle(worker)
    assert box.to == [(SARA,), (SARA,)]
    assert all(message["To"] == MAILBOX for message in box.taken), "nobody sees who else reads"
    world.clock.set(MORNING)
    settle(worker)
    assert box.to[2:] == [(STINA,)]
    assert set(states(world, *started)) == {"sent"}
    assert world.faults() == []


@pytest.mark.parametrize("template", ["alarm", "urgent_news", "new_referral", "last_day"])
def test_some_letters_reach_everybody_whatever_they_chose(
    opened: Opened, mailbox: tuple[Mailbox, MailServer], template: str
) -> None:
    box, server = mailbox
    world = office(opened, template)
    choose(world, "sara", DAILY, SARA)
    choose(world, "stina", NONE, STINA)
    world.start()
    settle(world.worker(mail=server))
    assert box.to == [tuple(sorted((MAILBOX, SARA, STINA)))]


def test_who_chose_none_gets_nothing_that_can_wait(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    choose(world, "sara", AT_ONCE, SARA)
    choose(world, "stina", NONE, STINA)
    world.start()
    settle(world.worker(mail=server))
    assert box.to == [(SARA,)]


def test_an_office_that_nobody_reads_for_gets_all_at_once(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    """Choosing none cannot bring it about; closing the last reader can."""
    box, server = mailbox
    world = office(opened)
    choose(world, "stina", NONE, STINA)
    with pytest.raises(UnusableWord) as refused:
        choose(world, "sara", NONE)
    assert refused.value.facts["why"] == "last_reader"
    with world.database.transaction() as tx:
        directory.close_person(
            tx, world.program.services, by=OPERATOR, now=world.clock.now(), sign_in="sara"
        )
    world.start()
    settle(world.worker(mail=server))
    assert box.to == [(MAILBOX,)]


@pytest.mark.parametrize(("then", "address"), [(AT_ONCE, SARA), (NONE, SARA)])
def test_what_was_gathered_reaches_who_chose_otherwise_since(
    opened: Opened, mailbox: tuple[Mailbox, MailServer], then: str, address: str
) -> None:
    box, server = mailbox
    world = office(opened)
    choose(world, "sara", DAILY, SARA)
    choose(world, "stina", DAILY, STINA)
    case = world.start().case_id
    worker = world.worker(mail=server)
    settle(worker)
    world.later(hours=1)
    choose(world, "sara", then, address)
    world.clock.set(MORNING)
    settle(worker)
    assert (box.to, states(world, case)) == ([(SARA, STINA)], ["sent"])
    world.start()
    world.clock.set(MORNING + timedelta(hours=1))
    settle(worker)
    world.clock.set(MORNING + timedelta(days=1))
    settle(worker)
    assert box.to[1:] == ([(SARA,), (STINA,)] if then == AT_ONCE else [(STINA,)])


def test_a_worker_that_dies_sends_the_gathered_letter_again(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    """With the same Message-ID, so that a mail server knows it; a third time it does not come."""
    box, server = mailbox
    world = office(opened)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    started = [world.start().case_id for _ in range(3)]
    settle(world.worker(mail=server))
    world.clock.set(MORNING)
    dying = world.worker("w2", server)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("service.worker.letters.letter_mail.record_sent", _dies)
        with pytest.raises(KeyboardInterrupt):
            dying.send_letters()
    assert len(box.taken) == 1
    world.later(minutes=10)
    other = world.worker("w3", server)
    settle(other)
    settle(other)
    first, second = box.taken
    assert first["Message-ID"] == second["Message-ID"]
    assert box.texts()[0] == box.texts()[1]
    assert states(world, *started) == ["sent"] * 3
    assert world.faults() == []


def _dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_two_workers_send_what_was_gathered_once(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    started = [world.start().case_id for _ in range(4)]
    one, two = world.worker("w1", server), world.worker("w2", server)
    settle(one)
    world.clock.set(MORNING)
    now, leased = world.clock.now(), {}
    for who in (one, two):
        with world.database.transaction() as tx:
            leased[who.name] = letters.lease(
                tx, now=now, who=who.name, seconds=one.lease_seconds, limit=2
            )
    for letter in leased["w1"]:
        send_letter(one, letter)
    assert box.taken == [], "the other has some of them: wait for it"
    for letter in leased["w2"]:
        send_letter(two, letter)
    world.later(minutes=2)
    settle(one)
    settle(two)
    assert len(box.taken) == 1
    assert states(world, *started) == ["sent"] * 4


@pytest.mark.parametrize("last", [0, 1])
def test_a_gathered_letter_that_may_have_left_twice_stays_behind(
    opened: Opened, mailbox: tuple[Mailbox, MailServer], last: int
) -> None:
    box, server = mailbox
    world = office(opened)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    started = [world.start().case_id for _ in range(2)]
    worker = world.worker(mail=server)
    settle(worker)
    world.clock.set(MORNING)
    with world.database.transaction() as tx:
        keys = [one.key for one in letters.lease(tx, now=MORNING, who="dead", seconds=60)]
        assert letters.send_last(tx, keys[last], "dead")
    world.later(seconds=61)
    settle(worker)
    assert len(box.taken) == 1
    found = {one.key: one.state for case in started for one in world.letters(case)}
    assert found == {keys[last]: "failed", keys[1 - last]: "sent"}
    assert [i.error for case in started for i in world.incidents(case)] == [letters.LAST]


def test_a_gathered_letter_that_is_refused_for_long_is_told(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    started = [world.start().case_id for _ in range(2)]
    worker = world.worker(mail=server)
    settle(worker)
    world.clock.set(MORNING)
    box.answer = "451 try later"
    for _ in range(LETTER_TRIES):
        settle(worker)
        world.later(hours=2)
    assert states(world, *started) == ["failed"] * 2
    box.answer = "250 taken"
    for case in started:
        [told] = world.incidents(case)
        with world.database.transaction() as tx:
            incidents.retry_incident(tx, incident_id=told.id, by=OPERATOR, now=world.clock.now())
    settle(worker)
    assert len(box.taken) == 1
    assert states(world, *started) == ["sent"] * 2


def test_a_consent_that_was_taken_back_holds_its_letter_alone(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world = office(opened, consent="REFER")
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    kept, held = (world.start().case_id for _ in range(2))
    for case in (kept, held):
        give(world, case)
    worker = world.worker(mail=server)
    settle(worker)
    with world.database.transaction() as tx:
        by_hand.withdraw(tx, held, ["REFER"], on=world.clock.now().date(), rev=1)
        entry(tx, f"case/{held}")
    world.clock.set(MORNING)
    settle(worker)
    [text] = box.texts()
    assert (kept in text, held in text) == (True, False)
    assert states(world, kept, held) == ["sent", "held"]


def give(world: World, case: str) -> None:
    services, now = world.program.services, world.clock.now()
    with world.database.transaction() as tx:
        key = services.key(tx, f"case:{case}")
        assert key is not None
        given = {"REFER": {"givenBy": "SELF", "givenOn": "2026-03-01"}}
        about: dict[str, Any] = {"key": key, "case_id": case, "by": "p_sara", "rev": 1, "now": now}
        consents.give(tx, services.programme.configuration, given=given, **about)
        entry(tx, f"case/{case}")


def test_one_wrong_address_stops_nobody_elses_letter(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    box.refuses = frozenset({SARA})
    world = office(opened)
    choose(world, "sara", AT_ONCE, SARA)
    case = world.start().case_id
    settle(world.worker(mail=server))
    assert (box.to, states(world, case)) == ([(MAILBOX,)], ["sent"])


def test_the_history_says_that_a_letter_waits(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    _, server = mailbox
    world = office(opened)
    for name in ("sara", "stina"):
        choose(world, name, DAILY)
    case, worker = world.start().case_id, world.worker(mail=server)
    settle(worker)
    world.clock.set(MORNING)
    settle(worker)
    with world.database.transaction(write=False) as tx:
        kinds = ["letter_gathered", "letter_sent"]
        found = ledger_entries.latest(tx, f"case/{case}", kinds=kinds)
    assert [line.kind for line in reversed(found)] == kinds
