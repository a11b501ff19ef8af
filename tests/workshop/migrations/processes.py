"""Small processes between which cases move."""

from __future__ import annotations

from tests.support import diagrams as d
from tests.support import small

TWO = small.one(small.person("a", "ask") + small.person("b"), "s>a a>b b>e")
THREE = small.one(
    small.person("a", "ask") + small.person("c") + small.person("b"), "s>a a>c c>b b>e"
)
WITHOUT_A = small.one(small.person("c") + small.person("b"), "s>c c>b b>e")
DEADLINE = small.person("a", "ask") + d.border("w", "a", d.timer("Duration", "P5D")) + d.end("late")
CALL = d.job("j") + small.person("b")
