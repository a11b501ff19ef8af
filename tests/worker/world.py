"""Diagrams with a call or a timer, and how a test opens an installation with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from service.records.context import Actor
from tests.support import diagrams as d
from tests.support import small
from tests.support.world import World

DAYS = timedelta(days=20)
OPERATOR = Actor("cli")
CALLS = small.one(d.job("j") + small.person("a"), "s>j j>a a>e")
WAITS = small.one(
    small.person("a") + d.border("b", "a", d.timer("Duration", "P20D")) + small.person("late"),
    "s>a a>e b>late late>e",
)
Opened = Callable[..., World]
