"""How many copies of a letter leave: one, unless somebody died at it, and never three."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session
from structlog.testing import capture_logs

from service import fault_points
from service.binding import Answer, Letter
from service.errors import Busy
from service.mail import MailServer
from service.security.keyring import Keyring
from service.store.database import Database
from service.store.drivers.transaction_scope import WHOLE
from service.store.work import letters
from service.worker.letters import give_back
from service.worker.loop import Worker
from service.worker.state import BATCH
from tests.support.directory import ROLE
from tests.support.forks import fork, status_of
from tests.support.full_disk import no_room
from tests.support.smtp import smtp_server
from tests.support.world import World, open_world, settle
from tests.worker.world import CALLS, Opened

pytestmark = pytest.mark.both_kinds

KILLS = 30
MIDDLES = ("l1", "l2", "l3")
"""Leased, before it is sent, and taken by the mail server but not yet marked."""


@dataclass
class Mailbox:
    """A mail server that counts what came, and does something before it answers."""

    answer: str = "250 taken"
    got: Counter[str] = field(default_factory=Counter)
    """Message-IDs of what it took."""
    first: Callable[[], object] = int
    addressed: Callable[[], object] = int
    """Done when it has the envelope of a letter, before the text."""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope, to: str, options: list[str]
    ) -> str:
        del server, session, options
        envelope.rcpt_tos.append(to)
        self.addressed()
        return "250 ok"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        assert isinstance(envelope.content, bytes)
        lines = envelope.content.decode().splitlines()
        self.got[next(line for line in lines if line.startswith("Message-ID"))] += 1
        self.first()
        return self.answer


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, MailServer]]:
    box = Mailbox()
    with smtp_server(box) as server:
        yield box, server


def with_letters(opened: Opened, number: int) -> tuple[World, list[str]]:
    """An installation in which so many letters wait, and their cases."""
    world = opened(CALLS, letters_send=lambda _: Answer(letters=(Letter(ROLE, "news"),)))
    cases = [world.start().case_id for _ in range(number)]
    while world.worker("calls").timers_and_calls():
        pass
    return world, cases


def states(world: World, cases: list[str]) -> list[str]:
    return [letter.state for case in cases for letter in world.letters(case)]


def dies(world: World, server: MailServer, place: str, after: int = 0) -> bool:
    """Have a process send what is due, which is killed when it comes to a place once more than so
    often; gives whether it was. Its leases end then.
    """
    world.database.close()
    status = status_of(fork(partial(_send_and_die, world, server, place, after)))
    world.later(seconds=61)
    if not os.WIFSIGNALED(status):
        assert os.WEXITSTATUS(status) == 0
        return False
    assert os.WTERMSIG(status) == signal.SIGKILL
    return True


def _send_and_die(parent: World, server: MailServer, place: str, after: int) -> None:
    left = [after]

    def passes(name: str) -> None:
        left[0] -= name == place
        if left[0] < 0:
            os.kill(os.getpid(), signal.SIGKILL)

    world = parent.again()
    fault_points.arm(passes)
    world.worker(f"w{os.getpid()}", server).send_letters()


def test_a_letter_at_which_workers_die_leaves_twice_at_most(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world, [case] = with_letters(opened, 1)
    copies = list[int]()
    for _ in range(2):
        assert dies(world, server, "l3")
        copies += box.got.values()
    assert copies == [1, 2]
    assert not dies(world, server, "l3")
    settle(world.worker(mail=server))
    assert [*box.got.values()] == [2]
    assert states(world, [case]) == ["failed"]
    [told] = world.incidents(case)
    assert told.error == letters.LAST
    assert world.faults() == []


def test_a_letter_after_one_kill_is_sent(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world, cases = with_letters(opened, 1)
    assert dies(world, server, "l3")
    settle(world.worker(mail=server))
    assert [*box.got.values()] == [2]
    assert states(world, cases) == ["sent"]
    assert [letter.error for letter in world.letters(cases[0])] == [""]


def test_who_dies_with_letters_in_hand_costs_the_others_nothing(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world, cases = with_letters(opened, BATCH)
    for _ in range(BATCH):
        assert dies(world, server, "l1")
    settle(world.worker(mail=server))
    assert [*box.got.values()] == [1] * BATCH
    assert states(world, cases) == ["sent"] * BATCH
    assert [one for case in cases for one in world.incidents(case)] == []


def test_among_many_kills_no_letter_is_lost_or_leaves_thrice(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    """Copies are as many as processes that died inside the answer of the mail server at most."""
    box, server = mailbox
    world, cases = with_letters(opened, 2 * BATCH)
    chance, inside = random.Random(5), 0  # noqa: S311 - a test wants the same deaths again
    for _ in range(KILLS):
        place = chance.choice(MIDDLES)
        inside += dies(world, server, place, chance.randrange(3)) and place == "l3"
    settle(world.worker(mail=server))
    assert inside > 0
    assert max(box.got.values()) <= 2
    assert sum(box.got.values()) - len(box.got) <= inside
    rows = [letter for case in cases for letter in world.letters(case)]
    assert {row.state for row in rows} <= {"sent", "failed"}
    failed = sorted(row.key for row in rows if row.state == "failed")
    assert failed == sorted(i.job_key for case in cases for i in world.incidents(case))
    assert len(box.got) >= sum(row.state == "sent" for row in rows)
    assert world.faults() == []


@pytest.fixture
def desk(empty_sqlite: Path, tmp_path: Path, keyring: Keyring) -> Iterator[World]:
    """An installation on SQLite that counts soon as busy."""
    file = tmp_path / "tresteg.db"
    file.write_bytes(empty_sqlite.read_bytes())
    functions = {"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))}
    made = open_world(f"sqlite:///{file}", keyring, CALLS, functions=functions)
    made.database.close()
    hasty = Database(f"sqlite:///{file}", patience=20).within(WHOLE)
    hasty.row_mac = made.database.row_mac
    made.program = replace(made.program, database=hasty)
    yield made
    made.database.close()


def another_writes(desk: World, until: ExitStack) -> None:
    """Another process writes to the database, for longer than anybody waits."""
    other = sqlite3.connect(desk.database.file, isolation_level=None, check_same_thread=False)
    until.callback(other.close)
    other.execute("BEGIN IMMEDIATE")
    until.callback(other.execute, "ROLLBACK")


def disk_is_full(_: World, until: ExitStack) -> None:
    until.enter_context(capture_logs())  # they would go into a file of pytest's, which is full too
    until.enter_context(no_room())


@pytest.mark.parametrize("trouble", [another_writes, disk_is_full])
@pytest.mark.parametrize(("answer", "ends"), [("250 ok", "sent"), ("550 no", "failed")])
@pytest.mark.parametrize("stops", [False, True])
def test_what_became_of_a_letter_is_kept_until_it_is_written(
    desk: World,
    mailbox: tuple[Mailbox, MailServer],
    trouble: Callable[[World, ExitStack], object],
    answer: str,
    ends: str,
    *,
    stops: bool,
) -> None:
    box, server = mailbox
    cases = [desk.start().case_id for _ in range(3)]
    worker = desk.worker(mail=server)
    worker.timers_and_calls()
    with ExitStack() as lasts:
        begins = [partial(trouble, desk, lasts)]
        box.answer, box.first = answer, lambda: begins and begins.pop()()
        waits_for_the_database(desk, worker)
        assert sum(box.got.values()) == 1, "nothing else is sent before the first is written"
    if stops:
        assert give_back(worker) == len(cases) - 1
        assert sorted(states(desk, cases)) == sorted([ends, "waiting", "waiting"])
    settle(worker)
    settle(desk.worker("w2", server))
    assert [*box.got.values()] == [1] * len(cases)
    assert states(desk, cases) == [ends] * len(cases)
    assert desk.faults() == []


def waits_for_the_database(desk: World, worker: Worker) -> None:
    """Have a worker try again and again to send its letters, also after its leases."""
    for _ in range(4):
        with pytest.raises(Busy):
            worker.send_letters()
        desk.later(seconds=20)


def leased_by_another(world: World) -> list[letters.Letter]:
    with world.database.transaction() as tx:
        return letters.lease(tx, now=world.clock.now(), who="other", seconds=60, limit=1)


def test_a_mail_server_that_is_slow_before_the_text_gets_one_copy(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world, cases = with_letters(opened, 1)
    other = world.worker("other", server)

    def lease_ends() -> None:
        box.addressed = int
        world.later(seconds=61)
        other.to_send.extend(leased_by_another(world))

    box.addressed = lease_ends
    world.worker("slow", server).send_letters()
    assert sum(box.got.values()) == 0, "who has lost the lease sends no text"
    other.send_letters()
    assert [*box.got.values()] == [1]
    assert states(world, cases) == ["sent"]


def test_a_lease_is_renewed_before_the_text_of_a_slow_server(
    opened: Opened, mailbox: tuple[Mailbox, MailServer]
) -> None:
    box, server = mailbox
    world, cases = with_letters(opened, 1)
    taken = list[letters.Letter]()

    def answers_late() -> None:
        world.later(seconds=20)  # 70 s since it was leased, for 60
        taken.extend(leased_by_another(world))

    box.addressed, box.first = (lambda: world.later(seconds=50)), answers_late
    world.worker("slow", server).send_letters()
    assert taken == []
    assert [*box.got.values()] == [1]
    assert states(world, cases) == ["sent"]
