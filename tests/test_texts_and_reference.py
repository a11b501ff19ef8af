"""Texts in every language, and a reference page that names everything."""

from __future__ import annotations

import ast
import importlib
import pkgutil
import re
import string
import tomllib
from collections.abc import Iterator

import click
import pytest

import handlers
from service import binding, cli, errors, settings, text
from service.engine import KINDS_OF_STOP
from tests.support.tree import ROOT, files, name, nodes

REFERENCE = ROOT / "docs" / "reference.md"


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
def test_every_sentence_has_the_same_values_in_every_language(language: str) -> None:
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
    names = cli.main.list_commands(click.Context(cli.main))
    assert missing_in_reference({f"tresteg {command}" for command in names}) == []


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
