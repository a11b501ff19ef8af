"""Channels to providers outside, from `workflows/config/channels.toml`: where a handler's request
goes.

`print:` keeps it in the demo's letterbox, `mail:` sends it to an address; any other kind is that of
an installed package.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass

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


def read_channels(text: str) -> dict[str, ProviderChannel]:
    """Read `channels.toml`; an empty text is an installation without providers.

    Raises:
        ValueError: a channel without a kind, or mail without an address; the sentence tells which.
    """
    channels = {}
    for id_, row in tomllib.loads(text).items():
        if id_ == ON_CALL:
            raise ValueError(f"no provider may be called {ON_CALL}: programme.toml names who is")
        kind, address = _way(id_, row.get("url", ""))
        names = {lang: str(row[lang]) for lang in ("sv", "en") if lang in row}
        language = str(row.get("language", "sv"))
        channels[id_] = ProviderChannel(id_, kind, address, names, language)
    return channels


def read_on_call(text: str) -> dict[str, ProviderChannel]:
    """Read the table `[on_call]` of `programme.toml`: office to its channel to whoever is on duty.

    Raises:
        ValueError: a channel without a kind, or mail without an address; the sentence tells which.
    """
    channels = {}
    for office, url in tomllib.loads(text).get(ON_CALL, {}).items():
        kind, address = _way(f"{ON_CALL}.{office}", url)
        channels[office] = ProviderChannel(on_call_id(office), kind, address, {}, "")
    return channels


def on_call_id(office: str) -> str:
    """The id of an office's channel to whoever is on duty."""
    return f"{ON_CALL}:{office}"


def on_call_office(id_: str) -> str:
    """The office whose channel to whoever is on duty has this id; "" for any other channel."""
    begins, _, office = id_.partition(":")
    return office if begins == ON_CALL else ""


def _way(name: str, url: object) -> tuple[str, str]:
    """The kind of a channel, and what stands behind it.

    Raises:
        ValueError: there is no kind, or no address of mail.
    """
    kind, colon, address = str(url).partition(":")
    if not colon or not kind:
        raise ValueError(f"[{name}] needs url, such as print: or mail:orders@example.org")
    if kind == MAIL and "@" not in address:
        raise ValueError(f"[{name}] mail: needs an address")
    return kind, address
