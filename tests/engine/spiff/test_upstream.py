"""Each proven fault of SpiffWorkflow against the library that is installed: it shows, and the patch
that lies next to it heals it.

A fault that shows no more has been healed by a release of the library: what we replace for it can
go.
"""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import SpiffWorkflow

from tests.engine.spiff.traps import UPSTREAM, alone, printed
from tests.engine.spiff.upstream import run

pytestmark = pytest.mark.slow  # the stock library runs alone in processes of its own

PATCHES = sorted(UPSTREAM.glob("*.diff"))
_HUNK = re.compile(r"^@@ [^\n]* @@[^\n]*\n", re.MULTILINE)


@pytest.mark.parametrize("name", run.faults())
def test_the_installed_library_shows_the_fault(name: str) -> None:
    fault = run.fault(name)
    assert alone()[name] == fault.SEEN
    assert fault.SEEN != fault.EXPECTED


@pytest.mark.parametrize("patch", PATCHES, ids=lambda patch: patch.stem)
def test_the_patch_heals_the_fault(patch: Path, tmp_path: Path) -> None:
    installed = Path(SpiffWorkflow.__file__).parent
    shutil.copytree(installed, tmp_path / installed.name, ignore=shutil.ignore_patterns("*.pyc"))
    apply(patch, tmp_path)
    seen = printed(str(UPSTREAM / "run.py"), patch.stem, library=tmp_path)
    assert seen[patch.stem] == run.fault(patch.stem).EXPECTED


def apply(patch: Path, folder: Path) -> None:
    """Apply a unified diff; what a hunk takes out must stand in its file once."""
    for part in patch.read_text().split("--- a/")[1:]:
        name, _, rest = part.partition("\n")
        page = folder / name
        text = page.read_text()
        for hunk in _HUNK.split(rest)[1:]:
            lines = hunk.splitlines(keepends=True)
            before = "".join(line[1:] for line in lines if line[0] in " -")
            after = "".join(line[1:] for line in lines if line[0] in " +")
            assert text.count(before) == 1, (patch.name, before)
            text = text.replace(before, after)
        page.write_text(text)


def test_every_file_of_the_folder_belongs_to_a_fault() -> None:
    text = "".join(page.read_text() for page in UPSTREAM.glob("*.py"))
    for diagram in UPSTREAM.glob("*.bpmn"):
        several = diagram.stem.rpartition("_")[0]
        assert diagram.name in text or f'f"{several}_{{' in text, diagram.name
    for patch in PATCHES:
        assert patch.with_suffix(".py").exists()
