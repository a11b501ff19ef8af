"""The state of one evaluation, its limit of work, and the compiled node."""

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
    """The state of one evaluation: variables, time, current list items, remaining work."""

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
        """Count the items of a list or context, and what is in them, before a loop over them.

        What an evaluation makes out of others is counted too, so nothing that it makes is larger
        than the work that it may do.
        """
        kind = type(value)
        if kind is list or kind is dict:
            if len(value) > limits.FEEL_LIST:
                raise FuelSpent
            self.spend(len(value))
            for item in value if kind is list else value.values():
                inner = type(item)
                if inner is list or inner is dict:
                    self.visit(item)
        return value


class Fuel:
    """A limit of work that several evaluations share."""

    __slots__ = ("left",)

    def __init__(self, left: int) -> None:
        self.left = left

    def spend(self, work: int) -> None:
        """Take the work of one evaluation from the fuel that several share.

        Raises:
            FuelSpent: together the evaluations used too much.
        """
        self.left -= work
        if self.left < 0:
            raise FuelSpent


Code: TypeAlias = Callable[[Evaluation], Value]
Test: TypeAlias = Callable[[Evaluation, Value], Value]


@dataclass(frozen=True, slots=True)
class CompiledNode:
    """A compiled node: its closure, type, position in the text, and name for sentences.

    `constant` holds the value of a number, text or literal, so that ends of ranges and allowed
    values can be checked when the text is compiled.
    """

    run: Code
    type: Type
    position: int
    name: str = ""
    constant: Value = None
