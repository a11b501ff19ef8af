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
            (
                *(self.truth, self.truth, self.number, self.text, self.date, self.span),
                *(self.list, self.more, self.more),
            )
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

    # ---- contexts, loops, patterns and times of day

    def more(self, deep: int) -> Part:
        """A text that uses what a comparison rarely needs."""
        ways = (self.loop, self.parts, self.listing, self.wording, self.pattern, self.clock)
        return self.dice.choice(ways)(max(deep - 1, 1))

    def loop(self, deep: int) -> Part:
        way = self.dice.randrange(4)
        if way == 0:
            low, high = self.leaf("1", "a", "3", "-1"), self.leaf("2", "a", "1")
            return Part(f"for i in {low}..{high} return i * 2", "count", (low, high), closed=False)
        one, other = self.list(deep - 1), self.list(0)
        if way == 1:
            return Part(f"for x in {one} return x", "for", (one,), closed=False)
        if way == 2:
            text = f"for x in {one}, y in {other} return [x, y]"
            return Part(text, "for for", (one, other), closed=False)
        sign = self.dice.choice(("=", "!=", "<", ">"))
        text = (
            f"{self.dice.choice(('some', 'every'))} x in {one}, y in {other} satisfies x {sign} y"
        )
        return Part(text, "quantified", (one, other), closed=False)

    def parts(self, deep: int) -> Part:
        one, other = self.number(deep - 1), self.text(deep - 1)
        made = Part(f'{{x: {one}, "y z": {other}}}', "context", (one, other))
        way = self.dice.randrange(4)
        if way == 0:
            return Part(f"{made}.x", "part", (made,))
        if way == 1:
            return Part(f'get value({made}, "y z")', "get value", (made,))
        if way == 2:
            bound = self.leaf("1", "a", "none")
            return Part(f"[{made}, {{x: 2}}][x > {bound}]", "filter by part", (made, bound))
        return made

    def listing(self, deep: int) -> Part:
        one, other = self.list(deep - 1), self.list(0)
        item = self.leaf("1", "2", "a", "none", '"b"')
        name = self.dice.choice(
            (
                *("concatenate", "append", "union", "distinct values", "flatten", "reverse"),
                *("is empty", "index of", "sublist", "is defined", "get or else", "count"),
            )
        )
        match name:
            case "concatenate" | "union":
                return self.call(name, one, other)
            case "append" | "index of":
                return self.call(name, one, item)
            case "sublist":
                return self.call(name, one, self.leaf("1", "2", "-1", "0"), self.leaf("1", "2"))
            case "get or else":
                return self.call(name, item, one)
            case "flatten":
                return Part(f"flatten([{one}, {item}, {other}])", name, (one, item, other))
        return self.call(name, one)

    def wording(self, deep: int) -> Part:
        one, other = self.text(deep - 1), self.leaf("s", '"b"', "empty", "none", '"c"')
        way = self.dice.randrange(4)
        if way == 0:
            start, length = self.leaf("1", "2", "-2", "0", "9"), self.leaf("1", "2", "9", "0")
            return self.call("substring", one, start, length)
        if way == 1:
            return self.call(self.dice.choice(("substring before", "substring after")), one, other)
        listed = self.leaf("texts", "none", '["a", null, "b"]', "[]")
        return self.call("string join", listed, *([other] if way == 2 else []))

    def pattern(self, deep: int) -> Part:
        text = self.text(deep - 1)
        shape = self.leaf('"b"', '"[ab]+"', '"^a.c$"', '"B"', '"(a)(b)"', r'"\\w"', '"å|ö"')
        flags = [self.leaf('"i"', '""')] if self.dice.random() < 0.3 else []
        way = self.dice.randrange(3)
        if way == 0:
            return self.call("matches", text, shape, *flags)
        if way == 1:
            return self.call("split", text, shape)
        return self.call("replace", text, shape, self.leaf('"x"', '""', '"[$1]"'), *flags)

    def clock(self, _deep: int) -> Part:
        at = self.leaf('@"09:30:00"', 'time("10:00:00")', "time(23, 59, 30)", 'time("08:00:00Z")')
        other = self.leaf('@"09:30:00"', 'time("22:15:00")', "none")
        way = self.dice.randrange(5)
        if way == 0:
            return self.binary(at, self.dice.choice(("<", ">=", "=", "!=")), other)
        if way == 1:
            return self.path(at, "hour", "minute", "second")
        if way == 2:
            return self.binary(at, self.dice.choice("+-"), self.leaf('@"PT1H"', '@"PT30M"'))
        if way == 3:
            return self.call("date and time", self.leaf("day", "none"), at)
        return self.binary(at, "-", other)

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
