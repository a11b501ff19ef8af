"""Channels to providers, as the installation sets them."""

from __future__ import annotations

from pathlib import Path

import pytest

from handlers import bookings
from service.binding import HANDLERS, ON_CALL
from service.release.programme.channel_rules import (
    on_call_id,
    on_call_office,
    read_channels,
    read_on_call,
)

CONFIG = Path(__file__).parents[3] / "workflows/config"


def test_the_shipped_channels_are_of_handlers_and_send_nothing() -> None:
    channels = read_channels((CONFIG / "channels.toml").read_text("utf-8"))
    assert bookings.PROVIDERS
    named = {channel for declared in HANDLERS.values() for channel, _ in declared.channels}
    assert set(channels) == named - {ON_CALL}
    assert {channel.kind for channel in channels.values()} == {"print"}


def test_a_channel_has_a_kind_an_address_and_a_name() -> None:
    text = '[a]\nurl = "mail:x@example.org"\nsv = "Byrån"\nlanguage = "en"\n[b]\nurl = "agent:"\n'
    found = read_channels(text)
    assert (found["a"].kind, found["a"].address, found["a"].language) == (
        "mail",
        "x@example.org",
        "en",
    )
    assert (found["a"].name("en"), found["b"].name("en")) == ("Byrån", "b")
    assert read_channels("") == {}


@pytest.mark.parametrize("text", ["[a]\n", '[a]\nurl = "x"\n', '[a]\nurl = "mail:nobody"\n'])
def test_a_channel_that_leads_nowhere_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"^a: "):
        read_channels(text)


def test_an_office_names_its_channel_to_who_is_on_duty() -> None:
    shipped = read_on_call((CONFIG / "programme.toml").read_text("utf-8"))
    assert {channel.kind for channel in shipped.values()} == {"print"}
    found = read_on_call('[on_call]\nhere = "mail:duty@example.org"\n')
    assert (found["here"].id, found["here"].kind) == (on_call_id("here"), "mail")
    assert (on_call_office(found["here"].id), on_call_office("travel")) == ("here", "")
    assert read_on_call("") == {}
    with pytest.raises(ValueError, match=r"^on_call, here: "):
        read_on_call('[on_call]\nhere = "mail:nobody"\n')


def test_no_provider_has_the_name_of_who_is_on_duty() -> None:
    with pytest.raises(ValueError, match=r"programme\.toml"):
        read_channels('[on_call]\nurl = "print:"\n')
