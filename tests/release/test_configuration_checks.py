"""A file of the configuration that names what the release does not have is a finding, with file and
line, and stops no installation.
"""

from __future__ import annotations

import pytest

from service.errors import Finding
from service.release.bundle import CONFIG, TYPES, Bundle
from service.release.configuration_checks import SENTENCES, line_of
from service.release.prepared import findings_of
from service.release.programme.configuration import read_programme
from service.text import finding_text
from tests.release.programme.test_configuration import shipped as shipped_files
from tests.release.programme.test_configuration import with_change
from tests.support.local_handlers import TOPICS
from tests.support.world import shipped


def found(name: str, old: str, new: str) -> list[Finding]:
    """The findings of the shipped release with one text in one file changed."""
    bundle = shipped()
    text = bundle.text(CONFIG + name)
    assert old in text
    changed = bundle.with_file(CONFIG + name, text.replace(old, new, 1).encode())
    known = {(one.code, one.message) for one in findings_of(bundle, TOPICS)}
    return [f for f in findings_of(changed, TOPICS) if (f.code, f.message) not in known]


@pytest.mark.parametrize(
    ("name", "old", "new", "code", "sentence"),
    [
        ("grants.toml", 'consent = ["REFER"]', 'consent = ["ERR"]', "K101", "G2 names the cons"),
        ("grants.toml", 'purpose = "REFER"', 'purpose = "NONE"', "K101", "the consent NONE"),
        ("grants.toml", 'consent = ["PARTICIPATE"] }', 'consent = ["TAKE"] }', "K101", "TAKE"),
        ("referrals.toml", 'consent = ["SHARE_HEALTH"]', 'consent = ["H"]', "K101", "HEALTH names"),
        ("process.toml", "SHARE_HEALTH = 6", "SHARE = 6", "K101", "consent_months names"),
        ("visibility.toml", '"medical-annex"', '"annex"', "K103", "the group annex"),
        ("grants.toml", 'role = "IomMedical"', 'role = "Nurse"', "K104", "the role Nurse"),
        ("grants.toml", 'element = "Task_FitToTravel"', 'element = "Task_Fit"', "K105", "Task_Fit"),
        ("process.toml", "Task_FollowUp", "Task_Follow", "K105", "the step Task_Follow"),
        ("corrections.toml", '"Task_GoNoGo"', '"Task_Go"', "K105", "the step Task_Go"),
        ("task_pages.toml", '"final_check"', '"check"', "K106", "the form check"),
        ("parties.toml", 'to = "approver"', 'to = "judge"', "K107", "goes to judge"),
        ("process.toml", 'paused = "paused"', 'paused = "pause"', "K108", "paused names pause"),
        ("process.toml", 'paused = "paused"', 'paused = "resting"', "K108", "names resting"),
        ("process.toml", 'free = ["NO"]', 'free = ["NEJ"]', "K109", "requests names NEJ"),
        ("process.toml", '"guardianConflict"', '"child"', "K109", "requests names child"),
        ("visibility.toml", "stage = [3]", "stage = [4]", "X122", "does not exist: ['4']"),
        (
            "grants.toml",
            "from_stage = { stage = 2",
            "from_stage = { stage = 7",
            "X122",
            "there is no 7",
        ),
        ("reminders.toml", "[quiet]", "[other]", "X122", "it lacks quiet"),
        ("process.toml", "[duties]", "[duty]", "X122", "duties"),
    ],
)
def test_a_name_that_there_is_not_is_a_finding(
    name: str, old: str, new: str, code: str, sentence: str
) -> None:
    (first, *_) = [one for one in found(name, old, new) if one.code == code]
    assert first.file == CONFIG + name
    assert sentence in first.message
    assert code == "X122" or first.line > 0


def test_a_finding_stands_at_its_line_in_both_languages() -> None:
    (one,) = found("parties.toml", 'to = "approver"', 'to = "judge"')
    lines = shipped().text(CONFIG + "parties.toml").splitlines()
    assert lines[one.line - 1] == 'to = "approver"'
    for code in SENTENCES:
        facts: dict[str, object] = {"place": "G1", "name": "X", "other": "y"}
        assert finding_text(code, "", facts, "sv") not in ("", finding_text(code, "", facts, "en"))


@pytest.mark.parametrize("types", [b"x = 1", b"[[x]]", b"x = ["])
def test_types_that_are_no_tables_hide_no_finding(types: bytes) -> None:
    codes = {one.code for one in findings_of(shipped().with_file(TYPES, types), TOPICS)}
    assert "X122" in codes or "K108" in codes


def test_a_stage_that_nobody_would_see_is_told() -> None:
    row = '[[stage]]\nid = "4"\nsv = "Fyra"\nen = "Four"\n\n[[station]]'
    codes = {one.code: one for one in found("vocabulary.toml", "[[station]]", row)}
    assert codes["K102"].file == f"{CONFIG}visibility.toml"


def test_a_line_is_looked_for_behind_its_row() -> None:
    text = "a\nrow\nb\nother\nb\n"
    assert line_of(text, "other", "b") == 5
    assert line_of(text, "row", "gone") == 0


def test_the_shipped_release_and_an_older_one_have_none() -> None:
    bundle = shipped()
    older = Bundle({n: c for n, c in bundle.files.items() if not n.startswith(CONFIG + "g")})
    for one in (bundle, older):
        assert [f for f in findings_of(one, TOPICS) if f.code in SENTENCES] == []


@pytest.mark.parametrize(("name", "old", "new"), [("parties.toml", '"approver"', '"judge"')])
def test_an_installation_starts_all_the_same(name: str, old: str, new: str) -> None:
    assert with_change(name, old, new).process == "return_case"


def test_a_folder_from_before_has_it_all_in_one_file() -> None:
    files = dict(shipped_files())
    moved = files.pop("process.toml").replace('offices = ["approver", "iom", "above"]', "")
    at = files["programme.toml"].index("[[funding]]")
    head, tail = moved[: moved.index("[duties]")], moved[moved.index("[duties]") :]
    old = files["programme.toml"]
    files["programme.toml"] = old[:at] + head + tail + old[at:]
    read, now = read_programme(files), read_programme(shipped_files())
    assert read.configuration == now.configuration
