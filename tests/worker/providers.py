"""Handlers that ask a provider, and an installation with channels, for tests."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from itertools import pairwise
from typing import Any

from service.binding import Answer, Call, Declaration, Paper, Request
from service.casework.cases import consents
from service.release.bundle import Bundle
from service.release.programme.channel_rules import ProviderChannel
from service.security.keyring import Keyring
from service.store.casefile import documents
from service.store.work import letters
from tests.support import by_hand, small
from tests.support import diagrams as d
from tests.support.by_hand import entry
from tests.support.local_handlers import TOPICS
from tests.support.world import World, open_world

TOPIC = "orders.ask"
ORDER = b"""\
// title = { sv = "Order", en = "Order" }
// kind = "order"
// purpose = "ORDER"
// classes = ["C2"]
// fields = ["note"]

= #paper.title
#paper.fields.note.text
#paper.code
"""
TEXT = b"# Order\nversion: 1\n\nText.\n"
ADDRESS = "orders@example.invalid"
NOTE = "words that only the provider may read"


def declaration(topic: str = TOPIC, **more: Any) -> Declaration:
    """A handler that may read the note, have the order made, and ask through `travel`."""
    facts: dict[str, Any] = {
        "answers": ("sent",),
        "letters": (),
        "errors": (),
        "needs_consent": "ORDER",
        "fields": ("note", "answer"),
        "classes": ("C2",),
        "papers": ("order",),
        "channels": (("travel", "request_tickets"), ("travel", "cancel_booking")),
    }
    given = {**facts, **more}
    return Declaration(topic, lambda _: Answer(), (), seconds=30, summary=topic, **given)


def asks(consent: str = "") -> Callable[[Call], Answer]:
    """Asks the provider with a paper, if it may."""

    def ask(call: Call) -> Answer:
        del call
        request = Request("travel", "request_tickets", ("order",), consent)
        return Answer(values={"sent": 1}, papers=(Paper("order"),), requests=(request,))

    return ask


def takes_back(call: Call) -> Answer:
    """Takes back what was asked."""
    del call
    return Answer(requests=(Request("travel", "cancel_booking", cancels=True),))


def bundle(*steps: str) -> Bundle:
    """A process of one task, calls of the topics, and a task; with the template and the text."""
    jobs = "".join(d.job(f"j{n}", topic) for n, topic in enumerate(steps))
    names = ["b0", *(f"j{n}" for n in range(len(steps))), "a", "e"]
    flow = " ".join(f"{one}>{two}" for one, two in pairwise(names))
    made = small.one(small.person("b0", "ask") + jobs + small.person("a"), f"s>b0 {flow}")
    made = made.with_file("workflows/papers/order.typ", ORDER)
    return made.with_file("workflows/config/consents/ORDER.sv.md", TEXT)


def open_providers(
    database_url: str,
    keyring: Keyring,
    functions: Mapping[str, Callable[[Call], Answer]],
    *,
    url: str = "print:",
    steps: tuple[str, ...] = (TOPIC,),
) -> World:
    """An installation whose channel `travel` leads somewhere."""
    topics = {**TOPICS, **{topic: declaration(topic) for topic in functions}}
    world = open_world(database_url, keyring, topics=topics, functions=functions)
    kind, _, address = url.partition(":")
    travel = ProviderChannel("travel", kind, address, {"sv": "Resebyrån"}, "sv")
    services = world.program.services
    programme = replace(services.programme, channels={"travel": travel})
    world.program = replace(world.program, services=replace(services, programme=programme))
    world.publish(bundle(*steps))
    return world


def begin(world: World, *, consent: bool = True, note: str = NOTE) -> str:
    """A case whose first task is done, so that its call waits; with a consent, if wanted."""
    case = world.start().case_id
    if consent:
        give(world, case)
    world.complete(world.key(case, "b0"), {"answer": ["YES"], "note": [note]})
    return case


def give(world: World, case: str) -> None:
    services, now = world.program.services, world.clock.now()
    with world.database.transaction() as tx:
        key = services.case_keys(tx, case).for_writing(tx, "social", consents.WORDS)
        given = {"ORDER": {"givenBy": "SELF", "givenOn": "2026-03-01"}}
        facts: dict[str, Any] = {"by": "p_sara", "rev": 1, "now": now}
        consents.give(
            tx, services.programme.configuration, key=key, case_id=case, given=given, **facts
        )
        entry(tx, f"case/{case}")


def withdraw(world: World, case: str) -> None:
    with world.database.transaction() as tx:
        by_hand.withdraw(tx, case, ["ORDER"], on=world.clock.now().date(), rev=1)
        entry(tx, f"case/{case}")


def requests_of(world: World, case: str) -> list[letters.Letter]:
    return [letter for letter in world.letters(case) if letter.channel]


def made_papers(world: World, case: str) -> list[documents.Document]:
    with world.database.transaction(write=False) as tx:
        return [row for row in documents.of_case(tx, case) if row.template]


LATER = timedelta(hours=2)
