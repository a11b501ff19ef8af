"""What no linter knows about the house.

Each test reads the tree as it is; a room that is not there yet is named in the skip.
"""

from __future__ import annotations

import ast
import importlib
import io
import json
import pkgutil
import re
import string
import tokenize
import tomllib
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

import pytest
from lxml import etree

import handlers
from service import VERSION, binding, cli, errors, settings, text
from service.engine import KINDS_OF_STOP

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference.md"
NOT_OURS = {"node_modules", "dist", "__pycache__", ".venv", ".git", "var", "build", "golden"}
LONG = 300
"""Lines of a module above which somebody should look into it; twice that is a wall."""


def files(*folders: str, endings: tuple[str, ...] = (".py",)) -> list[Path]:
    """Every file of ours with these endings, in a steady order."""
    found = (file for folder in folders for file in (ROOT / folder).rglob("*"))
    return sorted(
        file
        for file in found
        if file.suffix in endings
        and file.is_file()
        and not NOT_OURS & set(file.relative_to(ROOT).parts)
    )


def name(file: Path) -> str:
    """How a file is called in a message."""
    return file.relative_to(ROOT).as_posix()


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


def nodes(file: Path) -> Iterator[ast.AST]:
    """Everything the parser finds in a module."""
    return ast.walk(ast.parse(file.read_bytes(), filename=str(file)))


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


# the rooms


def test_only_one_module_ends_transactions() -> None:
    enders = {
        name(file)
        for file in PRODUCT
        for _, verb, _ in called(file)
        if verb in {"commit", "rollback"}
    }
    assert enders <= {"service/store/database.py"}


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
    assert {reader for reader in readers if not reader.startswith("service/clock.py")} == set()


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


def test_nothing_in_the_service_names_a_role_an_element_or_a_field_of_the_programme() -> None:
    known, said = names_of_the_programme(), {}
    for file in (*PRODUCT, *files("service", endings=(".html", ".js"))):
        if "handlers" not in file.relative_to(ROOT).parts:
            said[name(file)] = set(re.findall(r"[\"'](\w+)[\"']", file.read_text("utf-8"))) & known
    assert len(known) > 300
    assert {file: names for file, names in said.items() if names} == {}


def test_no_module_is_twice_as_long_as_a_long_one() -> None:
    lengths = {name(file): len(file.read_text("utf-8").splitlines()) for file in OURS}
    assert {file: lines for file, lines in lengths.items() if lines > 2 * LONG} == {}


# the style


def test_every_exemption_says_why_it_is_there() -> None:
    silent = []
    for file in [
        file for file in OURS if re.search(rb"noqa|type: ignore|pragma", file.read_bytes())
    ]:
        for token in tokenize.tokenize(io.BytesIO(file.read_bytes()).readline):
            exempt = re.search(
                r"(?:noqa(?::\s*[A-Z]+[0-9]+(?:,\s*[A-Z]+[0-9]+)*)?|type: ignore(?:\[[\w\-, ]+\])?|pragma: no \w+)(.*)",
                token.string,
            )
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


NOT_TESTED_BY_NAME: frozenset[str] = frozenset(
    {
        "commands",
        "history",
        "operations",
        "pages",
        "publishing",
        "referrals",
        "tasks",
    }
)
"""Packages of actions whose modules have no test files of their names yet; it only shrinks."""


def test_every_module_of_actions_has_a_test_file_of_its_name() -> None:
    modules = [
        file.relative_to(ROOT / "service/actions")
        for file in files("service/actions")
        if file.name != "__init__.py"
    ]
    wanted = {
        module.with_name(f"test_{module.name}")
        for module in modules
        if module.parts[0] not in NOT_TESTED_BY_NAME
    }
    assert [
        str(test) for test in sorted(wanted) if not (ROOT / "tests/actions" / test).is_file()
    ] == []
    assert {module.parts[0] for module in modules} >= NOT_TESTED_BY_NAME


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


# the lock files


@pytest.mark.parametrize(
    "lock", ["requirements.lock", "requirements-dev.lock", "service/web/frontend/package-lock.json"]
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


def test_every_browser_package_is_locked_by_hash_and_asked_for_by_exact_version() -> None:
    frontend = ROOT / "service" / "web" / "frontend"
    locked = json.loads((frontend / "package-lock.json").read_text("utf-8"))["packages"]
    asked = json.loads((frontend / "package.json").read_text("utf-8"))
    wanted = {**asked["dependencies"], **asked["devDependencies"]}
    assert {package: locked[f"node_modules/{package}"]["version"] for package in wanted} == wanted
    assert [
        package for package, facts in locked.items() if package and "integrity" not in facts
    ] == []


def test_the_change_log_tells_of_the_version_that_is_built() -> None:
    version = VERSION
    assert f"## [{version}]" in (ROOT / "CHANGELOG.md").read_text("utf-8")


# the words


def words(language: str) -> dict[str, str]:
    """All sentences of one language, by key."""
    sections: dict[str, dict[str, object]] = tomllib.loads(
        (ROOT / "service" / "text" / f"{language}.toml").read_text("utf-8")
    )
    return dict(flat("", sections))


def flat(
    prefix: str, table: dict[str, object] | dict[str, dict[str, object]]
) -> Iterator[tuple[str, str]]:
    """Join the names of nested tables with dots."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield from flat(f"{prefix}{key}.", value)
        else:
            yield f"{prefix}{key}", str(value)


def placeholders(sentence: str) -> set[str]:
    """The values that a sentence names, but for the number that its form already tells."""
    return {field for _, field, _, _ in string.Formatter().parse(sentence) if field} - {"n"}


@pytest.mark.parametrize(
    "language", [language for language in text.languages() if language != text.FIRST]
)
def test_every_sentence_stands_in_every_language_and_names_the_same_values(language: str) -> None:
    first, other = words(text.FIRST), words(language)
    assert sorted(first.keys() ^ other.keys()) == []
    assert [key for key in first if placeholders(first[key]) != placeholders(other[key])] == []


def test_every_sentence_that_a_template_asks_for_is_there() -> None:
    templates = files("service/web/templates", endings=(".html", ".txt"))
    asked = {
        (name(file), key)
        for file in templates
        for key in re.findall(r"\bt\(\s*[\"']([a-z0-9_.]+)[\"']\s*[,)]", file.read_text("utf-8"))
    }
    assert sorted((file, key) for file, key in asked if not text.known(key)) == []


# the reference


def codes(error: type[errors.TrestegError]) -> set[str]:
    """The code of an error and of all that are kinds of it."""
    return {error.code}.union(*(codes(kind) for kind in error.__subclasses__()))


def missing_in_reference(names: set[str]) -> list[str]:
    """Which names the reference page does not hold, each as a word in code type."""
    page = REFERENCE.read_text("utf-8")
    return sorted(
        each
        for each in names
        if not re.search(rf"`[^`\n]*(?<![\w.]){re.escape(each)}(?![\w])[^`\n]*`", page)
    )


def test_every_error_code_stands_in_the_reference() -> None:
    assert missing_in_reference(codes(errors.TrestegError)) == []


def test_every_topic_stands_in_the_reference() -> None:
    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"handlers.{module.name}")
    assert (
        missing_in_reference(
            {
                topic
                for topic, declared in binding.HANDLERS.items()
                if declared.function.__module__.startswith("handlers.")
            }
        )
        == []
    )


def test_every_setting_stands_in_the_reference() -> None:
    assert (
        missing_in_reference(
            {
                f"{settings.PREFIX}{field.upper()}"
                for field in settings.Settings.__dataclass_fields__
            }
        )
        == []
    )


def test_every_command_stands_in_the_reference() -> None:
    assert missing_in_reference({f"tresteg {command}" for command in cli.main.commands}) == []


def test_the_kinds_of_stop_are_those_that_the_engine_raises() -> None:
    raised = {
        str(node.args[0].value)
        for file in files("service/engine")
        for node in nodes(file)
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "EngineStopped"
        and isinstance(node.args[0], ast.Constant)
    }
    assert raised == KINDS_OF_STOP
