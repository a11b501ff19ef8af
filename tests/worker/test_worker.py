"""The worker: timers, handlers and letters, each once, whatever fails around them."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.actions.cases import consents
from service.actions.context import Actor
from service.actions.operations import incidents
from service.actions.releases.bundle import Bundle
from service.binding import Answer, BusinessError, Call, Letter
from service.errors import EngineStopped, HandlerFailed
from service.mail import MailServer, read_mail_url
from service.security.keyring import Keyring
from service.store.work import jobs, letters
from service.worker.loop import LETTER_TRIES, Worker
from tests.support import diagrams as d
from tests.support import small
from tests.support.desk import NOON, ROLE, TOPICS, Desk, Hands, open_desk, settle

DAYS = timedelta(days=20)
OPERATOR = Actor("cli")
CALLS = small.one(d.job("j") + small.person("a"), "s>j j>a a>e")
WAITS = small.one(
    small.person("a") + d.border("b", "a", d.timer("Duration", "P20D")) + small.person("late"),
    "s>a a>e b>late late>e",
)
Opened = Callable[..., Desk]


@pytest.fixture
def opened(database_url: str, keyring: Keyring) -> Iterator[Opened]:
    desks: list[Desk] = []

    def make(bundle: Bundle, **functions: Callable[[Call], Answer]) -> Desk:
        given = {name.replace("_", "."): function for name, function in functions.items()}
        desks.append(
            open_desk(
                database_url,
                keyring,
                bundle,
                functions={
                    "letters.send": lambda _: Answer(),
                    "letters.count": lambda _: Answer(),
                    **given,
                },
            )
        )
        return desks[-1]

    yield make
    for desk in desks:
        desk.database.close()


@dataclass
class Postbox:
    """A mail server that takes letters, or answers what it is told."""

    answer: str = "250 taken"
    taken: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
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


def state(desk: Desk, case: str) -> list[tuple[str, int]]:
    return [(letter.state, letter.tries) for letter in desk.letters(case)]


# timers


def test_a_timer_fires_once_and_not_before_its_moment(opened: Opened) -> None:
    desk = opened(WAITS)
    case, worker, other = desk.start().case_id, desk.worker(), desk.worker("w2")
    desk.clock.set(NOON + DAYS - timedelta(milliseconds=1))
    assert worker.timers_and_calls() == 0
    desk.clock.set(NOON + DAYS)
    assert [w.timers_and_calls() for w in (worker, other, worker)] == [1, 0, 0]
    assert [(f.kind, f.element, f.at) for f in desk.facts(case)][1:] == [("due", "b", NOON + DAYS)]
    assert [t.element for t in desk.tasks(case)] == ["late"]
    assert desk.faults() == []


def test_a_timer_that_is_long_overdue_fires_once(opened: Opened) -> None:
    desk = opened(WAITS)
    case = desk.start().case_id
    desk.later(days=400)
    assert [desk.worker().timers_and_calls() for _ in range(2)] == [1, 0]
    assert [f.kind for f in desk.facts(case)] == ["start", "due"]


def test_a_deadline_that_passed_is_fired_before_a_person_completes(opened: Opened) -> None:
    desk = opened(
        small.one(
            small.person("a")
            + d.border("b", "a", d.timer("Duration", "P1D"), cancelActivity="false")
            + small.person("x"),
            "s>a a>e b>x x>e",
        )
    )
    case = desk.start().case_id
    desk.later(days=2)
    desk.do(case, "a")
    assert [f.kind for f in desk.facts(case)] == ["start", "due", "complete"]
    assert desk.worker().timers_and_calls() == 0


# handlers


def test_a_handler_that_fails_is_called_again_with_patience_then_an_incident_names_it_and_the_reason(
    opened: Opened,
) -> None:
    def fails(call: Call) -> Answer:
        raise ValueError(f"something personal about {call.key}")

    desk = opened(CALLS, letters_send=fails)
    case, worker = desk.start().case_id, desk.worker()
    tried = []
    for pause in (0, 1, 5, 30, 120):
        desk.later(minutes=pause, seconds=-1 if pause else 0)
        assert settle(worker) == (0 if pause else 1)
        if pause:
            desk.later(seconds=1)
            assert settle(worker) == 1
        tried.append(desk.jobs(case)[0].tries)
    assert tried == [1, 2, 3, 4, 5]
    [stopped] = desk.incidents(case)
    assert (stopped.kind, stopped.topic, stopped.element) == ("handler", "letters.send", "j")
    assert stopped.error.startswith("letters.send raised ValueError")
    assert "personal" not in stopped.error
    desk.later(days=30)
    assert settle(worker) == 0, "nobody tries again by itself"
    assert desk.faults() == [], "a case that rests on an incident is no fault"
    assert isinstance(worker.handlers, Hands)
    assert len(set(worker.handlers.asked)) == 1, "each try bears the same key"


def test_an_operator_sets_a_stopped_call_going_again(opened: Opened) -> None:
    broken = [True]

    def fails(_: Call) -> Answer:
        if broken:
            raise HandlerFailed("no answer after 30 seconds")
        return Answer()

    desk = opened(CALLS, letters_send=fails)
    case, worker = desk.start().case_id, desk.worker()
    for minutes in (0, 1, 5, 30, 120):
        desk.later(minutes=minutes)
        settle(worker)
    [stopped] = desk.incidents(case)
    broken.clear()
    with desk.database.transaction() as tx:
        incidents.retry_incident(tx, incident_id=stopped.id, by=OPERATOR, now=desk.clock.now())
    settle(worker)
    assert [t.element for t in desk.tasks(case)] == ["a"]
    assert desk.incidents(case) == []


def test_a_stop_of_the_engine_becomes_an_incident_and_the_case_stays(opened: Opened) -> None:
    def lost(_: Call) -> Answer:
        raise BusinessError("LOST")  # declared, and nothing in the diagram catches it

    desk = opened(CALLS, letters_send=lost)
    case, worker = desk.start().case_id, desk.worker()
    settle(worker)
    [stopped] = desk.incidents(case)
    assert (stopped.kind, stopped.element) == ("error_uncaught", "j")
    assert (desk.case(case).rev, desk.case(case).status) == (1, "open")
    assert [(j.element, j.state) for j in desk.jobs(case)] == [("j", "stopped")]
    desk.later(days=3)
    assert settle(worker) == 0
    assert desk.faults() == []


def test_a_person_whose_step_the_engine_cannot_take_is_told_and_the_operators_know(
    opened: Opened,
) -> None:
    narrow = d.RULE.replace(
        b"</inputExpression>",
        b'</inputExpression><inputValues id="iv"><text>"NO"</text></inputValues>',
    ).replace(b'"YES"', b'"NO"')
    desk = opened(
        small.one(
            small.person("a", "ask") + d.rule("r") + small.person("y"), "s>a a>r r>y y>e"
        ).with_file("workflows/pick.dmn", narrow)
    )
    case = desk.start().case_id
    for _ in range(2):
        with pytest.raises(EngineStopped):
            desk.do(case, "a", {"answer": ["YES"]})
    assert [i.element for i in desk.incidents(case)] == ["r"], "one incident, not one a try"
    assert (desk.case(case).rev, [t.element for t in desk.tasks(case)]) == (1, ["a"])
    assert desk.faults() == []
    desk.do(case, "a", {"answer": ["NO"]})
    assert [t.element for t in desk.tasks(case)] == ["y"]


def test_a_job_that_breaks_the_worker_does_not_stop_the_others(opened: Opened) -> None:
    calls: list[str] = []

    def breaks(call: Call) -> Answer:
        calls.append(call.key)
        if call.key.startswith(first):
            return Answer(letters=("no letter",))  # type: ignore[arg-type]  # what no honest handler answers
        return Answer()

    desk = opened(CALLS, letters_send=breaks)
    first = desk.start().case_id
    second, worker = desk.start().case_id, desk.worker()
    settle(worker)
    assert len(calls) == 2
    assert [t.element for t in desk.tasks(second)] == ["a"]
    assert desk.jobs(first)[0].error == "AttributeError"


def test_a_job_whose_worker_dies_each_time_becomes_an_incident(opened: Opened) -> None:
    desk = opened(CALLS)
    case = desk.start().case_id
    for n in range(desk.program.services.tries):
        with desk.database.transaction() as tx:
            assert jobs.lease(tx, now=desk.clock.now(), who=f"dead{n}", seconds=60)
        desk.later(seconds=60)
    worker = desk.worker()
    settle(worker)
    assert isinstance(worker.handlers, Hands)
    assert worker.handlers.asked == []
    assert [i.error for i in desk.incidents(case)] == ["the worker ended while it was at it"]


# leases


def test_a_killed_workers_job_comes_free_when_its_lease_ends_and_bears_the_same_key(
    opened: Opened,
) -> None:
    desk = opened(CALLS)
    case, worker = desk.start().case_id, desk.worker()
    with desk.database.transaction() as tx:
        [loaded] = jobs.lease(tx, now=desk.clock.now(), who="dead", seconds=60)
    desk.later(seconds=59)
    assert worker.timers_and_calls() == 0
    desk.later(seconds=1)
    assert worker.timers_and_calls() == 1
    assert isinstance(worker.handlers, Hands)
    assert worker.handlers.asked == [loaded.key]
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]


LONG = {"letters.send": replace(TOPICS["letters.send"], seconds=600)}
"""A handler that may take ten minutes, longer than any lease."""


def test_the_lease_of_a_call_that_takes_longer_than_a_lease_is_renewed_while_it_goes_on(
    database_url: str, keyring: Keyring
) -> None:
    others: list[int] = []

    def takes_minutes(_: Call) -> Answer:
        for _minute in range(10):
            desk.later(seconds=59)
            wanted = desk.clock.now() + timedelta(seconds=60)
            assert held_until(wanted), "the lease was not renewed"
            others.append(second.timers_and_calls())
        return Answer()

    def held_until(wanted: datetime) -> bool:
        """Ask again until the lease reaches so far; a minute of asking is for ever."""
        waits = threading.Event()
        return any(
            desk.jobs(case)[0].lease_until == wanted or waits.wait(0.01) for _ in range(6_000)
        )

    desk = open_desk(
        database_url, keyring, CALLS, topics=LONG, functions={"letters.send": takes_minutes}
    )
    case, worker, second = desk.start().case_id, desk.worker(), desk.worker("w2")
    worker.beat = 0.01
    settle(worker)
    assert others == [0] * 10
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]
    assert desk.faults() == []
    desk.database.close()


def test_a_long_call_whose_worker_dies_is_made_again_when_the_lease_ends(
    database_url: str, keyring: Keyring
) -> None:
    def dies(_: Call) -> Answer:
        raise Killed

    desk = open_desk(database_url, keyring, CALLS, topics=LONG, functions={"letters.send": dies})
    case = desk.start().case_id
    with pytest.raises(Killed):
        desk.worker().timers_and_calls()
    desk.functions["letters.send"] = lambda _: Answer()  # type: ignore[index]  # a dictionary, which this test knows
    second = desk.worker("w2")
    desk.later(seconds=59)
    assert second.timers_and_calls() == 0
    desk.later(seconds=1)
    assert second.timers_and_calls() == 1, "not after the ten minutes that it may take"
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]
    desk.database.close()


class Killed(BaseException):
    """As if the process ended here."""


def test_two_workers_never_do_one_job_at_the_same_time(opened: Opened) -> None:
    others: list[int] = []

    def looks(_: Call) -> Answer:
        others.append(second.timers_and_calls())
        return Answer()

    desk = opened(CALLS, letters_send=looks)
    second = desk.worker("w2")
    desk.start()
    settle(desk.worker())
    assert others == [0]


def test_an_answer_that_comes_when_the_lease_is_lost_counts_once(opened: Opened) -> None:
    def slow(_: Call) -> Answer:
        if not late:
            late.append(desk.later(seconds=120))
            assert settle(second) == 1
        return Answer()

    late: list[object] = []
    desk = opened(CALLS, letters_send=slow)
    case, second = desk.start().case_id, desk.worker("w2")
    settle(desk.worker())
    assert [f.kind for f in desk.facts(case)] == ["start", "answer"]
    assert desk.faults() == []


def test_a_lease_that_ended_while_others_were_done_is_not_used(opened: Opened) -> None:
    asked: list[str] = []

    def slow(call: Call) -> Answer:
        asked.append(call.key)
        if len(asked) == 1:
            desk.later(seconds=61)
            settle(second)
        return Answer()

    desk = opened(CALLS, letters_send=slow)
    started, second = [desk.start().case_id for _ in range(2)], desk.worker("w2")
    settle(desk.worker())
    assert len(asked) == 3, (
        "the first was called again by the second worker; the other was left to it"
    )
    assert [[f.kind for f in desk.facts(case)] for case in started] == [["start", "answer"]] * 2


def test_a_worker_that_waits_is_woken_and_ends_when_told(opened: Opened) -> None:
    called = threading.Event()

    def notes(_: Call) -> Answer:
        called.set()
        return Answer()

    desk = opened(CALLS, letters_send=notes)
    worker = desk.worker()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        desk.start()
        worker.wake()
        assert called.wait(20)
    finally:
        worker.stop()
        thread.join(20)
    assert not thread.is_alive()


# letters


def test_letters_wait_while_the_mail_server_is_down_and_everything_else_goes_on(
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


def test_a_letter_that_is_refused_again_and_again_rests_and_an_incident_tells_why(
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


def test_a_letter_that_is_sent_again_after_a_crash_bears_the_same_message_id(
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
    worker._letter(letter)
    with desk.database.transaction() as tx:
        letters.resume(tx, letter.key, at=desk.clock.now())
    assert len(box.taken) == 1
    assert letter.key.replace(":", ".") in box.taken[0]


def test_a_letter_whose_consent_is_not_live_is_held_and_never_leased(opened: Opened) -> None:
    desk = opened(CALLS, letters_send=writes(consent="REFER"))
    case, worker = desk.start().case_id, desk.worker()
    settle(worker)
    assert state(desk, case) == [("held", 0)]
    desk.later(days=4000)
    settle(worker)
    assert state(desk, case) == [("held", 0)]
    assert desk.faults() == []


def test_a_letter_whose_consent_was_taken_back_before_it_left_is_held(
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
        Worker(w.database, w.program.services, w.clock, server, name=f"t{n}", handlers=Hands({}))
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
