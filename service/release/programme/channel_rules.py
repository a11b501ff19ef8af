"""Channels to providers outside, from `workflows/config/channels.toml`: where a handler's request
goes.

`print:` keeps it in the demo's letterbox, `mail:` sends it to an address; any other kind is that of
an installed package.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from msgspec import Struct

from service.release.programme.typed_tables import (
    Text,
    WrongTable,
    plain_table,
    read_table,
    typed,
)

PRINT, MAIL = "print", "mail"
ON_CALL = "on_call"
"""Begins the id of an office's channel to whoever is on duty, which `programme.toml` names."""


@dataclass(frozen=True, slots=True)
class ProviderChannel:
    """One way to one provider."""

    id: str
    kind: str
    address: str
    """What stands behind the kind: an address of mail, or what a package understands."""
    names: Mapping[str, str]
    """Language to the provider's name."""
    language: str
    """In which it is written to."""

    def name(self, lang: str) -> str:
        """The provider's name in a language."""
        return self.names.get(lang) or self.names.get("sv") or self.id


class _Channel(Struct):
    url: Text
    sv: str = ""
    en: str = ""
    language: str = "sv"


class _OnCall(Struct):
    on_call: Mapping[str, Text] = {}


def read_channels(text: str) -> dict[str, ProviderChannel]:
    """Read `channels.toml`; an empty text is an installation without providers.

    Raises:
        WrongTable: a channel without a kind, or mail without an address.
    """
    channels = {}
    for id_, table in plain_table(text).items():
        if id_ == ON_CALL:
            raise WrongTable("on_call", ON_CALL)
        row = typed(table, _Channel, id_)
        names = {lang: name for lang, name in (("sv", row.sv), ("en", row.en)) if name}
        channels[id_] = ProviderChannel(id_, *_way(row.url, id_), names, row.language)
    return channels


def read_on_call(text: str) -> dict[str, ProviderChannel]:
    """Read the table `[on_call]` of `programme.toml`: office to its channel to whoever is on duty.

    Raises:
        WrongTable: a channel without a kind, or mail without an address.
    """
    return {
        office: ProviderChannel(on_call_id(office), *_way(url, ON_CALL, office), {}, "")
        for office, url in read_table(text, _OnCall).on_call.items()
    }


def on_call_id(office: str) -> str:
    """The id of an office's channel to whoever is on duty."""
    return f"{ON_CALL}:{office}"


def on_call_office(id_: str) -> str:
    """The office whose channel to whoever is on duty has this id; "" for any other channel."""
    begins, _, office = id_.partition(":")
    return office if begins == ON_CALL else ""


def _way(url: str, *place: str) -> tuple[str, str]:
    """The kind of a channel, and what stands behind it.

    Raises:
        WrongTable: there is no kind, or no address of mail.
    """
    kind, colon, address = url.partition(":")
    if not colon or not kind or (kind == MAIL and "@" not in address):
        raise WrongTable("way", *place)
    return kind, address
