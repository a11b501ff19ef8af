"""The roles of a draft: their names and the kinds of office that may hold them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from xml.sax.saxutils import quoteattr

import tomlkit

from service.release.bundle import ROLES, Bundle
from service.release.programme.vocabulary import LANGUAGES
from service.workshop.configuration.typed import (
    Edit,
    Faults,
    Sent,
    Value,
    Values,
    changes,
    edited,
    read_table,
    text_of,
)

ID: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{1,39}")
OFFICES: Final = "offices"
_LANE: Final = re.compile(rb'(<(?:\w+:)?lane\b[^>]*?\bname=)("[^"]*")')


@dataclass(frozen=True, slots=True)
class RoleRow:
    """A role as its page shows it."""

    id: str
    built_in: bool
    """Whether it comes with the product."""
    names: Mapping[str, str]
    offices: tuple[str, ...]


def read_roles(bundle: Bundle) -> tuple[RoleRow, ...]:
    """The roles of lanes, then those of the product."""
    rows = [
        RoleRow(
            id_,
            bool(row.get("house", False)),
            {lang: str(row.get(lang, "")) for lang in LANGUAGES},
            tuple(sorted(map(str, row.get(OFFICES, ())))),
        )
        for id_, row in read_table(text_of(bundle, ROLES)).items()
        if isinstance(row, dict)
    ]
    return tuple(sorted(rows, key=lambda row: row.built_in))


def role_values(bundle: Bundle) -> Values:
    """Every value that the page can change."""
    found: dict[str, Value] = {}
    for row in read_roles(bundle):
        if not row.built_in:
            found |= {f"{row.id}.{lang}": row.names[lang] for lang in LANGUAGES}
            found[f"{row.id}.{OFFICES}"] = row.offices
    return found


def save_roles(bundle: Bundle, sent: Sent) -> Edit:
    """Change names and kinds of office. Lanes of the diagrams that had the old Swedish name of a
    role get the new one.
    """
    typed, faults = changes(sent, role_values(bundle))
    faults |= {n: "fault_name" for n, value in typed.items() if not value and OFFICES not in n}
    if faults:
        return Edit({}, faults)
    old = {row.id: row.names[LANGUAGES[0]] for row in read_roles(bundle)}

    def change(document: tomlkit.TOMLDocument) -> None:
        for name, value in typed.items():
            role, _, part = name.partition(".")
            document[role][part] = list(value) if isinstance(value, tuple) else value

    made = edited(text_of(bundle, ROLES), ROLES, change)
    renamed = {
        old[name.partition(".")[0]]: str(value)
        for name, value in typed.items()
        if name.endswith(f".{LANGUAGES[0]}")
    }
    return Edit({**made.changed, **_renamed_lanes(bundle, renamed)}, made.faults)


def add_role(bundle: Bundle, sent: Sent) -> Edit:
    """Add a role that lanes can name."""
    id_ = _first(sent, "new.id")
    names = {lang: _first(sent, f"new.{lang}") for lang in LANGUAGES}
    faults: Faults = {f"new.{lang}": "fault_name" for lang, name in names.items() if not name}
    taken = {row.id.casefold() for row in read_roles(bundle)}
    if not ID.fullmatch(id_):
        faults["new.id"] = "fault_role_id"
    elif id_.casefold() in taken:
        faults["new.id"] = "fault_taken"
    if faults:
        return Edit({}, faults)

    def change(document: tomlkit.TOMLDocument) -> None:
        document.add(tomlkit.nl())
        document[id_] = {**names, OFFICES: [kind for kind in sent.get("new.offices", ()) if kind]}

    return edited(text_of(bundle, ROLES), ROLES, change)


def _renamed_lanes(bundle: Bundle, renamed: Mapping[str, str]) -> dict[str, bytes]:
    """Diagrams whose lanes get another name."""
    names = {quoteattr(old).encode(): quoteattr(new).encode() for old, new in renamed.items()}
    changed: dict[str, bytes] = {}
    for name, content in bundle.under("workflows", ".bpmn").items():
        made = _LANE.sub(lambda found: found[1] + names.get(found[2], found[2]), content)
        if made != content:
            changed[f"workflows/{name}"] = made
    return changed


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "").strip()
