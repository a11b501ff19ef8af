"""A migration that was released is never edited: its digest stands here, with its version."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path

from alembic.script import ScriptDirectory

from service import VERSION
from service.store import schema
from service.store.migrations import schema_changes
from tests.support.tree import ROOT

FOLDER = ROOT / "service" / "store" / "migrations" / "versions"
RELEASED: dict[str, tuple[str, str]] = {
    "r0002_tables_of_0_2.py": (
        "0.2.0",
        "5393b50dc400609e0148e8c5573c9fa5268245c06009518c177ff013f90059d1",
    ),
}
"""File to the version that released it, and its SHA-256.

A release adds its migrations here: `sha256sum service/store/migrations/versions/*.py`. A row is
never changed: what a table should be otherwise is a migration of its own.
"""
UNRELEASED = f"## [{VERSION}] - Unreleased"
"""How the change log calls a version whose migrations may still be edited."""


def migrations(folder: Path) -> dict[str, str]:
    """File to its SHA-256."""
    return {file.name: sha256(file.read_bytes()).hexdigest() for file in folder.glob("r*.py")}


def faults(there: Mapping[str, str], released: Mapping[str, tuple[str, str]]) -> list[str]:
    """What is wrong with files that were released."""
    gone = [
        f"{name} was released with {version}: it must stay for ever"
        for name, (version, _) in released.items()
        if name not in there
    ]
    edited = [
        f"{name} was released with {version} and has been edited: databases made by {version} would"
        " count as up to date and have other tables. Put it back, and write a new migration."
        for name, (version, kept) in released.items()
        if there.get(name, kept) != kept
    ]
    return gone + edited


def test_a_released_migration_is_as_it_was_released() -> None:
    assert faults(migrations(FOLDER), RELEASED) == []


def test_an_edited_or_lost_migration_is_named(tmp_path: Path) -> None:
    for file in FOLDER.glob("r*.py"):
        shutil.copy(file, tmp_path)
    released = {name: ("0.2.0", digest) for name, digest in migrations(tmp_path).items()}
    first = tmp_path / min(released)
    assert faults(migrations(tmp_path), released) == []
    first.write_text(first.read_text("utf-8").replace("nullable=True", "nullable=False"), "utf-8")
    (edited,) = faults(migrations(tmp_path), released)
    assert edited.startswith(f"{first.name} was released with 0.2.0 and has been edited")
    first.unlink()
    (lost,) = faults(migrations(tmp_path), released)
    assert lost == f"{first.name} was released with 0.2.0: it must stay for ever"


def test_a_migration_without_a_digest_is_of_no_release() -> None:
    without = sorted(migrations(FOLDER).keys() - RELEASED.keys())
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert not without or UNRELEASED in changes, (
        f"{VERSION} is released, so the digests of {without} must stand in RELEASED"
    )


def test_migrations_lead_in_one_line_from_the_first() -> None:
    scripts = list(ScriptDirectory.from_config(schema_changes.config()).walk_revisions())
    assert [script.down_revision for script in scripts] == [
        *(script.revision for script in scripts[1:]),
        None,
    ]
    assert scripts[-1].revision == "0002"
    assert schema.WITHDRAWN not in {script.revision for script in scripts}
    assert len(scripts) == len(migrations(FOLDER))
    assert [*reversed([script.revision for script in scripts])] == [*schema.revisions()]
