"""From a tree of FEEL back to a text: what was read can be written, and reads as the same tree."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from lark import Token, Tree


def write(node: Tree[Token] | Token) -> str:
    """The text of a tree. Brackets are nodes of their own, so none are added."""
    if isinstance(node, Token):
        return str(node)
    inner = [write(child) for child in node.children]
    shape = _SHAPES.get(str(node.data))
    return shape(inner) if shape else " ".join(inner)


def _ends(inner: list[str], opens: str) -> str:
    low, high, *closes = inner
    return f"{opens}{low}..{high}{']' if closes else ')'}"


_SHAPES: Final[dict[str, Callable[[list[str]], str]]] = {
    "choice": lambda inner: f"if {inner[0]} then {inner[1]} else {inner[2]}",
    "quantified": lambda inner: f"{inner[0]} {', '.join(inner[1:-1])} satisfies {inner[-1]}",
    "loop": lambda inner: f"for {', '.join(inner[:-1])} return {inner[-1]}",
    "iterator": lambda inner: f"{inner[0]} in {'..'.join(inner[1:])}",
    "context": lambda inner: f"{{{', '.join(inner)}}}",
    "entry": lambda inner: f"{inner[0]}: {inner[1]}",
    "between": lambda inner: f"{inner[0]} between {inner[1]} and {inner[3]}",
    "member": lambda inner: f"{inner[0]} in {inner[1]}",
    "call": lambda inner: f"{inner[0]}({', '.join(inner[1:])})",
    "negate": lambda inner: f"not({', '.join(inner)})",
    "bracket": lambda inner: f"({', '.join(inner)})",
    "list": lambda inner: f"[{', '.join(inner[1:-1])}]",
    "range": lambda inner: _ends(inner[1:], "["),
    "open_range": lambda inner: _ends(inner, "("),
    "path": lambda inner: f"{inner[0]}.{inner[1]}",
    "filter": lambda inner: f"{inner[0]}[{inner[2]}]",
    "cell": ", ".join,
    "true": lambda _: "true",
    "false": lambda _: "false",
    "null": lambda _: "null",
    "tested": lambda _: "?",
}
"""How each node is written; the others are their parts with blanks between."""
