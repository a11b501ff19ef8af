"""`tresteg language`: a file out to a translator, back in, and signed; and what is refused."""

from __future__ import annotations

import io
import shlex
from pathlib import Path
from shutil import copytree

import pytest
from babel.messages.pofile import read_po, write_po

from service.settings import Settings
from tests.support.terminal import tresteg
from tests.support.tree import ROOT
from tests.test_docs import commands

WHO = "Nadia Exempel, translator, 2026-12-01"


@pytest.fixture
def workflows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of workflows of an installation."""
    folder = copytree(Settings().workflows_dir, tmp_path / "workflows")
    monkeypatch.setenv("TRESTEG_WORKFLOWS_DIR", str(folder))
    return folder


def test_a_translator_gets_a_file_and_it_comes_back(workflows: Path, tmp_path: Path) -> None:
    done = tresteg("language", "export", "ar", "--pseudo")
    assert done.exit_code == 0
    file = tmp_path / "ar.po"
    file.write_bytes(done.stdout_bytes)
    taken = tresteg("language", "import", "ar", str(file))
    assert taken.exit_code == 0
    assert len(taken.stdout.splitlines()) == 10
    assert (workflows / "config/languages/ar.toml").is_file()
    assert not list(workflows.rglob("*.new"))
    again = tresteg("language", "import", "ar", str(file), "--lang", "en")
    assert (again.exit_code, again.stdout, again.stderr) == (0, "", "Nothing has changed.\n")
    signed = tresteg("language", "sign", "ar", "--as", WHO)
    assert signed.exit_code == 0
    listed = tresteg("language", "list", "--lang", "en")
    assert listed.exit_code == 1, "others are examples"
    states = [line.split(maxsplit=2)[2] for line in listed.stdout.splitlines() if line[:2] == "ar"]
    assert states == ["signed"] * 10


def test_a_file_that_does_not_fit_changes_nothing(workflows: Path, tmp_path: Path) -> None:
    text = tresteg("language", "export", "ar", "--pseudo").stdout
    file = tmp_path / "ar.po"
    file.write_text(text.replace('msgid "Kod"', 'msgid "Koden"', 1), "utf-8")
    done = tresteg("language", "import", "ar", str(file), "--lang", "sv")
    assert done.exit_code == 2
    assert done.stderr == "word.code: den svenska texten är en annan nu: Kod\n"
    assert not list(workflows.rglob("*ar.*"))


def test_one_text_is_signed_alone(workflows: Path) -> None:
    done = tresteg("language", "sign", "bg", "information.RETURN", "--as", WHO)
    assert done.exit_code == 0
    text = (workflows / "config/information/RETURN.bg.md").read_text("utf-8")
    assert text.splitlines()[2].startswith(f"signed: {WHO} [")
    refused = tresteg("language", "sign", "bg", "--as", "Nadia", "--lang", "en")
    assert refused.exit_code == 2
    assert "as name, role and day" in refused.stderr


@pytest.mark.slow
def test_the_linter_says_which_languages_do_not_count(workflows: Path) -> None:
    found = [line for line in tresteg("lint", "--lang", "en").stdout.splitlines() if " T11" in line]
    kinds = [line.split()[1:3] for line in found]
    assert kinds == [["I", code] for code in ("T116:", "T116:", "T118:", "T116:")]
    assert "In bg nobody has signed information.RETURN." in found[1]
    swedish = workflows / "config/information/RETURN.bg.md"
    swedish.write_text(swedish.read_text("utf-8").replace("2026-2", "2026-1"), "utf-8")
    amharic = swedish.with_name("RETURN.am.md")
    amharic.write_text("# አማርኛ\nversion: 2026-1\n\nይግባኝ\n", "utf-8")
    said = tresteg("lint", "--lang", "sv").stdout
    assert "I T117: På bg gäller underskriften inte längre" in said
    assert "W T119: information.RETURN har tecken som inget typsnitt för papper har" in said


@pytest.mark.slow
def test_the_commands_of_the_guide_do_what_it_says(workflows: Path, tmp_path: Path) -> None:
    """Each command of docs/howto/languages.md, in its order, in an installation's folder."""
    folder = tmp_path / "work"
    folder.mkdir()
    ran = []
    for line in commands(ROOT / "docs/howto/languages.md"):
        words = [
            str(folder / word) if word.endswith(".po") else word for word in shlex.split(line)[1:]
        ]
        if words[:3] == ["language", "import", "bg"]:
            translate(folder / "bg.po")
        done = tresteg(*words)
        ran.append(words[:2])
        assert done.exit_code == (1 if words == ["language", "list"] else 0), (line, done.stderr)
    assert ran.count(["language", "sign"]) == 3
    assert ran.count(["language", "export"]) == 2
    listed = tresteg("language", "list", "--lang", "en").stdout.splitlines()
    states = {line.split(maxsplit=2)[2] for line in listed if line[:2] in ("sv", "bg")}
    assert states == {"signed"}
    assert (folder / "art.po").stat().st_size > 10_000
    assert list(workflows.rglob("*.bg.md"))


def translate(file: Path) -> None:
    """Fill in what a translator fills in."""
    catalog = read_po(io.BytesIO(file.read_bytes()))
    for message in catalog:
        if message.id:
            message.string = message.string or f"{message.id} (bg)"
    with file.open("wb") as out:
        write_po(out, catalog)
