"""A handler asks a provider: with a paper made of what it declares, on a consent that is live when
it leaves, once.
"""

from __future__ import annotations

import email
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from email.policy import default
from functools import partial

import pytest
from aiosmtpd.smtp import SMTP, Envelope, Session

from service.binding import Answer, Appointment, Call, Delivery, DeliveryRefused, Paper, Request
from service.casework import incidents
from service.casework.casefile import documents as case_documents
from service.casework.casefile.paper_data import code_of
from service.casework.cases import protection
from service.casework.commands.job_commands import answer_call
from service.errors import TaskClosed
from service.mail import MailServer, read_mail_url
from service.sandbox.child_processes import ChildEnded
from service.sandbox.handler_process import HandlerProcess
from service.security.keyring import Keyring
from service.store.casefile import cases
from service.worker.jobs import made_papers as make
from tests.support.smtp import smtp_server
from tests.support.waiting import join, until
from tests.support.world import World, settle
from tests.worker.providers import (
    ADDRESS,
    LATER,
    NOTE,
    TOPIC,
    asks,
    begin,
    made_papers,
    open_providers,
    requests_of,
    takes_back,
    withdraw,
)
from tests.worker.world import OPERATOR

pytestmark = pytest.mark.both_kinds

Opens = Callable[..., World]
MAIL = f"mail:{ADDRESS}"


@pytest.fixture
def opens(database_url: str, keyring: Keyring) -> Iterator[Opens]:
    made: list[World] = []

    def open_one(
        url: str = "print:",
        steps: tuple[str, ...] = (TOPIC,),
        **functions: Callable[[Call], Answer],
    ) -> World:
        given = {name.replace("_", "."): function for name, function in functions.items()}
        made.append(
            open_providers(database_url, keyring, given or {TOPIC: asks()}, url=url, steps=steps)
        )
        return made[-1]

    yield open_one
    for world in made:
        world.database.close()


@dataclass
class Provider:
    """A mail server of a provider: takes what comes, or answers what it is told."""

    answer: str = "250 taken"
    taken: list[EmailMessage] = field(default_factory=list)
    to: list[str] = field(default_factory=list)

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        del server, session
        if ADDRESS not in envelope.rcpt_tos:
            return "250 a letter of the house"
        if self.answer.startswith("250"):
            assert isinstance(envelope.content, bytes)
            self.taken.append(email.message_from_bytes(envelope.content, policy=default))
            self.to += envelope.rcpt_tos
        return self.answer


@pytest.fixture
def provider() -> Iterator[tuple[Provider, MailServer]]:
    box = Provider()
    with smtp_server(box) as server:
        yield box, server


def states(world: World, case: str) -> list[str]:
    return [letter.state for letter in requests_of(world, case)]


def waits_for(world: World, case: str) -> list[str]:
    return [task.element for task in world.tasks(case)]


def test_in_the_demo_a_request_leaves_nothing_but_its_traces(opens: Opens) -> None:
    world = opens()
    case = begin(world)
    settle(world.worker())
    (paper,), (request,) = made_papers(world, case), requests_of(world, case)
    assert (paper.template, paper.purpose, paper.by) == ("order", "ORDER", "worker")
    assert [key for key, _ in paper.shows] == ["note"]
    assert (request.state, request.channel, request.documents) == ("sent", "travel", [paper.id])
    assert request.params["codes"] == [code_of(paper.id)]
    assert waits_for(world, case) == ["a"], "a person confirms or refuses what comes back"
    assert world.faults() == []


def test_a_request_goes_by_mail_with_its_paper(
    opens: Opens, provider: tuple[Provider, MailServer]
) -> None:
    box, server = provider
    world = opens(MAIL)
    case = begin(world)
    settle(world.worker(mail=server))
    (mail,), (paper,) = box.taken, made_papers(world, case)
    assert box.to == [ADDRESS]
    assert mail["Subject"] == f"Beställning {code_of(paper.id)}"
    (file,) = mail.iter_attachments()
    assert (file.get_filename(), file.get_content_type()) == (
        f"{code_of(paper.id)}.pdf",
        "application/pdf",
    )
    assert file.get_content().startswith(b"%PDF")
    body = mail.get_body()
    assert body is not None
    text = body.get_content()
    assert NOTE not in text
    assert world.case(case).ref not in text
    assert case not in text
    assert states(world, case) == ["sent"]


@pytest.mark.parametrize("answer", ["550 no such agency", "552 too large"])
def test_a_provider_that_refuses_for_good_is_an_incident(
    opens: Opens, provider: tuple[Provider, MailServer], answer: str
) -> None:
    box, server = provider
    box.answer = answer
    world = opens(MAIL)
    case, worker = begin(world), world.worker(mail=server)
    settle(worker)
    assert states(world, case) == ["failed"]
    assert waits_for(world, case) == ["a"], "the case goes on, with a person"
    (told,) = world.incidents(case)
    assert (told.kind, told.topic) == ("letter", "request_tickets")
    box.answer = "250 taken"
    with world.database.transaction() as tx:
        incidents.retry_incident(tx, incident_id=told.id, by=OPERATOR, now=world.clock.now())
    settle(worker)
    assert states(world, case) == ["sent"]
    assert len(box.taken) == 1


def test_a_provider_that_refuses_for_now_is_asked_again(
    opens: Opens, provider: tuple[Provider, MailServer]
) -> None:
    box, server = provider
    box.answer = "451 later"
    world = opens(MAIL)
    case, worker = begin(world), world.worker(mail=server)
    settle(worker)
    assert states(world, case) == ["waiting"]
    box.answer = "250 taken"
    world.clock.set(world.clock.now() + LATER)
    settle(worker)
    (request,) = requests_of(world, case)
    assert request.key.replace(":", ".") in str(box.taken[0]["Message-ID"])
    assert len(made_papers(world, case)) == 1


def test_a_provider_that_hangs_holds_up_no_call(opens: Opens) -> None:
    server = socket.create_server(("127.0.0.1", 0))
    world = opens(MAIL)
    first = begin(world)
    silent = read_mail_url(f"smtp://127.0.0.1:{server.getsockname()[1]}?tls=off")
    worker = world.worker(mail=silent)
    worker.timers_and_calls()
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        until(lambda: states(world, first) != ["waiting"], "the request is on its way")
        second = begin(world)
        worker.wake()
        until(lambda: waits_for(world, second) == ["a"], "the other case goes on")
        assert states(world, first) == ["leased"], "the request is still on its way"
    finally:
        worker.stop()
        server.close()
        join(thread)


def test_nothing_leaves_after_the_consent_was_taken_back(
    opens: Opens, provider: tuple[Provider, MailServer]
) -> None:
    box, server = provider
    world = opens(MAIL)
    case, worker = begin(world), world.worker(mail=server)
    worker.timers_and_calls()
    assert states(world, case) == ["waiting"]
    withdraw(world, case)
    settle(worker)
    assert states(world, case) == ["held"]
    assert box.taken == []


def test_without_the_consent_no_paper_is_made(opens: Opens) -> None:
    world = opens()
    case = begin(world, consent=False)
    settle(world.worker())
    assert made_papers(world, case) == []
    assert requests_of(world, case) == []
    (job,) = world.jobs(case)
    assert "the consent ORDER is not live" in job.error


def test_of_a_protected_identity_nothing_is_made_or_sent(
    opens: Opens, provider: tuple[Provider, MailServer]
) -> None:
    box, server = provider
    seen: list[Call] = []

    def ask(call: Call) -> Answer:
        seen.append(call)
        return Answer() if call.protected else asks()(call)

    world = opens(MAIL, orders_ask=ask)
    case, worker = begin(world), world.worker(mail=server)
    protect(world, case)
    settle(worker)
    assert (seen[0].protected, dict(seen[0].given)) == (True, {})
    assert made_papers(world, case) == []
    assert waits_for(world, case) == ["a"]
    later = begin(world)
    worker.timers_and_calls()
    assert states(world, later) == ["waiting"]
    protect(world, later)
    settle(worker)
    assert states(world, later) == ["held"]
    assert box.taken == []


def protect(world: World, case: str) -> None:
    with world.database.transaction() as tx:
        marking = next(m for m in protection.MARKINGS if protection.is_protected(m))
        cases.set_marking(tx, case, world.case(case).rev, marking)


def test_a_handler_reads_what_it_declares_and_no_more(opens: Opens) -> None:
    seen: list[Call] = []

    def ask(call: Call) -> Answer:
        seen.append(call)
        return Answer()

    world = opens(orders_ask=ask)
    with_it, without = begin(world), begin(world, consent=False)
    settle(world.worker())
    by_case = {call.key.partition(":")[0]: dict(call.given) for call in seen}
    assert by_case[with_it] == {"note": NOTE, "answer": "YES"}
    assert by_case[without] == {}, "nothing without the consent"


def test_an_answer_that_comes_twice_is_written_once(opens: Opens) -> None:
    world = opens()
    case, worker = begin(world), world.worker()
    (job,) = world.jobs(case)
    answer = asks()(Call(job.key, TOPIC, "j0", world.clock.now(), {}))
    made = make(worker, job, answer)
    command, services = (
        partial(answer_call, job_key=job.key, answer=answer, made=made),
        world.program.services,
    )
    with world.database.transaction() as tx:
        command(tx, services, world.clock.now())
    with pytest.raises(TaskClosed), world.database.transaction() as tx:
        command(tx, services, world.clock.now())
    assert len(made_papers(world, case)) == 1
    assert len(requests_of(world, case)) == 1


def test_a_paper_holds_what_was_declared_and_is_sealed(opens: Opens) -> None:
    world = opens()
    case = begin(world)
    settle(world.worker())
    (paper,) = made_papers(world, case)
    with world.database.transaction(write=False) as tx:
        _, content = case_documents.read_document(tx, world.program.services, paper.id)
    assert content.startswith(b"%PDF")


def test_what_a_handler_does_not_declare_is_not_made(opens: Opens) -> None:
    def greedy(call: Call) -> Answer:
        del call
        return Answer(papers=(Paper("plan"),))

    world = opens(orders_ask=greedy)
    case = begin(world)
    settle(world.worker())
    (job,) = world.jobs(case)
    assert "has no paper plan" in job.error


def test_a_channel_that_is_not_set_stops_in_sight(opens: Opens) -> None:
    def elsewhere(call: Call) -> Answer:
        del call
        return Answer(requests=(Request("ferry", "request_tickets"),))

    world = opens(orders_ask=elsewhere)
    case = begin(world)
    settle(world.worker())
    (job,) = world.jobs(case)
    assert "has no channel ferry" in job.error


def test_what_was_asked_is_taken_back_by_its_code(
    opens: Opens, provider: tuple[Provider, MailServer]
) -> None:
    box, server = provider
    steps = (TOPIC, "orders.cancel", "orders.cancel")
    world = opens(MAIL, steps, orders_ask=asks(), orders_cancel=takes_back)
    case, worker = begin(world), world.worker(mail=server)
    settle(worker)
    (paper,) = made_papers(world, case)
    asked, cancelled = box.taken
    assert str(asked["Subject"]).endswith(code_of(paper.id))
    body = cancelled.get_body()
    assert body is not None
    assert code_of(paper.id) in body.get_content()
    assert not list(cancelled.iter_attachments())
    assert states(world, case) == ["sent", "sent"], "the second time there is nothing to take back"


def test_what_has_not_left_is_not_sent_and_not_taken_back(
    opens: Opens, provider: tuple[Provider, MailServer]
) -> None:
    box, server = provider
    world = opens(MAIL, (TOPIC, "orders.cancel"), orders_ask=asks(), orders_cancel=takes_back)
    case, worker = begin(world), world.worker(mail=server)
    for _ in range(3):
        worker.timers_and_calls()
    settle(worker)
    assert states(world, case) == ["held"]
    assert box.taken == []


def test_where_nothing_was_asked_a_journey_is_cancelled(opens: Opens) -> None:
    def takes_back_a_ferry(call: Call) -> Answer:
        del call
        return Answer(requests=(Request("ferry", "cancel_booking", cancels=True),))

    world = opens("print:", ("orders.cancel",), orders_cancel=takes_back_a_ferry)
    case = begin(world)
    settle(world.worker())
    assert waits_for(world, case) == ["a"], "a channel that is not set holds up no cancellation"
    assert requests_of(world, case) == []


def test_an_appointment_is_kept_as_a_calendar_file(opens: Opens) -> None:
    def meet(call: Call) -> Answer:
        return Answer(appointments=(Appointment(call.now + LATER, "deadline"),))

    world = opens(orders_ask=meet)
    case = begin(world)
    settle(world.worker())
    (row,) = made_papers(world, case)
    with world.database.transaction(write=False) as tx:
        _, content = case_documents.read_document(tx, world.program.services, row.id)
    assert (row.kind, row.template) == ("ics", "deadline")
    assert b"BEGIN:VEVENT" in content
    assert NOTE.encode() not in content


class Agent(HandlerProcess):
    """A channel of an installed package, in this process."""

    def __init__(self, *faults: Exception) -> None:
        super().__init__()
        self.faults, self.got = list(faults), list[Delivery]()

    def deliver(self, scheme: str, delivery: Delivery, seconds: float) -> None:
        assert (scheme, seconds > 0) == ("agent", True)
        self.got.append(delivery)
        if self.faults:
            raise self.faults.pop(0)


@pytest.mark.parametrize(
    ("faults", "state", "copies"),
    [
        ((), "sent", 1),
        ((DeliveryRefused("full"),), "sent", 2),
        ((DeliveryRefused("never", permanent=True),), "failed", 1),
        ((ChildEnded("slow"),), "sent", 2),
        ((ChildEnded("slow"), ChildEnded("ended")), "failed", 2),
    ],
)
def test_a_package_brings_a_channel(
    opens: Opens, faults: tuple[Exception, ...], state: str, copies: int
) -> None:
    world = opens("agent:north")
    case, worker, agent = begin(world), world.worker(), Agent(*faults)
    worker.providers = agent
    for _ in range(4):
        settle(worker)
        world.clock.set(world.clock.now() + LATER)
    assert states(world, case) == [state]
    assert len(agent.got) == copies
    assert len({delivery.key for delivery in agent.got}) == 1
    assert agent.got[0].address == "north"
    assert agent.got[0].files[0].content.startswith(b"%PDF")
