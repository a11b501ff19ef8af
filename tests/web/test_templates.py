"""The templates as files: within the width that a reader sees at once, and each of use to some
page.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from jinja2 import Environment, nodes

WEB = Path(__file__).resolve().parents[2] / "service" / "web"
TEMPLATES = WEB / "templates"
NAMES = sorted(file.relative_to(TEMPLATES).as_posix() for file in TEMPLATES.rglob("*.html"))
WIDTH = 120
CHOSEN = re.compile(r"case/(?:overview|plan|money|tasks|people|documents|letters|history)\.html")
"""Templates whose names the page of a case puts together from the tab that is shown."""


def named_in_python() -> set[str]:
    """Templates that a view or an error handler renders."""
    return {
        name
        for file in WEB.rglob("*.py")
        for name in re.findall(r'"([\w/]+\.html)"', file.read_text("utf-8"))
    }


def named_in(template: str) -> set[str]:
    """Templates that this one extends, includes or imports by a name of its own."""
    tree = Environment(autoescape=True).parse((TEMPLATES / template).read_text("utf-8"))
    kinds = (nodes.Extends, nodes.Include, nodes.Import, nodes.FromImport)
    named = [getattr(node, "template", None) for node in tree.find_all(kinds)]
    return {str(name.value) for name in named if isinstance(name, nodes.Const)}


@pytest.mark.parametrize("template", NAMES)
def test_no_line_of_a_template_is_wider_than_the_limit(template: str) -> None:
    lines = (TEMPLATES / template).read_text("utf-8").splitlines()
    assert [number for number, line in enumerate(lines, 1) if len(line) > WIDTH] == []


def test_every_template_is_used_and_every_name_leads_to_one() -> None:
    reached = {name for name in NAMES if CHOSEN.fullmatch(name)}
    waiting = reached | named_in_python()
    while waiting:
        reached |= waiting
        waiting = {name for template in waiting for name in named_in(template)} - reached
    assert len(reached) > 40
    assert sorted(set(NAMES) ^ reached) == []


def test_a_page_has_a_folder_of_its_own() -> None:
    assert [name for name in NAMES if "/" not in name] == ["base.html"]
