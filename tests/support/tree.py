"""The files of this tree, as the tests that read it see them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
NOT_OURS = {"node_modules", "dist", "__pycache__", ".venv", ".git", "var", "build", "golden"}


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


def nodes(file: Path) -> Iterator[ast.AST]:
    """Everything the parser finds in a module."""
    return ast.walk(ast.parse(file.read_bytes(), filename=str(file)))
