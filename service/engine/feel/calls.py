"""Compile function calls: check the number and kinds of arguments, and derive the type."""

from __future__ import annotations

from functools import reduce
from typing import Final

from lark import Token, Tree

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.closures import now_of, short, today
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import CompiledNode, Evaluation
from service.engine.feel.functions import CLOCKS, ELSEWHERE, FUNCTIONS, NAMES, Function, call
from service.engine.feel.functions.function import WrongValue
from service.engine.feel.functions.patterns import FLAGS, RUNS, compiled, fits_nothing
from service.engine.feel.functions.patterns import cost as cost_of
from service.engine.feel.grammar import nearest
from service.engine.feel.terms import Terms
from service.engine.feel.type_checks import trees
from service.engine.feel.types import Type
from service.engine.feel.values import Value

_LITERALS: Final = frozenset({"date", "time", "date and time", "duration"})
"""Functions that are evaluated when they are compiled, if what they take is constant."""


class Calls(Terms):
    """Compiles calls of the built-in functions, and of `today()` and `now()`."""

    def call(self, node: Tree[Token]) -> CompiledNode:
        name = " ".join(str(node.children[0]).split())
        arguments = [self.piece(child) for child in trees(node)]
        if name in CLOCKS:
            self._check_count(node, name, arguments, 0, 0)
            self.clock = True
            return CompiledNode(today if name == "today" else now_of, CLOCKS[name], self.at(node))
        function = self._function(node, name)
        self._check_count(node, name, arguments, function.least, function.most)
        for place, value in enumerate(arguments):
            takes = function.takes[min(place, len(function.takes) - 1)]
            if takes and value.type.kind not in takes | types.OPEN_KINDS:
                raise FeelError(
                    "D905",
                    value.position,
                    "argument",
                    name=name,
                    left=value.type.kind,
                    takes=tuple(kind for kind in types.WORDS if kind in takes),
                )
        return self._called(node, name, function, arguments)

    def _function(self, node: Tree[Token], name: str) -> Function:
        if name in FUNCTIONS:
            return FUNCTIONS[name]
        if name in ELSEWHERE:
            raise FeelError("D904", self.at(node), "refused", found=name, instead=ELSEWHERE[name])
        raise FeelError("D903", self.at(node), "function", name=name, near=nearest(name, NAMES))

    def _check_count(
        self, node: Tree[Token], name: str, arguments: list[CompiledNode], least: int, most: int
    ) -> None:
        two_parts = name in ("date", "time") and len(arguments) == 2  # noqa: PLR2004 - they take 1 or 3
        if two_parts or not least <= len(arguments) <= most:
            raise FeelError(
                "D901",
                self.at(node),
                "arguments",
                name=name,
                wanted=str(least) if least == most else f"{least}–{most}",
                count=len(arguments),
            )

    def _called(
        self, node: Tree[Token], name: str, function: Function, arguments: list[CompiledNode]
    ) -> CompiledNode:
        if name in RUNS:
            return self._patterned(node, name, function, arguments)
        if name in _LITERALS and all(value.constant is not None for value in arguments):
            value = call(function, [value.constant for value in arguments])
            if value is None:
                raise FeelError("D901", self.at(node), "literal", found=self.text_of(node))
            return self.constant_of(node, value)
        codes, cost = tuple(value.run for value in arguments), function.cost

        def run(now: Evaluation) -> Value:
            now.spend()
            values = [now.visit(code(now)) for code in codes]
            if cost is not None:
                now.spend(cost(values))
            return short(now, call(function, values))

        return CompiledNode(
            run, self._type_of(name, function, arguments), self.at(node), name=self.text_of(node)
        )

    def _type_of(self, name: str, function: Function, arguments: list[CompiledNode]) -> Type:
        kinds = [value.type for value in arguments]
        match name:
            case "min" | "max" if len(kinds) == 1:
                return types.item(kinds[0])
            case "min" | "max" | "abs" | "get or else":
                return reduce(types.join, kinds)
            case "sublist" | "reverse" | "distinct values":
                return kinds[0]
            case "append":
                return types.list_of(reduce(types.join, kinds[1:], types.item(kinds[0])))
            case "concatenate" | "union":
                return types.list_of(reduce(types.join, map(types.item, kinds)))
        return function.gives

    # ---- patterns

    def _patterned(
        self, node: Tree[Token], name: str, function: Function, arguments: list[CompiledNode]
    ) -> CompiledNode:
        """A call of `matches`, `replace` or `split`: its pattern is compiled here, once."""
        at = function.least
        pattern = self._pattern(name, arguments[1], arguments[at] if len(arguments) > at else None)
        text, more = arguments[0].run, [value.run for value in arguments[2:at]]
        work = RUNS[name]

        def run(now: Evaluation) -> Value:
            value = text(now)
            others = [code(now) for code in more]
            if type(value) is not str:
                return None
            now.spend(cost_of(value))
            try:
                return short(now, work(pattern, now.spend, value, *others))
            except WrongValue:
                return None

        return CompiledNode(run, function.gives, self.at(node), name=self.text_of(node))

    def _pattern(self, name: str, given: CompiledNode, flags: CompiledNode | None) -> object:
        """The pattern, compiled.

        Raises:
            FeelError: D901 no pattern, D904 not a text that stands in the expression, D906 too
                long.
        """
        letters = "" if flags is None else flags.constant
        for value, node in ((given.constant, given), (letters, flags or given)):
            if not isinstance(value, str):
                raise FeelError("D904", node.position, "pattern constant", name=name)
        if len(given.constant) > limits.FEEL_PATTERN:
            raise FeelError("D906", given.position, "pattern length", most=limits.FEEL_PATTERN)
        if flags is not None and not set(letters) <= FLAGS:
            raise FeelError("D901", flags.position, "flags", found=letters)
        pattern = compiled(given.constant, "".join(sorted(set(letters))))
        if pattern is None:
            raise FeelError("D901", given.position, "pattern", found=given.constant)
        if name != "matches" and fits_nothing(pattern):
            raise FeelError(
                "D901", given.position, "pattern empty", found=given.constant, name=name
            )
        return pattern
