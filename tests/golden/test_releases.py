"""Each released version has left its installation, so that every later one upgrades it."""

from __future__ import annotations

import re
from pathlib import Path

from service.release.bundle import VOCABULARY
from tests.golden.conftest import REFUSED, VERSIONS
from tests.golden.make_installation import DATABASES
from tests.golden.test_installation import opened
from tests.support.tree import ROOT

RELEASED = re.compile(r"^## \[([^\]]+)\] - \d{4}-\d\d-\d\d$", re.MULTILINE)
PARTS = {"tresteg.db.gz", "keyring.json", "digests.json", "about.json"}


def test_each_released_version_left_its_installation() -> None:
    released = set(RELEASED.findall((ROOT / "CHANGELOG.md").read_text("utf-8")))
    assert REFUSED in released
    lacking = {version for version in released - {REFUSED} if not (DATABASES / version).is_dir()}
    assert lacking == set(), "run `python -m tests.golden.make_installation` before the release"


def test_each_kept_installation_is_whole_and_tested() -> None:
    for folder in DATABASES.iterdir():
        if folder.name != REFUSED:
            assert {file.name for file in folder.iterdir()} == PARTS
            assert folder.name in VERSIONS


def test_an_older_release_opens_with_the_stages_it_draws(kept: Path, tmp_path: Path) -> None:
    """Before 0.3.0 a release had no vocabulary: its words are those of the installation."""
    golden = opened(kept, tmp_path)
    services = golden.program.services
    with golden.program.database.transaction(write=False) as tx:
        release = services.current(tx)
    golden.program.database.close()
    assert {drawn.stages for drawn in release.definitions.values()} == {("1", "2", "3")}
    assert (VOCABULARY in release.bundle.files) == bool(release.vocabulary.stages)
    assert (VOCABULARY in release.bundle.files) == (kept.name > "0.2.0")
    assert services.word("stage", "2", "en", release) == "Planning and preparation"
    assert services.word("station", "travel", "sv", release) == "Resa"
    assert services.word("purpose", "NEW", "sv", release) == "NEW"
