"""One evaluation of an expression, and what a compiled node is."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypeAlias

from service.engine import limits
from service.engine.feel.errors import FuelSpent
from service.engine.feel.types import Type
from service.engine.feel.values import Value


class Evaluation:
    """One evaluation: the values, its time, the items that are being visited, and the work that is
    left.
    """

    __slots__ = ("fuel", "items", "now", "tested", "values", "zone")

    def __init__(
        self,
        values: Mapping[str, Value],
        items: int,
        tested: Value,
        now: datetime | None,
        zone: tzinfo,
    ) -> None:
        self.values = values
        self.items: list[Value] = [None] * items
        self.tested = tested
        self.now = now
        self.zone = zone
        self.fuel = limits.FEEL_FUEL

    def spend(self, work: int = 1) -> None:
        """Count work.

        Raises:
            FuelSpent: there was too much.
        """
        self.fuel -= work
        if self.fuel < 0:
            raise FuelSpent

    def visit(self, value: Value) -> Value:
        """Count the items of a list, and of lists in it, before somebody walks through them."""
        if type(value) is list:
            if len(value) > limits.FEEL_LIST:
                raise FuelSpent
            self.spend(len(value))
            for item in value:
                if type(item) is list:
                    self.visit(item)
        return value


class Fuel:
    """Work that several evaluations share."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, work: int) -> None:
        """Take what one evaluation used.

        Raises:
            FuelSpent: together they used too much.
        """
        self.left -= work
        if self.left < 0:
            raise FuelSpent


Code: TypeAlias = Callable[[Evaluation], Value]
Test: TypeAlias = Callable[[Evaluation, Value], Value]


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """A compiled node: what it does, what kinds can come out, where it stands, and how a sentence
    names it.

    `constant` holds the value of a number, text or literal, so that ends and allowed values can be
    judged when the text is read.
    """

    run: Code
    type: Type
    position: int
    name: str = ""
    constant: Value = None
