"""Channels of installed packages, in the child; and what a handler may ask for."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from service.binding import Answer, Delivery, DeliveryRefused, EnclosedFile, Paper, Request, handler
from service.errors import BadSettings, HandlerFailed
from service.sandbox import installed_packages
from service.sandbox.handler_messages import (
    answer_from_json,
    answer_to_json,
    delivery_from_json,
    delivery_to_json,
)
from service.sandbox.handlers import checked
from service.sandbox.installed_packages import CHANNELS, PackageEntry, channels, deliver
from tests.worker.providers import asks, declaration

DELIVERY = Delivery("k", "north", "s", "t", "sv", (EnclosedFile("a.pdf", "application/pdf", b"%"),))
GOT: list[Delivery] = []
REQUEST = Request("travel", "request_tickets", ("order",))


def takes(delivery: Delivery) -> None:
    GOT.append(delivery)


def refuses(delivery: Delivery) -> None:
    raise DeliveryRefused(f"no room for {delivery.text}", permanent=True)


def breaks(delivery: Delivery) -> None:
    raise RuntimeError(delivery.text)


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[PackageEntry]]:
    here: list[PackageEntry] = []
    monkeypatch.setattr(installed_packages, "_installed", lambda: here)
    channels.cache_clear()
    yield here
    channels.cache_clear()


def named(name: str, function: str) -> PackageEntry:
    return PackageEntry(CHANNELS, name, f"{__name__}:{function}")


def test_a_message_reaches_the_channel_of_its_kind(packages: list[PackageEntry]) -> None:
    packages.append(named("agent", "takes"))
    said = json.loads(deliver(json.loads(json.dumps(delivery_to_json("agent", DELIVERY)))))
    assert said == {}
    assert GOT.pop() == DELIVERY


@pytest.mark.parametrize(
    ("function", "permanent"), [("refuses", True), ("breaks", False), ("nobody", True)]
)
def test_a_channel_that_fails_tells_the_kind_and_no_value(
    packages: list[PackageEntry],
    function: str,
    permanent: bool,  # noqa: FBT001 - a parameter of pytest
) -> None:
    if function != "nobody":
        packages.append(named("agent", function))
    said = json.loads(deliver(delivery_to_json("agent", DELIVERY)))
    assert said["permanent"] is permanent
    assert DELIVERY.text not in said["refused"].split()


def test_a_channel_that_cannot_be_loaded_stops_with_a_sentence(
    packages: list[PackageEntry],
) -> None:
    packages.append(PackageEntry(CHANNELS, "agent", "no_such_module:x"))
    with pytest.raises(BadSettings, match="names the channel agent, which cannot be loaded"):
        channels()


def test_two_channels_of_one_name_are_refused(packages: list[PackageEntry]) -> None:
    packages += [named("agent", "takes"), named("agent", "breaks")]
    with pytest.raises(BadSettings, match="two packages bring a channel agent"):
        channels()


def test_messages_come_back_as_they_were_written() -> None:
    assert delivery_from_json(delivery_to_json("agent", DELIVERY)) == DELIVERY
    answer = asks("ORDER")(None)  # type: ignore[arg-type] # it reads nothing of the call
    assert answer_from_json(json.loads(json.dumps(answer_to_json(answer)))) == answer


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (Answer(papers=(Paper("plan"),)), "asks for the papers plan"),
        (Answer(requests=(Request("ferry", "request_tickets"),)), "sends request_tickets through"),
        (
            Answer(requests=(Request("travel", "request_tickets", ("order",)),)),
            "sends order, which",
        ),
    ],
)
def test_what_is_not_declared_is_refused(answer: Answer, says: str) -> None:
    with pytest.raises(HandlerFailed, match=says):
        checked(answer, declaration())


def test_a_request_rests_on_the_consent_of_its_handler() -> None:
    (request,) = checked(asks()(None), declaration()).requests  # type: ignore[arg-type] # it reads nothing of the call
    assert request.needs_consent == "ORDER"
    cancels = Answer(requests=(Request("travel", "cancel_booking", cancels=True),))
    assert checked(cancels, declaration()).requests[0].needs_consent == ""
    with pytest.raises(HandlerFailed, match="names no consent"):
        checked(asks()(None), declaration(needs_consent=""))  # type: ignore[arg-type] # same


def test_who_reads_answers_names_consent_and_classes() -> None:
    with pytest.raises(ValueError, match="names a consent and classes"):
        handler("greedy.read", fields=("note",))(lambda _: Answer())
    with pytest.raises(ValueError, match="names a consent and classes"):
        handler("greedy.print", papers=("order",), needs_consent="ORDER")(lambda _: Answer())
