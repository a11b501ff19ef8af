"""Rules of the tree that no linter knows: imports, names, style."""

from __future__ import annotations

import ast
import io
import re
import tokenize
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from lxml import etree

from service import VERSION
from tests.support.tree import ROOT, files, name, nodes

PRODUCT = files("service", "handlers")
OURS = [*PRODUCT, *files("tests"), ROOT / "dev.py"]
PAGES = [
    *files(
        ".",
        endings=(
            ".py",
            ".md",
            ".toml",
            ".html",
            ".js",
            ".mjs",
            ".css",
            ".bpmn",
            ".dmn",
            ".form",
            ".json",
            ".lock",
            ".svg",
        ),
    ),
    ROOT / ".ci" / "run",
    ROOT / "LICENSE",
]


def imports(file: Path) -> Sequence[str]:
    """The full names of what a module imports, wherever the import stands."""
    return names_used(file)[0]


def called(file: Path) -> Sequence[tuple[str, str, int]]:
    """Every call as (what it is asked of, what is asked, line): `datetime.now()` is ("datetime",
    "now", 7).
    """
    return names_used(file)[1]


@cache
def names_used(file: Path) -> tuple[Sequence[str], Sequence[tuple[str, str, int]]]:
    """Imports and calls of a module, which is parsed once for all tests."""
    found = list(nodes(file))
    return tuple(imported_by(found)), tuple(called_by(found))


def imported_by(found: Sequence[ast.AST]) -> Iterator[str]:
    for node in found:
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def called_by(found: Sequence[ast.AST]) -> Iterator[tuple[str, str, int]]:
    for node in found:
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            owner = node.func.value
            yield (
                (
                    owner.id
                    if isinstance(owner, ast.Name)
                    else owner.attr
                    if isinstance(owner, ast.Attribute)
                    else ""
                ),
                node.func.attr,
                node.lineno,
            )
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            yield "", node.func.id, node.lineno


def test_only_one_module_ends_transactions() -> None:
    """And the connection that it does so by, and the group of those that one commit writes."""
    enders = {
        name(file)
        for file in PRODUCT
        for _, verb, _ in called(file)
        if verb in {"commit", "rollback"}
    }
    assert enders <= {
        "service/store/database.py",
        "service/store/live_files.py",  # a connection of its own, outside every transaction
        *(f"service/store/drivers/{name}.py" for name in ("kept_connections", "write_groups")),
    }


def test_only_the_clock_reads_the_time_of_day() -> None:
    asked = {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("func", "now"),
        ("func", "current_timestamp"),
    }
    asked |= {
        ("time", word) for word in ("time", "time_ns", "localtime", "gmtime", "ctime", "strftime")
    }
    readers = {
        f"{name(file)}:{line}"
        for file in PRODUCT
        for owner, verb, line in called(file)
        if (owner, verb) in asked
    }
    readers |= {
        name(file) for file in PRODUCT if {"time.time", "time.time_ns"} & set(imports(file))
    }
    alone = ("service/clock.py", "service/standalone/witness.py")  # a program of its own
    assert {reader for reader in readers if not reader.startswith(alone)} == set()


def test_nothing_runs_text_as_code_or_reads_pickles() -> None:
    running = [
        f"{name(file)}:{line}"
        for file in PRODUCT
        for owner, verb, line in called(file)
        if not owner and verb in {"eval", "exec", "compile", "__import__"}
    ]
    reading = [
        name(file)
        for file in PRODUCT
        if any(
            module.partition(".")[0] in {"pickle", "marshal", "shelve", "dill"}
            for module in imports(file)
        )
    ]
    assert reading == []
    assert [place.partition(":")[0] for place in running] == ["service/engine/audit_guard.py"], (
        "its self-test, which must fail"
    )


def test_spiffworkflow_is_known_to_the_engine_only() -> None:
    knowing = {
        name(file)
        for file in PRODUCT
        for module in imports(file)
        if module.partition(".")[0] == "SpiffWorkflow"
    }
    assert {file for file in knowing if not file.startswith("service/engine/")} == set()


def names_of_the_programme() -> set[str]:
    """Ids of elements and lane roles, countries of the demo, and keys of fields that no word of the
    house happens to be.
    """
    diagrams = [etree.parse(file) for file in (ROOT / "workflows").glob("*.bpmn")]
    elements = {
        id_
        for diagram in diagrams
        for node in diagram.iter()
        if re.match("[A-Z][a-z]+_", id_ := node.get("id", ""))
    }
    roles = {
        id_
        for id_, row in tomllib.loads(
            (ROOT / "workflows/config/roles.toml").read_text("utf-8")
        ).items()
        if not row.get("house")
    }
    keys = {
        key
        for form in files("forms", endings=(".form",))
        for key in re.findall(r'"(?:key|path)": *"(\w+)"', form.read_text("utf-8"))
    }
    return (
        elements
        | roles
        | {key for key in keys if re.search("[a-z][A-Z]", key)} - PARTS_OF_A_CONSENT
    )


PARTS_OF_A_CONSENT = {"givenBy", "givenOn", "validTo"}
"""The field type `consent` of the house has these parts; a form may use the same words."""


def test_the_service_names_nothing_of_the_programme() -> None:
    known, said = names_of_the_programme(), {}
    for file in (*PRODUCT, *files("service", endings=(".html", ".js"))):
        if "handlers" not in file.relative_to(ROOT).parts:
            said[name(file)] = set(re.findall(r"[\"'](\w+)[\"']", file.read_text("utf-8"))) & known
    assert len(known) > 300
    assert {file: names for file, names in said.items() if names} == {}


EXEMPTION = re.compile(
    r"(?:noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?"
    r"|type: ignore(?:\[[\w\-, ]+\])?"
    r"|pragma: no \w+)(.*)"
)
"""An exemption of a tool, and what stands after it on the line."""


def test_every_exemption_says_why_it_is_there() -> None:
    silent = []
    for file in [
        file for file in OURS if re.search(rb"noqa|type: ignore|pragma", file.read_bytes())
    ]:
        for token in tokenize.tokenize(io.BytesIO(file.read_bytes()).readline):
            exempt = EXEMPTION.search(token.string)
            if (
                token.type == tokenize.COMMENT
                and exempt
                and len(exempt[1].strip(" -#:")) < len("same")
            ):
                silent.append(f"{name(file)}:{token.start[0]}")
    assert silent == []


def test_no_page_speaks_of_a_machine_or_of_unfinished_work() -> None:
    machine = re.compile(r"""(?:^|["'`(= ])/(?:root|home|Users|work|mnt)/[A-Za-z.]""", re.MULTILINE)
    unfinished = re.compile(
        r"\bTO[D]O\b|\bFIX[M]E\b|\bXX[X]\b|\bissue #\d|\b(?:this|last|next|previous) work session\b"
    )
    assert [name(file) for file in PAGES if machine.search(file.read_text("utf-8"))] == []
    assert [name(file) for file in PAGES if unfinished.search(file.read_text("utf-8"))] == []


def test_tests_use_real_things_and_do_not_sleep() -> None:
    mocking = [
        name(file)
        for file in files("tests")
        if any(module.startswith(("unittest.mock", "mock.")) for module in imports(file))
    ]
    sleeping = [
        f"{name(file)}:{line}"
        for file in files("tests")
        for owner, verb, line in called(file)
        if (owner, verb) in {("time", "sleep"), ("asyncio", "sleep")}
    ]
    assert (mocking, sleeping) == ([], [])


def test_the_change_log_tells_of_the_version_that_is_built() -> None:
    version = VERSION
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")
