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
        kind, colon, address = str(row.get("url", "")).partition(":")
        if not colon or not kind:
            raise ValueError(f"[{id_}] needs url, such as print: or mail:orders@example.org")
        if kind == MAIL and "@" not in address:
            raise ValueError(f"[{id_}] mail: needs an address")
        names = {lang: str(row[lang]) for lang in ("sv", "en") if lang in row}
        language = str(row.get("language", "sv"))
        channels[id_] = ProviderChannel(id_, kind, address, names, language)
    return channels
