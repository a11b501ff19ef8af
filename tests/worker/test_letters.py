"""Letters leave once, and wait while the mail server is down."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from io import BufferedRWPair

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from sqlalchemy import insert, update

from service.binding import Answer, Call, Letter
from service.casework import incidents
from service.casework.cases import consents
from service.mail import SECONDS, MailServer, read_mail_url
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.work import incidents as incidents_rows
from service.store.work import letters
from service.worker.letters import LETTER_TRIES, UNKNOWN, send_letter
from service.worker.loop import Worker
from tests.support import by_hand
from tests.support.by_hand import entry
from tests.support.directory import ROLE
from tests.support.local_handlers import LocalHandlers
from tests.support.smtp import smtp_server
from tests.support.waiting import LONGEST, join, until
from tests.support.world import World, settle
from tests.worker.world import CALLS, OPERATOR, Opened

pytestmark = pytest.mark.both_kinds


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
    box = Postbox()
    with smtp_server(box) as server:
        yield box, server


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


def test_a_letter_that_nobody_made_is_not_sent_and_stops_no_other(
    opened: Opened, postbox: tuple[Postbox, MailServer]
) -> None:
    box, server = postbox
    desk = opened(CALLS, letters_send=writes())
    first, second = (desk.start().case_id for _ in range(2))
    settle(desk.worker(mail=address(free_port())))
    [real], [other] = desk.letters(first), desk.letters(second)
    table = metadata.tables["letter"]
    with desk.database.transaction() as tx:
        forged = values(replace(real, key=f"{first}:forged", office_id=other.office_id))
        tx.run(as_system("verify", insert(table).values(**forged, mac=bytes(16))))
        changed = update(table).where(table.c.key == other.key).values(template="nothing")
        tx.run(as_system("verify", changed))
    desk.later(minutes=2)
    settle(desk.worker("w2", server))
    assert len(box.taken) == 1
    assert state(desk, first) == [("sent", 1)]
    with desk.database.transaction(write=False) as tx:
        told = incidents_rows.open_of_installation(tx, incidents.ROW_REFUSED)
    assert sorted(row.error.rpartition(" ")[2] for row in told) == sorted([first, second])
    named = [fault for fault in desk.faults() if "letter" in fault]
    assert all(any(key in fault for fault in named) for key in (f"{first}:forged", other.key))


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


class Talker:
    """A mail server that says what it is told, and cuts or hangs where it is told."""

    def __init__(self, *texts: str, quit_: str = "221 bye", hangs: bool = False) -> None:
        self.texts = list(texts)
        self.quit = quit_
        self.hangs = hangs
        self.got: list[str] = []
        """The Message-ID of each text that came whole."""
        self.ended = threading.Event()
        self._server = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self.ended.set()
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        join(self._thread)

    def _listen(self) -> None:
        while True:
            try:
                peer, _ = self._server.accept()
            except OSError:
                return
            peer.settimeout(LONGEST)
            with peer, peer.makefile("rwb") as talk:
                if self.hangs:
                    self.ended.wait(LONGEST)
                else:
                    self._talk(talk)

    def _talk(self, talk: BufferedRWPair) -> None:
        self._say(talk, "220 here")
        for line in talk:
            if line[:4].upper() == b"DATA":
                self._say(talk, "354 go on")
                text = list(iter(talk.readline, b".\r\n"))
                self.got += [part.decode() for part in text if part.startswith(b"Message-ID")]
                answer = self.texts.pop(0) if self.texts else "cut"
            else:
                answer = self.quit if line[:4].upper() == b"QUIT" else "250 ok"
            if answer == "cut":
                return
            self._say(talk, answer)

    @staticmethod
    def _say(talk: BufferedRWPair, answer: str) -> None:
        talk.write(answer.encode() + b"\r\n")
        talk.flush()


@contextmanager
def talking(*texts: str, quit_: str = "221 bye", hangs: bool = False) -> Iterator[Talker]:
    talker = Talker(*texts, quit_=quit_, hangs=hangs)
    try:
        yield talker
    finally:
        talker.close()


@pytest.mark.parametrize(
    ("texts", "copies", "tries"),
    [
        ((), 2, 2),
        (("cut", "451 later", "cut", "250 ok"), 3, 3),
        (("451 later", "cut", "451 later", "451 later", "250 ok"), 5, 5),
    ],
)
def test_a_server_that_cuts_after_the_text_gets_two_copies(
    opened: Opened, texts: tuple[str, ...], copies: int, tries: int
) -> None:
    desk = opened(CALLS, letters_send=writes())
    with talking(*texts) as talker:
        case, worker = desk.start().case_id, desk.worker(mail=address(talker.port))
        for _ in range(LETTER_TRIES):
            settle(worker)
            desk.later(hours=2)
        assert len(talker.got) == copies
        assert len(set(talker.got)) == 1
    if "250 ok" in texts and texts.count("cut") == 1:
        assert state(desk, case) == [("sent", tries)]
        return
    assert state(desk, case) == [("failed", tries)]
    [told] = desk.incidents(case)
    assert told.error.startswith(UNKNOWN)


def test_what_comes_after_the_letter_was_taken_changes_nothing(opened: Opened) -> None:
    desk = opened(CALLS, letters_send=writes())
    with talking("250 ok", quit_="421 too busy") as talker:
        case = desk.start().case_id
        settle(desk.worker(mail=address(talker.port)))
        assert len(talker.got) == 1
    assert state(desk, case) == [("sent", 1)]


@pytest.mark.parametrize("answer", ["550 no such mailbox", "554 refused", "552 full"])
def test_a_letter_that_is_refused_for_good_rests_at_once(opened: Opened, answer: str) -> None:
    desk = opened(CALLS, letters_send=writes())
    with talking(answer, "250 ok") as talker:
        case, worker = desk.start().case_id, desk.worker(mail=address(talker.port))
        settle(worker)
        assert state(desk, case) == [("failed", 1)]
        [told] = desk.incidents(case)
        assert told.error == f"the mail server answered {answer[:3]}"
        with desk.database.transaction() as tx:
            incidents.retry_incident(tx, incident_id=told.id, by=OPERATOR, now=desk.clock.now())
        settle(worker)
        assert state(desk, case) == [("sent", 1)]


def test_a_mail_server_that_hangs_holds_up_no_call(opened: Opened) -> None:
    called: list[str] = []
    done = threading.Event()

    def send(call: Call) -> Answer:
        called.append(call.key)
        if len(called) == 2:
            done.set()
        return Answer(letters=(Letter(ROLE, "news"),))

    desk = opened(CALLS, letters_send=send)
    with talking(hangs=True) as talker:
        worker = desk.worker(mail=address(talker.port))
        case = desk.start().case_id
        worker.timers_and_calls()
        assert state(desk, case) == [("waiting", 0)]
        thread = threading.Thread(target=worker.run)
        thread.start()
        try:
            until(lambda: state(desk, case) != [("waiting", 0)], "the letter is on its way")
            desk.start()
            worker.wake()
            assert done.wait(SECONDS), "the call waits for the mail server"
            assert state(desk, case) == [("leased", 0)], "the letter is still on its way"
        finally:
            worker.stop()
            talker.ended.set()
            join(thread)


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
            services.programme.configuration,
            key=key,
            case_id=case,
            given={"REFER": {"givenBy": "SELF", "givenOn": "2026-03-01"}},
            by="p_sara",
            rev=1,
            now=now,
        )
        entry(tx, f"case/{case}")
    worker.timers_and_calls()
    assert state(desk, case) == [("waiting", 0)]
    with desk.database.transaction() as tx:
        by_hand.withdraw(tx, case, ["REFER"], on=now.date(), rev=1)
        entry(tx, f"case/{case}")
    settle(worker)
    assert state(desk, case) == [("held", 0)]
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
    join(*threads)
    for worker in workers:
        worker.database.close()
    settle(desk.worker(mail=server))
    assert len(box.taken) == len(set(box.taken)) == 8
    assert {s for case in started for s in state(desk, case)} == {("sent", 1)}
