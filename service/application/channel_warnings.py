"""What an operator should know of the channels to providers, before a request finds it out."""

from __future__ import annotations

from collections.abc import Iterator

from service.actions.programme.channel_rules import MAIL, PRINT
from service.application.container import Tresteg
from service.sandbox import channels


def channel_warnings(program: Tresteg) -> list[str]:
    """A sentence for each channel that a handler names and that leads nowhere; none for a demo."""
    return [] if program.demo else list(_warnings(program))


def _warnings(program: Tresteg) -> Iterator[str]:
    known = program.services.programme.channels
    named = {
        channel: topic
        for topic, declared in sorted(program.services.topics.items(), reverse=True)
        for channel, _ in declared.channels
    }
    for channel, topic in sorted(named.items()):
        if channel not in known:
            yield (
                f"channels.toml has no channel {channel}, which the handler {topic} uses: "
                "what it asks for becomes an incident"
            )
            continue
        kind = known[channel].kind
        if kind == PRINT:
            yield f"the channel {channel} is print: in channels.toml, so nothing leaves through it"
        elif kind != MAIL and kind not in channels.installed():
            yield f"no installed package brings {kind}:, which channels.toml names for {channel}"
