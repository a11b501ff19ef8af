"""`tresteg diff`: files, folders and releases, by class, with exit codes that a script reads."""

from __future__ import annotations

import json
from pathlib import Path
from shutil import copytree

import pytest

from tests.support.terminal import tresteg

ROOT = Path(__file__).parents[2]
RULE = ROOT / "workflows" / "deadlines.dmn"


def other(tmp_path: Path, was: str = '"P3D"', now: str = '"P4D"') -> Path:
    changed = tmp_path / "other.dmn"
    changed.write_text(RULE.read_text("utf-8").replace(was, now, 1), "utf-8")
    return changed


def test_equal_files_end_with_nothing_to_say() -> None:
    done = tresteg("diff", str(RULE), str(RULE), "--lang", "en")
    assert done.exit_code == 0
    assert done.stdout == "No difference. The content hash is the same.\n"


def test_files_of_two_names_are_compared_as_one(tmp_path: Path) -> None:
    done = tresteg("diff", str(RULE), str(other(tmp_path)), "--lang", "en")
    assert done.exit_code == 1
    assert done.stdout == (
        "Rules (1)\n"
        "  The rule “Frister”, row 1, “Beslut om hänvisning (arbetsdagar)”: "
        'was "P3D", is now "P4D".\n'
    )


def test_a_script_reads_one_object_and_a_person_a_patch(tmp_path: Path) -> None:
    done = tresteg("diff", str(RULE), str(other(tmp_path)), "--json", "--xml")
    said = json.loads(done.stdout)
    assert said["counts"]["rule"] == 1
    assert said["changes"][0]["file"] == "workflows/deadlines.dmn"
    assert '+          <text>"P4D"</text>' in said["patches"]["workflows/deadlines.dmn"]
    text = tresteg("diff", str(RULE), str(other(tmp_path)), "--xml").stdout
    assert '\n-          <text>"P3D"</text>\n' in text


def test_a_folder_is_compared_with_another(tmp_path: Path) -> None:
    for part in ("workflows", "forms"):
        copytree(ROOT / part, tmp_path / part)
    form = tmp_path / "forms" / "new_case.form"
    form.write_text(form.read_text("utf-8").replace('"Bedömning"', '"Din bedömning"', 1), "utf-8")
    done = tresteg("diff", str(ROOT), str(tmp_path), "--lang", "en")
    assert done.exit_code == 1
    assert "Din bedömning" in done.stdout
    assert "    - Bedömning\n    + Din bedömning\n" in done.stdout


@pytest.mark.usefixtures("installed")
def test_a_release_is_compared_with_what_lies_in_a_file(tmp_path: Path) -> None:
    assert tresteg("publish").exit_code == 0
    assert tresteg("diff", "v1", "current").exit_code == 0
    assert tresteg("diff", "v1", RULE).exit_code == 0
    changed = other(tmp_path).rename(tmp_path / "deadlines.dmn")
    there = tresteg("diff", "v1", changed, "--lang", "en")
    back = tresteg("diff", changed, "v1", "--lang", "en")
    assert (there.exit_code, back.exit_code) == (1, 1)
    assert 'was "P3D", is now "P4D"' in there.stdout
    assert 'was "P4D", is now "P3D"' in back.stdout


@pytest.mark.usefixtures("installed")
def test_what_is_not_there_cannot_be_compared() -> None:
    done = tresteg("diff", str(RULE), "v7")
    assert done.exit_code == 2
    assert "there is no file and no release v7" in done.stderr


def test_two_kinds_of_files_are_not_compared() -> None:
    done = tresteg("diff", str(RULE), str(ROOT / "forms" / "new_case.form"))
    assert done.exit_code == 2
    assert "not of one kind" in done.stderr
