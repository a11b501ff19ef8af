"""FEEL expressions: compile a text once, and evaluate it for many cases.

Conditions, timers, rules and forms are written in FEEL. Nothing is ever evaluated as Python.

grammar, literals                   the syntax tree of a text; dates, times and durations
terms, compiler, closures           the tree compiled: operands, operators, what runs
types, errors                       the type of each node; what is wrong with a text
values, arithmetic, conversion      values of FEEL: compared, calculated, from JSON and back
evaluation                          one evaluation, with the work that is left for it
functions                           the built-in functions

Source: DMN 1.3, chapter 10; the subset stands in docs/reference.md.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime, tzinfo
from typing import Final

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.compiler import Compiler
from service.engine.feel.conversion import bare, plain, typed
from service.engine.feel.errors import FeelError, FuelSpent
from service.engine.feel.evaluation import CompiledNode, Evaluation, Fuel
from service.engine.feel.grammar import tree
from service.engine.feel.terms import trees
from service.engine.feel.types import Type
from service.engine.feel.values import Months, Range, Value

__all__ = [
    "Expression",
    "FeelError",
    "FuelSpent",
    "Months",
    "Range",
    "Type",
    "bare",
    "condition_faults",
    "is_condition",
    "plain",
    "typed",
]

_NOTHING: Final[Mapping[str, Value]] = {}


class Expression:
    """A compiled FEEL text; threads may share it.

    Args:
        text: FEEL, with or without a leading `=`. With `unary` the tests of a rule cell, where `?`
            is the tested value.
        names: the variables it may read, with their types if they are known.
        tested: the type of the tested value, and `about` how a sentence names it.
    Raises:
        FeelError: D901 not FEEL, D902 unknown name, D903 unknown function, D904 FEEL outside our
            subset, D905 kinds that never fit, D906 too long or deep, D913 a range from high to low.
    """

    __slots__ = (
        "_places",
        "_run",
        "_test",
        "clock",
        "constants",
        "reads",
        "text",
        "type",
        "warnings",
    )

    def __init__(
        self,
        text: str,
        names: Mapping[str, Type] | Collection[str],
        *,
        unary: bool = False,
        tested: Type = types.ANY,
        about: str = "?",
    ) -> None:
        body = text.strip().removeprefix("=").strip() if not unary else text.strip()
        offset = text.find(body) if body else len(text)
        known = names if isinstance(names, Mapping) else dict.fromkeys(names, types.ANY)
        compiler = Compiler(known, body, offset)
        root = tree(body, unary=unary, offset=offset)
        self.text: Final = body
        self._test = (
            compiler.tests(
                trees(root), CompiledNode(lambda now: now.tested, tested, offset, name=about)
            )
            if unary
            else None
        )
        value = None if unary else compiler.piece(root)
        if value is not None and value.type.kind == "range":
            raise FeelError("D904", value.position, "range")
        self._run = value.run if value else None
        self._places = compiler.places
        self.type: Final = value.type if value else types.BOOLEAN
        self.reads: Final = frozenset(compiler.reads)
        """The variables it reads."""
        self.clock: Final = compiler.clock
        """Whether it asks for `today()` or `now()`."""
        self.constants: Final = tuple(compiler.constants)
        """The numbers, texts, dates and durations that are written in it."""
        self.warnings: Final = tuple(compiler.warnings)
        """D908: a comparison with a text that is not among the allowed ones."""

    def evaluate(
        self,
        values: Mapping[str, Value],
        *,
        now: datetime | None = None,
        zone: tzinfo = UTC,
        fuel: Fuel | None = None,
    ) -> Value:
        """Evaluate the expression for these variables.

        Args:
            values: FEEL values by name (see `typed`); a name that is missing is null.
            now: aware; what `now()` and `today()` give, in `zone`.
            fuel: the limit of work that this evaluation shares with others.
        Raises:
            FuelSpent: too much work. Data raises nothing; an operation without a result gives None.
        """
        if self._run is None:
            return self.matches(values, None, now=now, zone=zone, fuel=fuel)
        run = Evaluation(values, self._places, None, now, zone)
        answer = self._run(run)
        if fuel is not None:
            fuel.spend(limits.FEEL_FUEL - run.fuel)
        return answer

    def matches(
        self,
        values: Mapping[str, Value],
        tested: Value,
        *,
        now: datetime | None = None,
        zone: tzinfo = UTC,
        fuel: Fuel | None = None,
    ) -> bool:
        """Whether the tested value passes the unary tests; unknown counts as no.

        Raises:
            FuelSpent: too much work.
        """
        run = Evaluation(values, self._places, tested, now, zone)
        answer = self._test(run, tested) if self._test else self._run(run) if self._run else None
        if fuel is not None:
            fuel.spend(limits.FEEL_FUEL - run.fuel)
        return answer is True

    def try_evaluate(self, values: Mapping[str, Value]) -> Value:
        """As `evaluate`, for whoever looks at a diagram or a page: null where it takes too much
        work.
        """
        try:
            return self.evaluate(values)
        except FuelSpent:
            return None

    def try_matches(self, tested: Value) -> bool:
        """As `matches`, for whoever looks at a table: no where it takes too much work."""
        try:
            return self.matches(_NOTHING, tested)
        except FuelSpent:
            return False

    def __repr__(self) -> str:
        return f"Expression({self.text!r})"


def is_condition(expression: Expression) -> bool:
    """Whether the expression can give a boolean."""
    return expression.type.kind in ("boolean", *types.OPEN_KINDS)


def condition_faults(expression: Expression) -> tuple[FeelError, ...]:
    """Faults of an expression that is the condition of a flow.

    D907: it gives no boolean, or takes more work than a turn may. D908: it is the same for every
    case, or compares with a text that is not allowed.
    """
    if not is_condition(expression):
        return (FeelError("D907", 0, "condition", left=expression.type.kind),)
    if not expression.reads and not expression.clock:
        try:
            always = expression.evaluate(_NOTHING) is True
        except FuelSpent:
            return (*expression.warnings, FeelError("D907", 0, "work"))
        return (*expression.warnings, FeelError("D908", 0, "always", always=always))
    return expression.warnings
