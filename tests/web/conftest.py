"""The former names of `tests.support.world`, for tests that have not moved yet."""

from __future__ import annotations

from tests.support.browser import PASSWORD, Browser
from tests.support.directory import BOARD, HELSINKI
from tests.support.world import NOON, SEED, START, World, shipped, usual

Town = World
bundle = shipped

__all__ = [
    "BOARD",
    "HELSINKI",
    "NOON",
    "PASSWORD",
    "SEED",
    "START",
    "Browser",
    "Town",
    "bundle",
    "usual",
]
