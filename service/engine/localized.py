"""Diagrams in another language, and a survey of what a release or a draft holds.

Nothing is judged here: a draft need not be fit to be published.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache

from lxml import etree

from service.engine.bpmn.elements import BPMN, properties
from service.engine.bpmn.model import Model
from service.engine.bpmn.parser import read_trees
from service.engine.bpmn.xml import canonical, safe_tree
from service.engine.dmn.model import Decision, DrawnTable
from service.engine.dmn.parser import read_tables
from service.engine.feel.types import Type
from service.engine.lint.names import declare
from service.engine.types import Files
from service.errors import Finding

FIRST = "sv"
"""The language that is drawn."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the files of a release hold: its processes, its rules as drawn and as they run, what is
    wrong with them, and every routing name with its type.
    """

    model: Model
    tables: Mapping[str, DrawnTable]
    types: Mapping[str, Type]
    decisions: Mapping[str, Decision] = field(default_factory=dict)
    rule_findings: tuple[Finding, ...] = ()


def survey(files: Files) -> Survey:
    """List what a release or a draft holds, without judging it; what cannot be read is left out.

    The answers about the last few are kept: one page of a draft asks several times.
    """
    return _survey(_Same(files))


class _Same:
    """Files that are equal to themselves alone: to compare contents would cost as much again."""

    __slots__ = ("files",)

    def __init__(self, files: Files) -> None:
        self.files = files

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and other.files is self.files

    def __hash__(self) -> int:
        return id(self.files)


@lru_cache(maxsize=4)
def _survey(same: _Same) -> Survey:
    files = same.files
    model = read_trees(files).model
    tables = {
        table.id: table
        for file, data in files.rules.items()
        for table in read_tables(data, file)[0]
    }
    names = declare(files, model)
    return Survey(model, tables, names.types, names.decisions, names.findings)


def drawn_in(diagrams: Mapping[str, bytes]) -> dict[str, str]:
    """The file that draws each process, by process id."""
    return {
        process.id: process.file for process in read_trees(Files(diagrams)).model.processes.values()
    }


def in_language(data: bytes, lang: str, lanes: Mapping[str, str]) -> bytes:
    """Translate a diagram, for viewing only; what has no name in that language keeps its own.

    Args:
        lanes: drawn name of a lane to its name in that language.
    Raises:
        BadDiagram: the file cannot be read.
    """
    if lang == FIRST:
        return data
    root = safe_tree(data, "")
    for element in root.iter(f"{BPMN}*"):
        name = properties(element).get(f"name.{lang}", "")
        if not name and element.tag == f"{BPMN}lane":
            name = lanes.get(element.get("name", ""), "")
        if name:
            _rename(element, name)
    return canonical(root)


def for_viewing(data: bytes) -> bytes:
    """Leave out of a diagram what only the engine and the editor read, a third of what is sent.

    Raises:
        BadDiagram: the file cannot be read.
    """
    root = safe_tree(data, "")
    for element in list(root.iter(f"{BPMN}extensionElements")):
        parent = element.getparent()
        if parent is not None:
            parent.remove(element)
    return canonical(root)


def _rename(element: etree._Element, name: str) -> None:
    """Set the name: notes keep theirs as text inside, all else in an attribute."""
    text = element.find(f"{BPMN}text")
    if text is None:
        element.set("name", name)
    else:
        text.text = name
