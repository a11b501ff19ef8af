"""Digests of handlers' code, kept in each release, so that a changed handler is seen.

A digest is over the syntax tree of the handler's module, without docstrings, comments and layout,
and over its declaration. The tree is written down here and not by `ast.dump` or `ast.unparse`,
whose texts differ between versions of Python.

Digests have the form `tree1:<SHA-256>`. Older releases hold a bare SHA-256 of the source text;
nothing compares the two, and no case stops for either.
"""

from __future__ import annotations

import ast
import inspect
import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from hashlib import sha256
from typing import Final

from service.binding import Declaration
from service.security import ledger_lines

VERSION: Final = "tree1"
KEPT: Final = 64
"""Modules whose text is kept."""
LEFT_OUT: Final = frozenset({"ctx", "kind", "type_comment", "type_ignores", "type_params"})
"""Fields of nodes that say nothing of what runs, or that older versions of Python do not have."""


def handler_digests(topics: Mapping[str, Declaration]) -> dict[str, str]:
    """Topic to the digest of its handler."""
    return {topic: _digest(declared) for topic, declared in sorted(topics.items())}


def _digest(declared: Declaration) -> str:
    module = inspect.getmodule(declared.function)
    source = inspect.getsource(module) if module is not None else ""
    wider: dict[str, ledger_lines.Canonical] = {
        "fields": declared.fields,
        "classes": declared.classes,
        "papers": declared.papers,
        "channels": declared.channels,
    }
    contract = ledger_lines.canonical(
        {
            "reads": declared.reads,
            "answers": declared.answers,
            "letters": declared.letters,
            "errors": declared.errors,
            "needs_consent": declared.needs_consent,
            **{name: value for name, value in wider.items() if value},
        }
    )
    return f"{VERSION}:{sha256(contract + bytes(1) + tree_text(source).encode()).hexdigest()}"


@lru_cache(maxsize=KEPT)
def tree_text(source: str) -> str:
    """Python source as the text of its syntax tree: equal for all that runs alike.

    One module declares many handlers, and every publishing asks for all of them.
    """
    return "".join(_written(ast.parse(source)))


def _written(node: ast.AST) -> Iterator[str]:
    yield f"({type(node).__name__}"
    for name in node._fields:
        value = getattr(node, name, None)
        if name == "body" and isinstance(value, list):
            value = _without_docstring(node, value)
        if isinstance(node, ast.JoinedStr):
            value = _joined(node.values)
        if name not in LEFT_OUT and value is not None and value != []:
            yield f" {name}="
            yield from _value(value)
    yield ")"


def _value(value: object) -> Iterator[str]:
    if isinstance(value, ast.AST):
        yield from _written(value)
    elif isinstance(value, list):
        yield "["
        for item in value:
            yield from _value(item)
        yield "]"
    elif isinstance(value, str):
        yield f"s{json.dumps(value)}"
    else:
        # a number, bytes, a truth value, None or the ellipsis: constants of the source
        yield f"{value!r};"


def _joined(parts: list[ast.expr]) -> list[ast.expr]:
    """The parts of an f-string with adjacent plain texts joined; versions of Python cut them
    differently.
    """
    joined: list[ast.expr] = []
    for part in parts:
        last = joined[-1] if joined else None
        if isinstance(part, ast.Constant) and isinstance(last, ast.Constant):
            joined[-1] = ast.Constant(str(last.value) + str(part.value))
        elif not (isinstance(part, ast.Constant) and part.value == ""):
            joined.append(part)
    return joined


def _without_docstring(node: ast.AST, body: list[ast.stmt]) -> list[ast.stmt]:
    documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef
    if not isinstance(node, documented) or not body:
        return body
    match body[0]:
        case ast.Expr(value=ast.Constant(value=str())):
            return body[1:]
    return body
