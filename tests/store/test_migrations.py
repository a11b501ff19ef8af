"""A migration that was released is never edited: its digest stands here, with its version."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from alembic.script import ScriptDirectory

from service import VERSION
from service.store import schema
from tests.support.tree import ROOT

FOLDER = ROOT / "service" / "store" / "migrations" / "versions"
RELEASED: dict[str, tuple[str, str]] = {}
"""File to the version that released it, and its SHA-256.

A release adds its migrations here: `sha256sum service/store/migrations/versions/*.py`. A row is
never changed: what a table should be otherwise is a migration of its own.
"""
UNRELEASED = f"## [{VERSION}] - Unreleased"
"""How the change log calls a version whose migrations may still be edited."""


def digest(file: Path) -> str:
    return sha256(file.read_bytes()).hexdigest()


def migrations() -> dict[str, Path]:
    return {file.name: file for file in sorted(FOLDER.glob("r*.py"))}


def test_a_released_migration_is_as_it_was_released() -> None:
    there = migrations()
    for name, (version, kept) in RELEASED.items():
        assert name in there, f"{name} was released with {version}: it must stay for ever"
        assert digest(there[name]) == kept, (
            f"{name} was released with {version} and has been edited: databases made by {version} "
            "would count as up to date and have other tables. Put it back, and write a new one."
        )


def test_a_migration_without_a_digest_is_of_no_release() -> None:
    without = sorted(migrations().keys() - RELEASED.keys())
    changes = (ROOT / "CHANGELOG.md").read_text("utf-8")
    assert not without or UNRELEASED in changes, (
        f"{VERSION} is released, so the digests of {without} must stand in RELEASED"
    )


def test_migrations_lead_in_one_line_from_the_first() -> None:
    scripts = list(ScriptDirectory.from_config(schema.config()).walk_revisions())
    assert [script.down_revision for script in scripts] == [
        *(script.revision for script in scripts[1:]),
        None,
    ]
    assert scripts[-1].revision == "0002"
    assert schema.WITHDRAWN not in {script.revision for script in scripts}
    assert len(scripts) == len(migrations())
