"""The tables of a release: roles that lanes name, and types of routing names."""

from __future__ import annotations

from service.actions.releases.release_tables import ROLES, TYPES, read_tables
from service.errors import Finding
from tests.actions.conftest import two_tasks
from tests.support.directory import ROLE


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
