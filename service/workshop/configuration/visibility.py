"""The visibility matrix of a draft: what each role sees of each class in each stage, and rows that
narrow it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import tomlkit
from tomlkit.items import AoT

from service.access import CLASSES, ENDED, NOTHING
from service.release.bundle import CONFIG
from service.release.programme.process_configuration import VISIBILITY
from service.workshop.configuration.typed import (
    Edit,
    Faults,
    Sent,
    Values,
    changes,
    edited,
    read_table,
)

FILE: Final = CONFIG + VISIBILITY
MODES: Final = ("F", "S", "O", NOTHING)
"""What a role may see, the most first."""
NARROW: Final = "narrow"
ONLY, NEVER = "only", "never"


@dataclass(frozen=True, slots=True)
class NarrowRow:
    """A row that narrows what a role sees."""

    key: str
    """Identity of the row: all its values in one text."""
    role: str
    stages: tuple[str, ...]
    classes: tuple[str, ...]
    how: str
    """`only` or `never`."""
    groups: tuple[str, ...]
    except_managers: bool


def read_letters(text: str) -> dict[str, Mapping[str, str]]:
    """Role to stage to its four letters."""
    rows = read_table(text).items()
    return {
        role: {str(stage): str(four) for stage, four in row.items()}
        for role, row in rows
        if isinstance(row, dict)
    }


def cell_values(text: str, roles: Sequence[str], stage: str) -> Values:
    """Every cell of one stage: `role.class` to its letter."""
    letters = read_letters(text)
    return {
        f"{role}.{klass}": _four(letters.get(role, {}), stage)[at]
        for role in roles
        for at, klass in enumerate(CLASSES)
    }


def save_cells(text: str, roles: Sequence[str], stage: str, sent: Sent) -> Edit:
    """Change cells of one stage.

    Args:
        roles: those whose cells the page has.
    """
    typed, faults = changes(sent, cell_values(text, roles, stage))
    faults |= {name: "fault_value" for name, letter in typed.items() if letter not in MODES}
    if faults:
        return Edit({}, faults)

    def change(document: tomlkit.TOMLDocument) -> None:
        for name, letter in typed.items():
            role, _, klass = name.rpartition(".")
            if role not in document:
                _insert_role(document, role)
            row: Any = document[role]
            four = list(_four({str(k): str(v) for k, v in row.items()}, stage))
            four[CLASSES.index(klass)] = str(letter)
            row[stage] = "".join(four)

    return edited(text, FILE, change)


def read_narrowings(text: str) -> tuple[NarrowRow, ...]:
    """The rows that narrow, in the order of the file."""
    rows = read_table(text).get(NARROW, [])
    return tuple(_narrow_row(row) for row in rows if isinstance(row, dict))


def remove_narrowing(text: str, key: str) -> Edit:
    """Take a row out, as its page named it."""
    keys = [row.key for row in read_narrowings(text)]
    if key not in keys:
        return Edit({}, {"narrow": "fault_gone"})

    def change(document: tomlkit.TOMLDocument) -> None:
        rows: Any = document[NARROW]
        del rows[keys.index(key)]

    return edited(text, FILE, change)


def add_narrowing(text: str, roles: Sequence[str], sent: Sent) -> Edit:
    """Add a row: a role sees of some classes in some stages only, or never, some groups."""
    role = _first(sent, "new.role")
    how = _first(sent, "new.how")
    stages, classes, groups = (
        [value for value in sent.get(f"new.{part}", ()) if value]
        for part in ("stages", "classes", "groups")
    )
    faults: Faults = {
        f"new.{part}": "fault_choose"
        for part, chosen in (("stages", stages), ("classes", classes), ("groups", groups))
        if not chosen
    }
    if role not in roles:
        faults["new.role"] = "fault_choose"
    if how not in (ONLY, NEVER):
        faults["new.how"] = "fault_choose"
    if faults:
        return Edit({}, faults)

    def change(document: tomlkit.TOMLDocument) -> None:
        row = tomlkit.table()
        row["role"] = role
        row["stage"] = [int(one) if one.isdecimal() else one for one in stages]
        row["class"] = classes
        row[how] = groups
        if _first(sent, "new.except_managers"):
            row["except_managers"] = True
        rows = document.setdefault(NARROW, tomlkit.aot())
        if isinstance(rows, AoT):
            rows.append(row)

    return edited(text, FILE, change)


def _insert_role(document: tomlkit.TOMLDocument, role: str) -> None:
    """A new role stands before the rows that narrow; they are the end of the file."""
    rows = document.pop(NARROW, None)
    document[role] = tomlkit.table()
    if rows is not None:
        document[NARROW] = rows


def _narrow_row(row: Mapping[str, Any]) -> NarrowRow:
    how = ONLY if ONLY in row else NEVER
    return NarrowRow(
        json.dumps(row, sort_keys=True, default=str),
        str(row.get("role", "")),
        _texts(row.get("stage")),
        _texts(row.get("class")),
        how,
        _texts(row.get(how)),
        bool(row.get("except_managers", False)),
    )


def _texts(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    return tuple(map(str, value)) if isinstance(value, list) else (str(value),)


def _four(row: Mapping[str, str], stage: str) -> str:
    four = row.get(stage, "")
    return four if len(four) == len(CLASSES) else NOTHING * len(CLASSES)


def _first(sent: Sent, name: str) -> str:
    return next(iter(sent.get(name, ())), "").strip()


def stages_of(stages: Sequence[str]) -> tuple[str, ...]:
    """The stages of the matrix: those of the process, and that the case has ended."""
    return (*stages, ENDED)
