"""The differences between two versions of a table of keys: configuration, or a calendar."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from service.release.bundle import ROLES
from service.text import languages, say
from service.workshop.comparison.release_changes import (
    CONFIG,
    TEXT,
    WHO,
    ChangeTexts,
    Place,
    ReleaseChange,
    pairs,
    written,
)

CALENDARS = "workflows/calendars/"
JOINT = " / "
"""Between the keys of a path."""


def diff_table_file(
    before: bytes, after: bytes, file: str, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """Yield the differences between two versions of a file of keys; none where one cannot be read.

    Words are text, the rest of the table of roles says who, all else is configuration.
    """
    old = _read(before, file)
    new = _read(after, file)
    if old is None or new is None:
        return
    name = table_name(file, texts)
    place = Place("", file)
    for path, was, now in pairs(_flat(old), _flat(new)):
        if was == now:
            continue
        *_, last = path.split(JOINT)
        kind = TEXT if last in languages() else WHO if file == ROLES else CONFIG
        if isinstance(was, list) and isinstance(now, list):
            yield from _diff_list(was, now, _said(path, texts), kind, place, texts)
            continue
        key = "table_new" if was is None else "table_gone" if now is None else "table_key"
        values = {"was": written(was), "now": written(now)}
        yield texts.change(kind, key, place, x=name, path=_said(path, texts), **values)


def _diff_list(
    was: list[Any], now: list[Any], path: str, kind: str, place: Place, texts: ChangeTexts
) -> Iterator[ReleaseChange]:
    """What a list of plain values has more and less; another order alone is said as such."""
    facts = {"x": table_name(place.file, texts), "path": path}
    came, went = [v for v in now if v not in was], [v for v in was if v not in now]
    if came:
        yield texts.change(kind, "table_list_new", place, **facts, values=written(came))
    if went:
        yield texts.change(kind, "table_list_gone", place, **facts, values=written(went))
    if not came and not went:
        yield texts.change(kind, "table_list", place, **facts).with_values(was, now)


def _said(path: str, texts: ChangeTexts) -> str:
    """A path of keys, in words where there are some."""
    return JOINT.join(texts.word(f"key_{key}", key) for key in path.split(JOINT))


def table_name(file: str, texts: ChangeTexts) -> str:
    """What people call a file of keys."""
    name = file.rpartition("/")[2].rpartition(".")[0]
    if file.startswith(CALENDARS):
        return say("changes.calendar", texts.lang, x=name)
    return texts.word(f"table_{name}", file)


def _read(data: bytes, file: str) -> dict[str, Any] | None:
    try:
        text = data.decode("utf-8")
        found = json.loads(text) if file.endswith(".json") else tomllib.loads(text)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _flat(table: Mapping[str, Any], path: str = "") -> dict[str, Any]:
    """Keys of all depths with their values; rows of a list of tables stand under their ids."""
    found: dict[str, Any] = {}
    for key, value in table.items():
        at = f"{path}{JOINT}{key}" if path else str(key)
        if isinstance(value, list) and value and all(isinstance(row, dict) for row in value):
            rows = {str(row.get("id", n)): row for n, row in enumerate(value, 1)}
            if len(rows) < len(value):  # an id that is there twice tells no row
                rows = {str(n): row for n, row in enumerate(value, 1)}
            found |= _flat(rows, at)
        elif isinstance(value, dict) and value:
            found |= _flat(value, at)
        else:
            found[at] = value.isoformat() if isinstance(value, date) else value
    return found
