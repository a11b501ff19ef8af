"""The file of providers (`TRESTEG_PROVIDERS_FILE`): one table each, checked at the start.

Keys are read with it: the private key by which the provider knows this installation.
"""

from __future__ import annotations

import json
import re
import stat
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from service.errors import BadSettings

ID: Final = re.compile(r"[a-z][a-z0-9-]{0,29}")
NEEDED: Final = ("name", "office", "issuer", "client_id", "key_file", "acr")
KNOWN: Final = frozenset((*NEEDED, "acr_essential", "kid", "scopes"))
LANGUAGES: Final = ("sv", "en")
THIS_MACHINE: Final = frozenset({"127.0.0.1", "localhost", "::1"})
SHORTEST_RSA: Final = 2048
"""Bits of an RSA key."""
CURVES: Final[Mapping[str, str]] = {"P-256": "ES256", "P-384": "ES384", "P-521": "ES512"}
"""Curve of a key to the algorithm that it signs by."""
OPENID: Final = "openid"


@dataclass(frozen=True, slots=True)
class Provider:
    """A provider at which the people of one office sign in."""

    id: str
    names: Mapping[str, str]
    """What people call it, by language."""
    office: str
    issuer: str
    client_id: str
    """What it calls this installation."""
    acr: tuple[str, ...]
    """Levels of trust (`acr`) that are taken, the preferred one first."""
    acr_essential: bool
    """Whether the levels are asked for as an essential claim; else as a wish."""
    scopes: tuple[str, ...]
    key: RSAKey | ECKey = field(repr=False)
    """Private key of this installation for this provider."""
    algorithm: str

    def name(self, lang: str) -> str:
        """Its name in a language."""
        return self.names.get(lang) or self.names[LANGUAGES[0]]


def _is_name(value: object) -> bool:
    return isinstance(value, dict) and set(value) == set(LANGUAGES) and _texts(value.values())


def _is_list(value: object) -> bool:
    return isinstance(value, list) and _texts(value) and all(one.split() == [one] for one in value)


def _texts(values: Iterable[object]) -> bool:
    return all(isinstance(value, str) and value.strip() for value in values)


KINDS: Final[Mapping[str, tuple[Callable[[object], bool], str]]] = {
    "name": (_is_name, 'a text in each language: { sv = "…", en = "…" }'),
    "acr": (_is_list, "a list of texts without spaces"),
    "acr_essential": (lambda value: isinstance(value, bool), "true or false"),
    "scopes": (_is_list, "a list of texts without spaces"),
}
"""Keys that are no text: whether a value fits, and the words for what does."""
TEXT: Final[tuple[Callable[[object], bool], str]] = (lambda value: isinstance(value, str), "a text")


def is_safe(address: str) -> bool:
    """Whether what is sent to an address goes by https, or stays on this machine."""
    if not address.isprintable() or " " in address:
        return False
    try:
        parts = urlsplit(address)
        host = parts.hostname
    except ValueError:
        return False
    return bool(host) and (
        parts.scheme == "https" or (parts.scheme == "http" and host in THIS_MACHINE)
    )


def read_providers(file: str) -> tuple[Provider, ...]:
    """Read the providers of an installation.

    Args:
        file: of the setting; "" where there are none.
    Raises:
        BadSettings: with one sentence that names the table and says what to do.
    """
    if not file:
        return ()
    path = Path(file)
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as e:
        raise BadSettings(f"TRESTEG_PROVIDERS_FILE names a file that cannot be read: {path}") from e
    except tomllib.TOMLDecodeError as e:
        raise BadSettings(f"{path} is no TOML: {e}") from e
    found = tuple(_provider(path, id_, table) for id_, table in tables.items())
    for sentence in _twice(found):
        raise BadSettings(f"{path}: {sentence}")
    return found


def _twice(found: tuple[Provider, ...]) -> Iterator[str]:
    """Sentences about two providers of one office, or two tables of one provider."""
    offices: dict[str, str] = {}
    issuers: dict[str, str] = {}
    for one in found:
        if first := offices.get(one.office):
            yield f"[{first}] and [{one.id}] are both for the office {one.office}; keep one"
        if first := issuers.get(one.issuer):
            yield f"[{first}] and [{one.id}] have the same issuer; an issuer has one office"
        offices[one.office] = issuers[one.issuer] = one.id


def _provider(path: Path, id_: str, table: object) -> Provider:
    """One table as a provider.

    Raises:
        BadSettings: as `read_providers`.
    """
    if not isinstance(table, dict):
        raise BadSettings(f"{path}: {id_} stands outside of every table; write it as [{id_}]")
    for sentence in _faults(id_, table):
        raise BadSettings(f"{path}: {sentence}")
    key, algorithm = _key(path, id_, table)
    return Provider(
        id=id_,
        names=table["name"],
        office=table["office"],
        issuer=table["issuer"],
        client_id=table["client_id"],
        acr=tuple(table["acr"]),
        acr_essential=table.get("acr_essential", False),
        scopes=tuple(dict.fromkeys((OPENID, *table.get("scopes", ())))),
        key=key,
        algorithm=algorithm,
    )


def _faults(id_: str, table: Mapping[str, Any]) -> Iterator[str]:
    """Sentences about what is wrong with a table, but for its key."""
    if not ID.fullmatch(id_):
        yield f"[{id_}] is no id: small letters, digits and hyphens, thirty at most"
    for name in sorted(table.keys() - KNOWN):
        yield f"[{id_}] has {name}, which is no key of a provider ({', '.join(sorted(KNOWN))})"
    for name in NEEDED:
        if not table.get(name):
            yield f"[{id_}] lacks {name}"
    for name, value in table.items():
        fits, kind = KINDS.get(name, TEXT)
        if not fits(value):
            yield f"[{id_}] {name} must be {kind}"
    yield from _issuer_faults(id_, table["issuer"])


def _issuer_faults(id_: str, issuer: str) -> Iterator[str]:
    """Sentences about an address that is no issuer (OpenID Connect Discovery 1.0, 3)."""
    if not is_safe(issuer):
        yield f"[{id_}] issuer must begin with https:// unless it is on this machine: {issuer}"
    elif set("?#|@") & set(issuer):
        yield f"[{id_}] issuer must be an address without ?, #, | and @: {issuer}"


def _key(path: Path, id_: str, table: Mapping[str, Any]) -> tuple[RSAKey | ECKey, str]:
    """The private key of a table, and the algorithm that it signs by.

    Raises:
        BadSettings: it cannot be read, others may read it, or it is none of RSA or an NIST curve.
    """
    file = path.parent / table["key_file"]
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise BadSettings(f"the key {file} may be read by others: run chmod 0400 on it")
        content = file.read_bytes()
    except OSError as e:
        raise BadSettings(f"{path}: [{id_}] key_file cannot be read: {file}") from e
    key = _imported(content, table.get("kid", ""))
    if key is None:
        raise BadSettings(
            f"{path}: [{id_}] key_file must be one private key, RSA of {SHORTEST_RSA} bits or more "
            f"or EC on {', '.join(CURVES)}, as JWK or PEM: {file}"
        )
    if not key.kid:
        raise BadSettings(f"{path}: [{id_}] lacks kid, and the key {file} has none of its own")
    return key, "RS256" if isinstance(key, RSAKey) else CURVES[key.curve_name]


def _imported(content: bytes, kid: str) -> RSAKey | ECKey | None:
    """A private key of its file; None where it is none that may sign."""
    given: Any = content
    with suppress(ValueError):  # it is PEM
        given = json.loads(content)
    for kind in (RSAKey, ECKey):
        try:
            key = kind.import_key(given, {"kid": kid} if kid else None)
        except (JoseError, ValueError, TypeError, KeyError, AttributeError):
            continue
        if key.is_private and _is_strong(key):
            return key
    return None


def _is_strong(key: RSAKey | ECKey) -> bool:
    if isinstance(key, RSAKey):
        return key.raw_value.key_size >= SHORTEST_RSA
    return key.curve_name in CURVES
