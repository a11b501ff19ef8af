"""A diagram as its readers see it: the same drawing with its names in another language, and what a
release holds, whether it may be published or not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from service.engine.bpmn.elements import BPMN, properties
from service.engine.bpmn.model import Model
from service.engine.bpmn.parser import read_trees
from service.engine.bpmn.xml import canonical, safe_tree
from service.engine.dmn.model import DrawnTable
from service.engine.dmn.parser import read_tables
from service.engine.feel.types import Type
from service.engine.lint.names import declare
from service.engine.types import Files

if TYPE_CHECKING:
    from lxml import etree

FIRST = "sv"
"""The language that is drawn."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What the files of a release hold: its processes, its rules as drawn, and every routing name
    with its type.
    """

    model: Model
    tables: Mapping[str, DrawnTable]
    types: Mapping[str, Type]


def survey(files: Files) -> Survey:
    """Look at a release or a draft without judging it; what cannot be read is left out."""
    model = read_trees(files).model
    tables = {
        table.id: table
        for file, data in files.rules.items()
        for table in read_tables(data, file)[0]
    }
    return Survey(model, tables, declare(files, model).types)


def drawn_in(diagrams: Mapping[str, bytes]) -> dict[str, str]:
    """Process to the file that draws it."""
    return {
        process.id: process.file for process in read_trees(Files(diagrams)).model.processes.values()
    }


def in_language(data: bytes, lang: str, lanes: Mapping[str, str]) -> bytes:
    """A diagram with the names of another language, for viewing only; what has none there keeps its
    own.

    Args:
        lanes: drawn name of a lane to its name in that language.
    Raises:
        BadDiagram: the file cannot be read.
    """
    if lang == FIRST:
        return data
    root = safe_tree(data, "")
    for element in root.iter(f"{BPMN}*"):
        told = properties(element).get(f"name.{lang}") or (
            lanes.get(element.get("name", ""), "") if element.tag == f"{BPMN}lane" else ""
        )
        if told:
            _rename(element, told)
    return canonical(root)


def _rename(element: etree._Element, told: str) -> None:
    """Notes keep their words inside, all else in an attribute."""
    text = element.find(f"{BPMN}text")
    if text is None:
        element.set("name", told)
    else:
        text.text = told
