"""Moves of a case to another definition, and the reasons against them."""

from __future__ import annotations

from collections.abc import Mapping

from service.engine.definition import Definition
from service.engine.migration.findings import MigrationCheck, Problem
from service.engine.migration_check import check
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


def checked(
    walk: Walk, new: Definition, relocate: Mapping[str, str] | None = None
) -> MigrationCheck:
    """What a move would do now."""
    return check(walk.state, walk.definition, new, relocate, now=walk.now)


def problems(
    walk: Walk, new: Definition, relocate: Mapping[str, str] | None = None
) -> tuple[Problem, ...]:
    """Why a case may not move now."""
    return checked(walk, new, relocate).problems


def codes(walk: Walk, new: Definition) -> list[tuple[str, str]]:
    return [(p.code, p.element) for p in problems(walk, new)]


def notes(walk: Walk, new: Definition) -> list[str]:
    """What a move would change, in English; it must be possible."""
    found = checked(walk, new)
    assert found.problems == ()
    return [note.message for note in found.notes]
