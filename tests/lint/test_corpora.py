"""Drawings of other tools and attack files: never a traceback, always a sentence that names a place."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.engine.lint import lint
from tests.lint.drawing import HEAD, line, release, task

MIWG = sorted((Path(__file__).parents[3] / "shared" / "corpora" / "miwg").rglob("*.bpmn"))

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


@pytest.mark.skipif(not MIWG, reason="the MIWG corpus does not lie beside the repository")
def test_drawings_of_other_tools_are_read_without_an_exception_and_each_finding_names_an_element() -> None:
    for path in MIWG:
        found = lint(release(path.read_bytes(), rules={}))
        assert found, path.name
        assert all(f.element for f in found), (path.name, [f for f in found if not f.element][:1])


@pytest.mark.parametrize("data", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_file_is_refused_with_one_sentence(data: bytes) -> None:
    (found,) = lint(release(data, rules={}))
    assert found.severity == "E"
    assert found.code in {"X102", "X103", "X104", "X105"}


def test_cutting_and_doubling_parts_of_a_diagram_never_ends_in_an_exception() -> None:
    whole = line(task("a", "ask") + task("b", "reader"), "s>a a>b b>e")
    body = whole.removeprefix(HEAD.encode())
    parts = body.split(b"<bpmn:")
    for n in range(1, len(parts)):
        without = HEAD.encode() + b"<bpmn:".join([*parts[:n], *parts[n + 1 :]])
        doubled = HEAD.encode() + b"<bpmn:".join([*parts[:n], parts[n], *parts[n:]])
        lint(release(without))
        lint(release(doubled))
