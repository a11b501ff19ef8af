"""The demo's earlier releases: each can still be prepared, and none of their files is stale."""

from __future__ import annotations

import difflib

import pytest
from lxml import etree

from service.application.shipped_files import shipped_bundle
from service.demo import seed
from service.demo.past_releases import DRAFT, FOLDER, PastRelease, overlay, past_releases
from service.errors import BadSettings
from service.release.prepared import findings_of, prepare
from service.sandbox.handlers import declared
from service.settings import Settings

SHIPPED = shipped_bundle(Settings())
ROWS = seed.read_demo_config(Settings())["release"]
RELEASES = past_releases(ROWS, SHIPPED)
FOLDERS = sorted(
    path.name for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"
)


@pytest.mark.parametrize("release", RELEASES, ids=lambda one: one.note)
def test_a_past_release_is_without_errors_and_is_built(release: PastRelease) -> None:
    assert [f for f in findings_of(release.bundle, declared()) if f.severity == "E"] == []
    assert "return_case" in prepare(release.bundle, declared()).definitions


def test_no_two_releases_of_the_past_are_the_same() -> None:
    assert len({release.bundle.digest for release in RELEASES}) == len(RELEASES)
    assert RELEASES[-1].bundle.digest == SHIPPED.digest


def test_every_folder_belongs_to_a_release_or_is_the_draft() -> None:
    named = {folder for row in ROWS for folder in row.get("folders", ())}
    assert sorted({DRAFT, *named}) == FOLDERS


@pytest.mark.parametrize("folder", FOLDERS)
def test_a_file_of_the_past_takes_the_place_of_another_one(folder: str) -> None:
    files = overlay(folder)
    assert sorted(set(files) - set(SHIPPED.files)) == []
    assert [
        name for name in files if _canonical(files[name]) == _canonical(SHIPPED.files[name])
    ] == []


@pytest.mark.parametrize(
    "row", [row for row in ROWS if "folders" in row], ids=lambda row: row["folders"][-1]
)
def test_what_a_release_of_the_past_lacks_is_shipped_now(row: dict[str, list[str]]) -> None:
    assert sorted(set(row["without"]) - set(SHIPPED.files)) == []


@pytest.mark.parametrize("name", sorted(overlay(DRAFT)))
def test_the_draft_only_adds_to_what_is_shipped(name: str) -> None:
    changes = list(difflib.ndiff(_canonical(SHIPPED.files[name]), _canonical(overlay(DRAFT)[name])))
    assert [line for line in changes if line.startswith("- ")] == []


def test_a_folder_without_files_is_refused() -> None:
    with pytest.raises(BadSettings, match="no files of a past release"):
        past_releases([{"folders": ["none"], "without": [], "days": 1, "note": ""}], SHIPPED)


def _canonical(content: bytes) -> list[str]:
    """A diagram or table in lines, however it was written; a file of the configuration as it is."""
    if not content.startswith(b"<"):
        return content.decode().splitlines()
    return etree.tostring(etree.fromstring(content), method="c14n").decode().splitlines()
