"""Moves of a case to another definition, and the reasons against them."""

from __future__ import annotations

from service.engine.definition import Definition
from service.engine.migration_checks import check
from service.engine.types import Advance, Move, Start
from tests.engine.walks import Walk, straight


def at_b(**given: int) -> Walk:
    """A case whose task b is open."""
    walk = Walk(straight("a b c"), Start(dict(given)))
    walk.do("a")
    return walk


def moved(walk: Walk, new: Definition, move: Move | None = None) -> Advance:
    """Go on with another definition."""
    walk.definition = new
    return walk.act(move or Move())


def codes(walk: Walk, new: Definition) -> list[tuple[str, str]]:
    return [(p.code, p.element) for p in check(walk.state, new)]
