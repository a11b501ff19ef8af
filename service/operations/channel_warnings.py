"""What an operator should know of the channels to providers, before a request finds it out."""

from __future__ import annotations

from collections.abc import Iterator

from service.application.container import Tresteg
from service.binding import ON_CALL
from service.release.programme.channel_rules import MAIL, PRINT
from service.sandbox import installed_packages


def channel_warnings(program: Tresteg) -> list[str]:
    """A sentence for each channel that a handler names and that leads nowhere; none for a demo."""
    return [] if program.demo else list(_warnings(program))


def _warnings(program: Tresteg) -> Iterator[str]:
    known = program.services.programme.channels
    named = {
        channel: topic
        for topic, declared in sorted(program.services.topics.items(), reverse=True)
        for channel, _ in declared.channels
        if channel != ON_CALL
    }
    yield from _on_call_warnings(program)
    for channel, topic in sorted(named.items()):
        if channel not in known:
            yield (
                f"channels.toml has no channel {channel}, which the handler {topic} uses: "
                "what it asks for becomes an incident"
            )
            continue
        yield from _way_warnings(known[channel].kind, channel, "channels.toml")


def _on_call_warnings(program: Tresteg) -> Iterator[str]:
    """Of the channels to whoever is on duty; an office without one has its alarms go on at once."""
    for office, channel in sorted(program.services.programme.on_call.items()):
        yield from _way_warnings(channel.kind, f"to who is on duty at {office}", "parties.toml")


def _way_warnings(kind: str, channel: str, file: str) -> Iterator[str]:
    if kind == PRINT:
        yield f"the channel {channel} is print: in {file}, so nothing leaves through it"
    elif kind != MAIL and kind not in installed_packages.channels():
        yield f"no installed package brings {kind}:, which {file} names for {channel}"
