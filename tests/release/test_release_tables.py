"""The tables of a release: roles that lanes name, and types of routing names."""

from __future__ import annotations

from service.errors import Finding
from service.release.bundle import ROLES, TYPES, VOCABULARY, Bundle
from service.release.prepared import findings_of, prepare
from service.release.release_configuration import read_release_vocabulary, read_tables
from tests.support import diagrams as d
from tests.support import small
from tests.support.directory import ROLE
from tests.support.local_handlers import TOPICS
from tests.support.small_desk import two_tasks


def test_roles_and_types_are_read() -> None:
    findings: list[Finding] = []
    roles, types = read_tables(two_tasks(), findings)
    assert set(roles) == {ROLE}
    assert types["answer"].values == ("YES", "NO")
    assert not findings


def test_roles_of_the_product_are_no_roles_of_lanes() -> None:
    house = b'[owner]\nhouse = true\nsv = "a"\nen = "b"\n[A]\nsv = "a"\nen = "b"\n'
    roles, _ = read_tables(two_tasks().with_file(ROLES, house), [])
    assert set(roles) == {"A"}


def test_a_table_that_is_no_toml_is_named() -> None:
    findings: list[Finding] = []
    read_tables(two_tasks().with_file(TYPES, b"["), findings)
    assert [(f.code, f.file) for f in findings] == [("X122", TYPES)]


WORDS = b'[[stage]]\nid = "1"\nsv = "Ett"\nen = "One"\n'
STAGED = small.one(small.person("a", extra=d.props(stage="1")), "s>a a>e")


def about_stages(bundle: Bundle) -> list[Finding]:
    return [f for f in findings_of(bundle, TOPICS) if f.code in ("D511", "D610", "X122")]


def test_a_vocabulary_says_which_stages_a_diagram_may_name() -> None:
    with_words = STAGED.with_file(VOCABULARY, WORDS)
    assert about_stages(with_words) == []
    other = STAGED.with_file(VOCABULARY, WORDS.replace(b'"1"', b'"one"'))
    (found,) = about_stages(other)
    assert (found.code, found.element, found.facts["allowed"]) == ("D610", "a", "one")
    assert prepare(with_words, TOPICS).vocabulary.word("stage", "1", "en") == "One"


def test_a_release_without_vocabulary_is_one_warning() -> None:
    (found,) = about_stages(STAGED)
    assert (found.code, found.severity, found.file) == ("D511", "W", VOCABULARY)
    assert prepare(STAGED, TOPICS).vocabulary.stages == ()


def test_a_vocabulary_that_is_no_use_is_named_with_its_row() -> None:
    findings: list[Finding] = []
    bundle = STAGED.with_file(VOCABULARY, b'[[stage]]\nid = "1"\nsv = "Ett"\n')
    assert read_release_vocabulary(bundle, findings) is None
    (found,) = findings
    assert (found.code, found.severity, found.file) == ("X122", "E", VOCABULARY)
    assert "stage 1: it lacks en" in found.message
    findings.clear()
    read_release_vocabulary(STAGED.with_file(VOCABULARY, b"\xff"), findings)
    assert [found.code for found in findings] == ["X102"]
