"""Each released version has left its installation, so that every later one upgrades it."""

from __future__ import annotations

import re

from tests.golden.conftest import REFUSED, VERSIONS
from tests.golden.make_installation import DATABASES
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
