"""From a tree of FEEL back to a text: what was read can be written, and reads as the same tree."""

from __future__ import annotations

from lark import Token, Tree

def write(node: Tree[Token] | Token) -> str:
    """The text of a tree."""
    if isinstance(node, Token):
        return str(node)
    inner = [write(child) for child in node.children]
    match str(node.data):
        case "choice":
            return f"if {inner[0]} then {inner[1]} else {inner[2]}"
        case "quantified":
            return f"{inner[0]} {inner[1]} in {inner[2]} satisfies {inner[3]}"
        case "between":
            return f"{inner[0]} between {inner[1]} and {inner[3]}"
        case "member":
            return f"{inner[0]} in {inner[1]}"
        case "negative":
            return f"- {inner[1]}"
        case "call":
            return f"{inner[0]}({', '.join(inner[1:])})"
        case "negate":
            return f"not({', '.join(inner)})"
        case "bracket":
            return f"({', '.join(inner)})"
        case "list":
            return f"[{', '.join(inner[1:-1])}]"
        case "range" | "open_range":
            low, *rest = inner if node.data == "open_range" else inner[1:]
            return f"{'(' if node.data == 'open_range' else '['}{low}..{rest[0]}{']' if len(rest) > 1 else ')'}"
        case "path":
            return f"{inner[0]}.{inner[1]}"
        case "filter":
            return f"{inner[0]}[{inner[2]}]"
        case "true" | "false" | "null":
            return str(node.data)
        case "tested":
            return "?"
        case "anything":
            return "-"
        case "cell":
            return ", ".join(inner)
    return " ".join(inner)
