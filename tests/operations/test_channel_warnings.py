"""Channels that lead nowhere are named to the operator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.operations.channel_warnings import channel_warnings
from service.release.programme.channel_rules import ProviderChannel, read_on_call
from tests.support.world import World
from tests.worker.providers import TOPIC, declaration


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "channels.toml has no channel travel, which the handler orders.ask uses"),
        ("print:", "the channel travel is print: in channels.toml"),
        ("agent:north", "no installed package brings agent:"),
        ("mail:orders@example.org", ""),
    ],
)
def test_a_channel_that_leads_nowhere_is_named(world: World, url: str, says: str) -> None:
    kind, _, address = url.partition(":")
    travel = {"travel": ProviderChannel("travel", kind, address, {}, "sv")} if url else {}
    services = world.program.services
    programme = replace(services.programme, channels=travel, on_call={})
    services = replace(services, programme=programme, topics={TOPIC: declaration()})
    real = replace(world.program, services=services, demo=False)
    assert [found.partition(says)[1] for found in channel_warnings(real)] == (
        [says] if says else []
    )
    assert channel_warnings(replace(real, demo=True)) == []


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("print:", "the channel to who is on duty at iom-helsinki is print: in parties.toml"),
        ("agent:north", "no installed package brings agent:, which parties.toml names"),
        ("mail:duty@example.org", ""),
    ],
)
def test_a_call_to_who_is_on_duty_that_leads_nowhere_is_named(
    world: World, url: str, says: str
) -> None:
    services = world.program.services
    on_call = read_on_call(f'[on_call]\niom-helsinki = "{url}"')
    programme = replace(services.programme, channels={}, on_call=on_call)
    services = replace(services, programme=programme, topics={})
    found = channel_warnings(replace(world.program, services=services, demo=False))
    assert [says in sentence for sentence in found] == ([True] if says else [])
