"""What changed outside the cases, by whom and why: releases, offices, roles, the installation.

Each has a stream of the ledger of its own, as a case has. Searches, sign-ins and looks are not
changes, and stand in the searches and in the log of who looked.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from service.audit.search.entry_words import (
    EntryWords,
    kind_name,
    load_entry_words,
    load_names,
    role_names,
)
from service.errors import NotFound
from service.records.context import Services
from service.records.ledger_kinds import KINDS
from service.security.records import LedgerEntry
from service.store.installation import ledger_entries, offices, releases
from service.store.transaction import Tx
from service.text import say

RELEASES, SYSTEM, OFFICE = "release", "system", "office"
NO_CHANGE: Final = frozenset(
    {"sign_in", "sign_out", "sign_in_failed", "sign_in_alarm", "search", "audit_search"}
    | {"audit_matter", "password_set", "letters_chosen"}
)
"""Kinds of entries of these streams that are no changes, and are left out."""
PEOPLE: Final = ("person", "deputy")
"""Keys of a body that name a person."""


@dataclass(frozen=True, slots=True)
class StreamChange:
    """One change: `about` names the person or thing that was changed, `why` the reason given."""

    n: int
    at: datetime
    what: str
    about: str
    who: str
    office: str
    why: str


@dataclass(frozen=True, slots=True)
class StreamPage:
    """One page, the newest first; `older` is the number to go on before, 0 at the end."""

    title: str
    rows: tuple[StreamChange, ...]
    older: int


def load_stream_titles(tx: Tx, lang: str) -> list[tuple[str, str]]:
    """(what stands in the address, name) of the streams that can be shown."""
    named = sorted(offices.names(tx).items(), key=lambda pair: pair[1].lower())
    first = [(name, say(f"audit_streams.of_{name}", lang)) for name in (RELEASES, SYSTEM)]
    return [*first, *((f"{OFFICE}/{id_}", name) for id_, name in named)]


def stream_name(services: Services, name: str) -> str:
    """The stream of the ledger that a name of `load_stream_titles` stands for."""
    return f"release/{services.programme.process}" if name == RELEASES else name


def load_stream(
    tx: Tx, services: Services, name: str, *, before: int | None, lang: str, limit: int
) -> StreamPage:
    """A page of what changed in a stream.

    Args:
        name: one of `load_stream_titles`.
        before: number of the entry where the page before ended.
    Raises:
        NotFound: there is no such stream.
    """
    title = dict(load_stream_titles(tx, lang)).get(name)
    if title is None:
        raise NotFound
    stream = stream_name(services, name)
    kinds = [kind for kind in KINDS if kind not in NO_CHANGE]
    found = ledger_entries.latest(tx, stream, before=before, kinds=kinds, limit=limit + 1)
    bodies = [json.loads(entry.body) for entry in found]
    actors = [entry.actor for entry in found]
    actors += [str(body[key]) for body in bodies for key in PEOPLE if key in body]
    names = load_names(tx, services)
    words = load_entry_words(tx, names, services, actors, lang, elements=False)
    notes = {title.id: title for title in releases.everyone(names)}
    roles = role_names(names, services, lang)
    rows = [
        _change(entry, body, words, notes, roles)
        for entry, body in zip(found[:limit], bodies, strict=False)
    ]
    return StreamPage(title, tuple(rows), rows[-1].n if len(found) > limit else 0)


def _change(
    entry: LedgerEntry,
    body: Mapping[str, Any],
    words: EntryWords,
    notes: Mapping[str, releases.ReleaseTitle],
    roles: Mapping[str, str],
) -> StreamChange:
    release = notes.get(str(body.get("release", "")))
    about = [words.people.get(str(body[key]), "") for key in PEOPLE if key in body]
    about.append(words.offices.get(str(body.get("about", "")), ""))
    about.append(roles.get(str(body.get("role", "")), ""))
    about.append(f"v{release.number}" if release is not None else "")
    about += [f"{key}: {before or '–'} → {after or '–'}" for key, before, after in _values(body)]
    return StreamChange(
        entry.seq,
        entry.at,
        kind_name(entry.kind, words.lang),
        ", ".join(part for part in about if part),
        words.who(entry.actor),
        words.office(entry.office),
        release.note if release is not None and entry.kind == "published" else _reason(body),
    )


def _values(body: Mapping[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What changed, from what to what: values of files, or the state of a country."""
    yield from body.get("values", ())
    if "country" in body:
        yield body["country"], body["from"], body["to"]


def _reason(body: Mapping[str, Any]) -> str:
    """Why, where the entry itself says so; a reason of a case is sealed."""
    return str(body.get("reason", "")) if "values" in body else ""
