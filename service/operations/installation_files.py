"""Changes of the installation's own files: each value that is another than at the last start is in
an entry of the ledger, with what was before and after.

Who changes a file may say so beforehand, with a reason (`tresteg configuration note`). What nobody
said is noted when the service starts next.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

from service.errors import UnusableWord
from service.records.context import Actor
from service.records.ledger_append import append_entry
from service.security import ledger_lines
from service.store.installation import installation_values
from service.store.transaction import Tx

FILES: Final = (
    "programme.toml",
    "approvals.toml",
    "channels.toml",
    "countries.toml",
    "log_review.toml",
    "municipalities.toml",
    "report.toml",
)
"""Files of `workflows/config` that belong to the installation, and to no release."""
ADDRESSES: Final = ("channels.toml: ", "programme.toml: on_call.")
"""Where addresses stand: of these the ledger says that they changed, and not to what."""
SETTING: Final = "configuration"
MOST: Final = 100
"""Changes that one entry lists; it counts the others."""
LONGEST: Final = 200
"""Characters of a value in an entry, and of a reason."""


@dataclass(frozen=True, slots=True)
class ChangedValue:
    """A value of a file; empty where it is not there."""

    key: str
    """File and place: `programme.toml: budget_ceiling.amount`."""
    before: str
    after: str


def changed_values(tx: Tx, files: Mapping[str, str]) -> tuple[ChangedValue, ...] | None:
    """Values that differ from those that were noted last; None when nothing was noted yet.

    Args:
        files: name to text, as they lie in the folder.
    """
    noted = installation_values.get(tx, SETTING)
    if not noted:
        return None
    before = json.loads(noted)
    after = _values(files)
    keys = sorted(key for key in before.keys() | after if before.get(key) != after.get(key))
    return tuple(ChangedValue(key, before.get(key, ""), after.get(key, "")) for key in keys)


def note_files(
    tx: Tx, files: Mapping[str, str], *, by: Actor, now: datetime, reason: str = ""
) -> Sequence[ChangedValue]:
    """Write what changed into the ledger; nothing when all is as it was noted.

    The first time, the entry says that the files are noted from now on.

    Raises:
        UnusableWord: a reason that is too long.
    """
    reason = " ".join(reason.split())
    if len(reason) > LONGEST:
        raise UnusableWord(f"say why in at most {LONGEST} characters")
    changed = changed_values(tx, files)
    if changed == ():
        return ()
    installation_values.put(tx, SETTING, json.dumps(_values(files), sort_keys=True))
    listed = [(one.key, one.before[:LONGEST], one.after[:LONGEST]) for one in changed or ()]
    body: dict[str, ledger_lines.Canonical] = {
        "values": tuple(listed[:MOST]),
        "number": len(listed),
        "reason": reason,
    }
    append_entry(tx, "system", "configuration_noted", by=by, now=now, body=body)
    return changed or ()


def _values(files: Mapping[str, str]) -> dict[str, str]:
    """Every value of the files, as text."""
    return {
        key: _digest(text) if key.startswith(ADDRESSES) else text
        for name in FILES
        if name in files
        for key, text in _flat(f"{name}: ", tomllib.loads(files[name]))
    }


def _flat(place: str, value: object) -> Iterator[tuple[str, str]]:
    """The values inside a table, by place; tables in a list by their id, or their number."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from _flat(f"{place}{'' if place.endswith(' ') else '.'}{key}", inner)
    elif isinstance(value, list) and value and all(isinstance(one, Mapping) for one in value):
        for number, one in enumerate(value, 1):
            yield from _flat(f"{place}.{one.get('id', number)}", one)
    else:
        yield place, value if isinstance(value, str) else json.dumps(value, default=str)


def _digest(text: str) -> str:
    return f"#{sha256(text.encode()).hexdigest()[:8]}"
