"""The demo's earlier releases and its owner's draft, as files.

A folder holds whole files, only those that differ from the shipped ones; what else belongs to a
release stands in `demo.toml`: its folders, when it was published, its note, and the shipped files
that it lacks.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from service.errors import BadSettings
from service.release.bundle import Bundle

FOLDER = Path(__file__).resolve().parent
DRAFT = "draft"


@dataclass(frozen=True, slots=True)
class PastRelease:
    """One release of the demo's past."""

    days: int
    """How long before the seed it was published."""
    note: str
    bundle: Bundle


def past_releases(rows: Sequence[Mapping[str, Any]], shipped: Bundle) -> list[PastRelease]:
    """Build the releases of the demo's past, oldest first.

    Args:
        rows: the tables `release` of `demo.toml`; one without folders is the shipped files.
        shipped: the files as they are now.

    Raises:
        BadSettings: a folder that holds no file.
    """
    return [PastRelease(row["days"], row["note"], _bundle(row, shipped)) for row in rows]


def overlay(folder: str) -> Mapping[str, bytes]:
    """Read the files of one folder, by the name that they have in a release.

    Raises:
        BadSettings: there are none.
    """
    root = FOLDER / folder
    found = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }
    if not found:
        raise BadSettings(f"there are no files of a past release in {root}")
    return found


def _bundle(row: Mapping[str, Any], shipped: Bundle) -> Bundle:
    if "folders" not in row:
        return shipped
    files = dict(shipped.files)
    for folder in row["folders"]:
        files |= overlay(folder)
    return Bundle({name: content for name, content in files.items() if name not in row["without"]})
