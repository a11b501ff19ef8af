"""Commands are functions, handed over whole: what mypy does not see of a partial."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from typing import Any

import service

ROOT = Path(service.__file__).parent
CLASSES = {
    "CommandWithReads",  # two things: what it asks first, and the command
}
"""Classes that may be called as a command is."""
COMMAND = ["tx", "services", "by", "now"]
JOB_COMMAND = ["tx", "services", "now"]
"""Names of what `application.submit` hands to a command, and to one of the clock or a handler."""


@cache
def trees(word: str) -> dict[str, ast.Module]:
    """The modules of the service in which a word stands."""
    found = {}
    for path in sorted(ROOT.rglob("*.py")):
        if word in (text := path.read_text("utf-8")):
            name = ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
            found[name.removesuffix(".__init__")] = ast.parse(text)
    return found


def positional(function: ast.FunctionDef) -> list[str]:
    """The arguments that are given by place, without the mark of those that are not used."""
    return [one.arg.removeprefix("_") for one in function.args.args if one.arg != "self"]


def handed_over() -> Iterator[tuple[str, Any, set[str]]]:
    """Where a partial of a command is made, the command, and the names that it fills in."""
    for name, tree in trees("partial(").items():
        for call in ast.walk(tree):
            match call:
                case ast.Call(ast.Name("partial"), [ast.Name() | ast.Attribute() as made, *_]):
                    given = {one.arg for one in call.keywords}
                case _:
                    continue
            found = vars(import_module(name)).get(ast.unparse(made).partition(".")[0])
            if isinstance(made, ast.Attribute):
                found = getattr(found, made.attr, None)
            if inspect.isfunction(found) and None not in given:
                yield f"{name}:{call.lineno}", found, {one for one in given if one}


def test_no_class_is_called_as_a_command_but_for_a_reason() -> None:
    called = {
        kind.name
        for tree in trees("def __call__").values()
        for kind in ast.walk(tree)
        if isinstance(kind, ast.ClassDef)
        for one in kind.body
        if isinstance(one, ast.FunctionDef) and one.name == "__call__"
        if positional(one) in (COMMAND, JOB_COMMAND)
    }
    assert "CommandWithReads" in called
    assert called <= CLASSES


def test_a_command_takes_what_it_needs_to_know_by_name() -> None:
    """So that nothing that `submit` hands over takes its place."""
    found = {
        f"{name}.{one.name}": positional(one)
        for name, tree in trees("by: Viewer, now: datetime").items()
        for one in tree.body
        if isinstance(one, ast.FunctionDef)
        and positional(one)[:4] == COMMAND
        and one.args.kwonlyargs
    }
    assert len(found) > 20
    assert {
        name for name, by_place in found.items() if by_place[4:] not in ([], ["asked"])
    } == set()


def test_a_command_is_handed_over_with_all_that_it_needs_to_know() -> None:
    """Names and types in a partial are checked by mypy, but not whether one is missing."""
    checked, missing = 0, {}
    for place, made, given in handed_over():
        wanted = inspect.signature(made).parameters.values()
        by_place = [
            one.name.removeprefix("_") for one in wanted if one.kind is one.POSITIONAL_OR_KEYWORD
        ]
        if by_place[:4] == COMMAND or by_place == JOB_COMMAND:
            checked += 1
            needed = {
                one.name
                for one in wanted
                if one.kind is one.KEYWORD_ONLY and one.default is one.empty
            }
            if left := needed - given:
                missing[f"{place} {made.__name__}"] = left
    assert checked > 80
    assert missing == {}
