"""Drawings of other tools and attack files: never a traceback, always a sentence that names a
place.
"""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli import main
from service.engine.lint import lint
from tests.support.diagram_files import release
from tests.support.diagrams import HEAD, line, task
from tests.support.machine import corpus

NOT_READ = {"X110", "X110.broke"}
"""A reader that had to be ended, and one that broke."""
HOSTILE = {
    "an external entity": b'<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]><d>&x;</d>',
    "a parameter entity": b'<!DOCTYPE d [<!ENTITY % x SYSTEM "http://example.org/x">%x;]><d/>',
    "billion laughs": b'<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><d>&b;</d>',
    "an unknown entity": b"<d>&x;</d>",
    "a style sheet": b'<?xml-stylesheet href="x.xsl"?><d/>',
    "an instruction inside": b"<d><?php x ?></d>",
    "an instruction behind": b"<d/><?x y?>",
    "an archive": b"PK\x03\x04rest",
    "UTF-16": "<d/>".encode("utf-16"),
    "Latin-1": '<d name="å"/>'.encode("latin-1"),
    "nothing": b"",
    "a deep tree": b"<a>" * 300 + b"</a>" * 300,
    "a null character": b"<d>\0</d>",
    "another root": b"<d/>",
}


@pytest.fixture(scope="module")
def drawings() -> list[Path]:
    """Diagrams of the BPMN Model Interchange Working Group."""
    return sorted(corpus("miwg").rglob("*.bpmn"))


def test_diagrams_of_other_tools_are_read_with_named_findings(
    drawings: list[Path],
) -> None:
    assert drawings
    for path in drawings:
        found = lint(release(path.read_bytes(), rules={}))
        assert found, path.name
        assert all(f.element for f in found), (path.name, [f for f in found if not f.element][:1])


def test_the_command_reports_diagrams_of_other_tools_by_place(
    drawings: list[Path], tmp_path: Path
) -> None:
    for n, path in enumerate(drawings):
        (tmp_path / f"{n}_{path.name}").write_bytes(path.read_bytes())
    done = CliRunner().invoke(main, ["lint", str(tmp_path), "--json", "--lang", "en"])
    assert done.exit_code in {1, 2}, done.output
    found = json.loads(done.stdout)
    assert {f["file"] for f in found} >= {file.name for file in tmp_path.iterdir()}, (
        "every drawing has something that does not run here"
    )
    # the installation's own configuration names processes that foreign diagrams do not have
    drawn = [f for f in found if not f["file"].startswith("workflows/config/")]
    assert [f for f in drawn if not f["element"]] == []
    assert not {f["code"] for f in found} & NOT_READ, (
        "none took too long, and none broke the reader"
    )


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_with_one_sentence(data: bytes) -> None:
    (found,) = lint(release(data, rules={}))
    assert found.severity == "E"
    assert found.code in {"X102", "X103", "X104", "X105"}


def test_cutting_and_doubling_parts_never_raises() -> None:
    whole = line(task("a", "ask") + task("b", "reader"), "s>a a>b b>e")
    body = whole.removeprefix(HEAD.encode())
    parts = body.split(b"<bpmn:")
    for n in range(1, len(parts)):
        without = HEAD.encode() + b"<bpmn:".join([*parts[:n], *parts[n + 1 :]])
        doubled = HEAD.encode() + b"<bpmn:".join([*parts[:n], parts[n], *parts[n:]])
        lint(release(without))
        lint(release(doubled))
