"""Random FEEL texts from the grammar of the subset: each with its parts, so that a difference can
be pinned to the smallest part that has one.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from service.engine.feel.values import Months

VALUES: dict[str, Any] = {
    "a": Decimal(3),
    "b": Decimal("-0.5"),
    "none": None,
    "yes": True,
    "no": False,
    "s": "abc",
    "empty": "",
    "day": date(2026, 1, 31),
    "length": timedelta(days=1, hours=12),
    "numbers": [Decimal(1), Decimal(3), Decimal(2)],
    "texts": ["abc", "b"],
}
"""Eleven variables."""
MONTHS = Months(14)


@dataclass(frozen=True)
class Part:
    """A text, the construct that makes it, and the texts it is made of."""

    text: str
    made_by: str
    parts: tuple[Part, ...] = field(default=())
    closed: bool = True
    """Whether it needs no brackets inside others."""

    def __str__(self) -> str:
        return self.text if self.closed else f"({self.text})"

    def walk(self) -> Iterator[Part]:
        """All parts, inner ones first."""
        for part in self.parts:
            yield from part.walk()
        yield self


class Texts:
    """A random source of texts; the same texts for the same seed."""

    def __init__(self, seed: int) -> None:
        self.dice = random.Random(seed)  # noqa: S311 - a test wants the same texts again

    def any(self, deep: int) -> Part:
        """A text of any kind."""
        return self.dice.choice(
            (self.truth, self.truth, self.number, self.text, self.date, self.span, self.list)
        )(deep)

    # ---- one method a kind

    def number(self, deep: int) -> Part:
        if deep <= 0:
            return self.leaf("a", "b", "none", "0", "2", "1.5", ".5", "10")
        way = self.dice.randrange(9)
        if way < 3:
            return self.infix(self.number, deep, "+", "-", "*", "/")
        if way == 3:
            return self.prefix("-", self.number(deep - 1))
        if way == 4:
            return self.call(self.dice.choice(("abs", "floor", "ceiling")), self.number(deep - 1))
        if way == 5:
            return self.call(
                self.dice.choice(("modulo", "decimal")),
                self.number(deep - 1),
                self.leaf("2", "3", "0"),
            )
        if way == 6:
            return self.call(
                self.dice.choice(("count", "sum", "min", "max", "mean")), self.list(deep - 1)
            )
        if way == 7:
            return self.dice.choice(
                (
                    self.call("string length", self.text(deep - 1)),
                    self.path(self.date(deep - 1), "year", "month", "day", "weekday"),
                )
            )
        return self.choice(self.number, deep)

    def text(self, deep: int) -> Part:
        if deep <= 0:
            return self.leaf("s", "empty", "none", '"b"', '"å"', '"a\\"b"')
        way = self.dice.randrange(4)
        if way == 0:
            return self.infix(self.text, deep, "+")
        if way == 1:
            return self.call(self.dice.choice(("upper case", "lower case")), self.text(deep - 1))
        if way == 2:
            return self.call("day of week", self.date(deep - 1))
        return self.choice(self.text, deep)

    def date(self, deep: int) -> Part:
        if deep <= 0:
            return self.leaf(
                "day", "none", '@"2026-02-28"', 'date("2026-03-01")', "date(2024, 2, 29)"
            )
        if self.dice.random() < 0.6:
            return self.binary(self.date(deep - 1), self.dice.choice("+-"), self.span(deep - 1))
        return self.choice(self.date, deep)

    def span(self, deep: int) -> Part:
        if deep <= 0:
            return self.leaf("length", "none", '@"P1D"', '@"P1M"', 'duration("PT36H")')
        way = self.dice.randrange(4)
        if way == 0:
            return self.binary(self.span(deep - 1), self.dice.choice("+-"), self.span(deep - 1))
        if way == 1:
            return self.binary(self.date(deep - 1), "-", self.date(deep - 1))
        if way == 2:
            return self.call("years and months duration", self.date(deep - 1), self.date(deep - 1))
        return self.binary(self.span(deep - 1), "*", self.number(0))

    def list(self, deep: int) -> Part:
        if deep <= 0:
            return self.leaf("numbers", "texts", "none", "[]")
        way = self.dice.randrange(3)
        if way == 0:
            items = tuple(self.number(deep - 1) for _ in range(self.dice.randrange(1, 4)))
            return Part(f"[{', '.join(item.text for item in items)}]", "list", items)
        if way == 1:
            whole = self.list(deep - 1)
            return Part(f"{whole}[item > {self.leaf('1', 'a', '2')}]", "filter", (whole,))
        return self.choice(self.list, deep)

    def truth(self, deep: int) -> Part:
        if deep <= 0:
            return self.leaf("yes", "no", "none", "true", "false")
        ways: tuple[Callable[[int], Part], ...] = (
            self.compare,
            self.compare,
            self.logic,
            self.between,
            self.member,
            self.some,
            self.asks,
            self.opposite,
        )
        return self.dice.choice(ways)(deep)

    def compare(self, deep: int) -> Part:
        kind = self.dice.choice((self.number, self.number, self.text, self.date, self.span))
        return self.infix(kind, deep, "=", "!=", "<", "<=", ">", ">=")

    def logic(self, deep: int) -> Part:
        return self.infix(self.truth, deep, "and", "or")

    def opposite(self, deep: int) -> Part:
        return self.call("not", self.truth(deep - 1))

    def between(self, deep: int) -> Part:
        parts = tuple(self.number(deep - 1) for _ in range(3))
        return Part(f"{parts[0]} between {parts[1]} and {parts[2]}", "between", parts, closed=False)

    def member(self, deep: int) -> Part:
        value, low, high = self.number(deep - 1), self.number(0), self.number(0)
        if self.dice.random() < 0.5:
            ends = self.dice.choice(("[]", "()", "[)", "(]"))
            return Part(
                f"{value} in {ends[0]}{low}..{high}{ends[1]}",
                "in range",
                (value, low, high),
                closed=False,
            )
        if self.dice.random() < 0.5:
            return Part(f"{value} in ({low}, {high})", "in tests", (value, low, high), closed=False)
        return Part(f"{value} in [{low}, {high}]", "in list", (value, low, high), closed=False)

    def some(self, deep: int) -> Part:
        word, listed = self.dice.choice(("some", "every")), self.list(deep - 1)
        condition = f"x {self.dice.choice(('<', '>', '='))} {self.leaf('2', 'a', 'none')}"
        return Part(f"{word} x in {listed} satisfies {condition}", word, (listed,), closed=False)

    def asks(self, deep: int) -> Part:
        if self.dice.random() < 0.5:
            return self.call(
                self.dice.choice(("contains", "starts with", "ends with")),
                self.text(deep - 1),
                self.text(0),
            )
        return self.call("list contains", self.list(deep - 1), self.number(0))

    # ---- shapes

    def leaf(self, *texts: str) -> Part:
        return Part(self.dice.choice(texts), "leaf")

    def infix(self, kind: Callable[[int], Part], deep: int, *signs: str) -> Part:
        return self.binary(kind(deep - 1), self.dice.choice(signs), kind(deep - 1))

    def binary(self, left: Part, sign: str, right: Part) -> Part:
        return Part(f"{left} {sign} {right}", sign, (left, right), closed=False)

    def prefix(self, sign: str, inner: Part) -> Part:
        return Part(f"{sign}{inner}", "minus", (inner,), closed=False)

    def call(self, name: str, *inner: Part) -> Part:
        return Part(f"{name}({', '.join(part.text for part in inner)})", name, inner)

    def path(self, owner: Part, *names: str) -> Part:
        return Part(f"{owner}.{self.dice.choice(names)}", "path", (owner,))

    def choice(self, kind: Callable[[int], Part], deep: int) -> Part:
        asked, then, other = self.truth(deep - 1), kind(deep - 1), kind(deep - 1)
        return Part(
            f"if {asked} then {then} else {other}", "if", (asked, then, other), closed=False
        )
