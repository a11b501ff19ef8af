"""Lock files: every package by version and hash, and no host."""

from __future__ import annotations

import json
import re

import pytest

from tests.support.tree import ROOT


@pytest.mark.parametrize(
    "lock",
    [
        "requirements.lock",
        "requirements-dev.lock",
        "service/web/frontend/package-lock.json",
        "tests/openid/package-lock.json",
    ],
)
def test_a_lock_file_names_no_host(lock: str) -> None:
    assert (
        re.findall(
            r"^.*(?:://|\bresolved\b|index-url|find-links).*$",
            (ROOT / lock).read_text("utf-8"),
            re.MULTILINE,
        )
        == []
    )


@pytest.mark.parametrize("lock", ["requirements.lock", "requirements-dev.lock"])
def test_every_python_package_is_locked_by_version_and_hash(lock: str) -> None:
    stanzas = re.split(r"\n(?=\S)", (ROOT / lock).read_text("utf-8").strip())
    assert [
        stanza
        for stanza in stanzas
        if not re.match(r"[\w.\-\[\]]+==\S+( ; [^\\]+)? \\\n    --hash=sha256:[0-9a-f]{64}", stanza)
    ] == []


def test_developers_have_the_same_versions_as_those_who_run_it() -> None:
    runtime, development = (
        set(re.findall(r"^(\S+==\S+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE))
        for lock in ("requirements.lock", "requirements-dev.lock")
    )
    assert runtime <= development


@pytest.mark.parametrize("folder", ["service/web/frontend", "tests/openid"])
def test_every_package_of_npm_is_locked_by_hash_and_version(folder: str) -> None:
    locked = json.loads((ROOT / folder / "package-lock.json").read_text("utf-8"))["packages"]
    asked = json.loads((ROOT / folder / "package.json").read_text("utf-8"))
    wanted = {**asked["dependencies"], **asked.get("devDependencies", {})}
    assert {package: locked[f"node_modules/{package}"]["version"] for package in wanted} == wanted
    assert [
        package for package, facts in locked.items() if package and "integrity" not in facts
    ] == []
