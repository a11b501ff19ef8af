"""Letters leave once, and wait while the mail server is down."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.actions.cases import consents
from service.actions.operations import incidents
from service.binding import Answer, Call, Letter
from service.mail import MailServer, read_mail_url
from service.store.work import letters
from service.worker.letters import LETTER_TRIES, send_letter
from service.worker.loop import Worker
from tests.support.directory import ROLE
from tests.support.local_handlers import LocalHandlers
from tests.support.world import World, settle
from tests.worker.world import CALLS, OPERATOR, Opened


@dataclass
class Postbox:
    """A mail server that takes letters, or answers what it is told."""

    answer: str = "250 taken"
    taken: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken += [
                line
                for line in envelope.content.decode().splitlines()
                if line.startswith("Message-ID")
            ]
        return self.answer


def free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    return port


def address(port: int) -> MailServer:
    return read_mail_url(f"smtp://127.0.0.1:{port}?tls=off", installation="prov")


@pytest.fixture
def postbox() -> Iterator[tuple[Postbox, MailServer]]:
    box, port = Postbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port)
    controller.start()
    yield box, address(port)
    controller.stop()


def writes(template: str = "news", consent: str = "") -> Callable[[Call], Answer]:
    return lambda _: Answer(letters=(Letter(ROLE, template, consent),))


def state(desk: World, case: str) -> list[tuple[str, int]]:
    return [(letter.state, letter.tries) for letter in desk.letters(case)]


def test_letters_wait_while_the_mail_server_is_down(
    opened: Opened, postbox: tuple[Postbox, MailServer]
) -> None:
    box, up = postbox
    desk = opened(CALLS, letters_send=writes())
    started = [desk.start().case_id for _ in range(12)]
    down = desk.worker(mail=address(free_port()))
    for _ in range(20):
        settle(down)
        desk.later(minutes=1)
    assert all(t.element == "a" for case in started for t in desk.tasks(case)), "every case went on"
    assert {s for case in started for s in state(desk, case)} == {("waiting", 0)}, (
        "nobody's try was spent"
    )
    again = desk.worker("w2", up)
    settle(again)
    assert len(box.taken) == len(set(box.taken)) == 12
    assert {s for case in started for s in state(desk, case)} == {("sent", 1)}
    assert desk.faults() == []


def test_a_letter_that_is_refused_too_often_is_an_incident(
    opened: Opened, postbox: tuple[Postbox, MailServer]
) -> None:
    box, server = postbox
    desk = opened(CALLS, letters_send=writes())
    case, worker = desk.start().case_id, desk.worker(mail=server)
    box.answer = "451 try later"
    for _ in range(LETTER_TRIES):
        settle(worker)
        desk.later(hours=2)
    assert state(desk, case) == [("failed", LETTER_TRIES)]
    [told] = desk.incidents(case)
    assert (told.kind, told.topic, told.error) == ("letter", "news", "the mail server answered 451")
    box.answer = "250 taken"
    settle(worker)
    assert box.taken == []
    with desk.database.transaction() as tx:
        incidents.retry_incident(tx, incident_id=told.id, by=OPERATOR, now=desk.clock.now())
    settle(worker)
    assert len(box.taken) == 1


def test_a_letter_that_is_sent_again_bears_the_same_message_id(
    opened: Opened, postbox: tuple[Postbox, MailServer]
) -> None:
    box, server = postbox
    desk = opened(CALLS, letters_send=writes())
    desk.start()
    worker = desk.worker(mail=server)
    worker.timers_and_calls()
    # its mark that the letter was taken is lost, as a kill between the server's 250 and the commit
    # loses it
    worker.name = "dead"
    with desk.database.transaction() as tx:
        [letter] = letters.lease(tx, now=desk.clock.now(), who="dead", seconds=60)
    send_letter(worker, letter)
    with desk.database.transaction() as tx:
        letters.resume(tx, letter.key, at=desk.clock.now())
    assert len(box.taken) == 1
    assert letter.key.replace(":", ".") in box.taken[0]


def test_a_letter_without_a_live_consent_is_held(opened: Opened) -> None:
    desk = opened(CALLS, letters_send=writes(consent="REFER"))
    case, worker = desk.start().case_id, desk.worker()
    settle(worker)
    assert state(desk, case) == [("held", 0)]
    desk.later(days=4000)
    settle(worker)
    assert state(desk, case) == [("held", 0)]
    assert desk.faults() == []


def test_a_letter_whose_consent_was_withdrawn_is_held(
    opened: Opened, postbox: tuple[Postbox, MailServer]
) -> None:
    box, server = postbox
    desk = opened(CALLS, letters_send=writes(consent="REFER"))
    case, worker = desk.start().case_id, desk.worker(mail=server)
    services, now = desk.program.services, desk.clock.now()
    with desk.database.transaction() as tx:
        key = services.key(tx, f"case:{case}")
        assert key is not None
        consents.give(
            tx,
            services,
            key=key,
            case_id=case,
            given={"REFER": {"givenBy": "SELF", "givenOn": "2026-03-01"}},
            by="p_sara",
            rev=1,
            now=now,
        )
    worker.timers_and_calls()
    assert state(desk, case) == [("waiting", 0)]
    with desk.database.transaction() as tx:
        consents.withdraw(tx, case, ["REFER"], on=now.date(), rev=1)
    settle(worker)
    assert state(desk, case) == [("held", 1)]
    assert box.taken == []


def test_a_letter_that_two_workers_see_leaves_once(
    opened: Opened, postbox: tuple[Postbox, MailServer]
) -> None:
    box, server = postbox
    desk = opened(CALLS, letters_send=writes())
    started = [desk.start().case_id for _ in range(8)]
    for worker in (desk.worker(mail=server), desk.worker("w2", server)):
        worker.timers_and_calls()
    workers = [
        Worker(
            w.database,
            w.program.services,
            w.clock,
            server,
            name=f"t{n}",
            handlers=LocalHandlers({}),
        )
        for n in range(2)
        for w in [desk.again()]
    ]
    threads = [threading.Thread(target=settle, args=(w,)) for w in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for worker in workers:
        worker.database.close()
    settle(desk.worker(mail=server))
    assert len(box.taken) == len(set(box.taken)) == 8
    assert {s for case in started for s in state(desk, case)} == {("sent", 1)}
