"""`tresteg lint`, `explain` and `templates`: what a person at a terminal, a script and a reader
without eyes get.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from shutil import copytree

import pytest

from service.cli import release_files
from tests.support.machine import corpus
from tests.support.terminal import tresteg

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "workflows" / "consultation.bpmn"


@pytest.fixture
def draft(tmp_path: Path) -> Path:
    """A copy of the shipped release."""
    for part in ("workflows", "forms"):
        copytree(ROOT / part, tmp_path / part)
    return tmp_path


def test_the_shipped_release_is_clean() -> None:
    assert tresteg("lint").exit_code == 0


def test_a_folder_with_workflows_and_forms_is_a_release(draft: Path) -> None:
    assert tresteg("lint", draft).exit_code == 0
    (draft / "forms" / "consultation_answer.form").unlink()
    done = tresteg("lint", draft, "--lang", "en")
    assert done.exit_code == 1
    assert "consultation.bpmn:" in done.output
    assert "E D603 Task_AnswerConsultation: The form consultation_answer of" in done.output


def test_a_flat_folder_is_completed_from_the_installation(tmp_path: Path) -> None:
    for file in (ROOT / "workflows").glob("*.bpmn"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "package.json").write_text("{", "utf-8")
    assert tresteg("lint", tmp_path).exit_code == 0


def test_files_in_nested_folders_are_found_and_listed_one_by_one(tmp_path: Path) -> None:
    for name, folder in (("a.bpmn", "one"), ("b.bpmn", "one/two"), ("c.bpmn", ".git")):
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / name).write_bytes(
            SHIPPED.read_bytes().replace(b'formId="consultation_answer"', b'formId="gone"')
        )
    done = tresteg("lint", tmp_path, "--lang", "en")
    assert done.exit_code == 1
    assert {line.partition(":")[0] for line in done.output.splitlines()} & {
        "a.bpmn",
        "b.bpmn",
        "c.bpmn",
    } == {"a.bpmn", "b.bpmn"}


def test_diagrams_of_other_editors_are_linted_or_are_unreadable() -> None:
    drawings = corpus("miwg")
    done = tresteg("lint", drawings)
    assert isinstance(done.exception, SystemExit)
    assert done.exit_code in (1, 2)
    told = {line.partition(":")[0] for line in done.output.splitlines()}
    assert {file.name for file in drawings.rglob("*.bpmn")} <= told


def test_a_finding_is_one_line_whatever_a_name_holds(tmp_path: Path) -> None:
    file = tmp_path / SHIPPED.name
    changed = re.sub(
        rb'(<bpmn:userTask id="Task_AnswerConsultation" name=")[^"]*',
        rb"\1Answer&#10;the&#x9b;31mquestion",
        SHIPPED.read_bytes(),
    )
    changed = changed.replace(
        b'value="Advise without identity"', b'value="Answer&#10;the&#x9b;31mquestion"'
    )
    file.write_bytes(changed.replace(b'formId="consultation_answer"', b'formId="gone"'))
    done = tresteg("lint", file, "--lang", "en")
    assert (
        "D603 Task_AnswerConsultation: The form gone of Answer the�31mquestion is not"
        in done.output
    )
    assert "\x9b" not in done.output


def test_two_files_of_one_name_in_one_release_are_named(tmp_path: Path) -> None:
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "a.bpmn").write_bytes(SHIPPED.read_bytes())
    done = tresteg("lint", tmp_path)
    assert done.exit_code == 2
    assert done.output.startswith(
        f"{tmp_path}/one/a.bpmn and {tmp_path}/two/a.bpmn have the same name"
    )
    assert len(done.output.splitlines()) == 1


def test_a_folder_with_too_many_files_is_refused_early(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(release_files, "MOST_LOOKED_AT", 20)
    for n in range(21):
        (tmp_path / "deep" / str(n)).mkdir(parents=True)
    done = tresteg("lint", tmp_path)
    assert done.exit_code == 2
    assert "more than 20 files and folders" in done.output


def test_a_folder_that_leads_back_to_itself_is_walked_once(tmp_path: Path) -> None:
    (tmp_path / "a.bpmn").write_bytes(SHIPPED.read_bytes())
    (tmp_path / "again").symlink_to(tmp_path)
    assert "have the same name" not in tresteg("lint", tmp_path).output


def test_a_file_takes_the_place_of_that_of_the_same_name(tmp_path: Path) -> None:
    file = tmp_path / SHIPPED.name
    file.write_bytes(
        SHIPPED.read_bytes().replace(b'formId="consultation_answer"', b'formId="gone"')
    )
    done = tresteg("lint", file, locale="sv_SE.UTF-8")
    assert done.exit_code == 1
    assert "Formuläret gone" in done.output


def test_the_json_names_file_element_line_and_property(tmp_path: Path) -> None:
    file = tmp_path / SHIPPED.name
    file.write_bytes(
        SHIPPED.read_bytes().replace(b'formId="consultation_answer"', b'formId="gone"')
    )
    found = json.loads(tresteg("lint", file, "--json", "--lang", "en").output)
    (error,) = [f for f in found if f["severity"] == "E"]
    assert (error["code"], error["file"], error["element"], error["property"]) == (
        "D603",
        "consultation.bpmn",
        "Task_AnswerConsultation",
        "formId",
    )
    assert error["line"] > 1


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.bpmn", b"<a>", "X102"),
        ("a.bpmn", b'<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "X103"),
        ("a.bpmn", b"<a/>" + b" " * 1_048_576, "X101"),
        ("a.bpmn", b"PK\x03\x04", "X102"),
        ("a.dmn", b"\xff\xfe<", "X102"),
        ("a.form", b"{", "F101"),
    ],
)
def test_an_unreadable_file_is_a_sentence_and_exit_code_two(
    tmp_path: Path, name: str, content: bytes, code: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    done = tresteg("lint", file)
    assert done.exit_code == 2
    assert f"E {code}" in done.output
    assert name in done.output
    assert "Traceback" not in done.output


def test_a_file_of_no_release_is_a_sentence_and_exit_code_two(tmp_path: Path) -> None:
    pipe, text, empty = tmp_path / "a.bpmn", tmp_path / "a.txt", tmp_path / "folder"
    os.mkfifo(pipe)
    text.write_text("", "utf-8")
    empty.mkdir()
    link = tmp_path / "b.bpmn"
    link.symlink_to(tmp_path / "gone")
    for path in (pipe, text, empty, link, tmp_path / "gone.bpmn"):
        done = tresteg("lint", path)
        assert done.exit_code == 2, path
        assert str(path) in done.output
        assert len(done.output.splitlines()) == 1


def test_a_folder_of_too_many_files_is_refused_before_it_is_read(tmp_path: Path) -> None:
    for n in range(401):
        (tmp_path / f"{n}.bpmn").touch()
    done = tresteg("lint", tmp_path)
    assert done.exit_code == 2
    assert "more files than any release" in done.output


def test_a_name_with_strange_bytes_is_no_reason_to_stop(tmp_path: Path) -> None:
    file = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.bpmn"))
    file.write_bytes(b"<a/>")
    done = tresteg("lint", file)
    assert done.exit_code == 2
    assert "?.bpmn" in done.output


def test_a_diagram_is_told_as_an_outline() -> None:
    done = tresteg("explain", SHIPPED, "--lang", "en")
    assert done.exit_code == 0
    assert done.output.splitlines()[:3] == [
        "Process: Anonymous consultation [consultation]",
        "  Start: Anonymous consultation [Start_Consultation]",
        "      form: A question without personal data [consultation_question]",
    ]


def test_what_cannot_be_told_is_a_sentence_and_exit_code_two(tmp_path: Path) -> None:
    file = tmp_path / "a.bpmn"
    file.write_bytes(b"<a>")
    assert tresteg("explain", file).exit_code == 2
    done = tresteg("explain", ROOT / "README.md")
    assert (done.exit_code, len(done.output.splitlines())) == (2, 1)


def test_templates_go_to_standard_output_or_to_a_file(tmp_path: Path) -> None:
    shown = json.loads(tresteg("templates").output)
    assert tresteg("templates", "--out", tmp_path / "t.json").exit_code == 0
    assert json.loads((tmp_path / "t.json").read_text("utf-8")) == shown
    assert tresteg("templates", "--out", tmp_path / "no" / "t.json").exit_code == 2
