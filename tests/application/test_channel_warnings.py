"""Channels that lead nowhere are named to the operator."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.actions.programme.channel_rules import ProviderChannel
from service.application.channel_warnings import channel_warnings
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
    programme = replace(services.programme, channels=travel)
    services = replace(services, programme=programme, topics={TOPIC: declaration()})
    real = replace(world.program, services=services, demo=False)
    assert [found.partition(says)[1] for found in channel_warnings(real)] == (
        [says] if says else []
    )
    assert channel_warnings(replace(real, demo=True)) == []
