"""Compile function calls: check the number and kinds of arguments, and derive the type."""

from __future__ import annotations

from lark import Token, Tree

from service.engine.feel import types
from service.engine.feel.closures import now_of, short, today
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import CompiledNode, Evaluation
from service.engine.feel.functions import CLOCKS, ELSEWHERE, FUNCTIONS, NAMES, Function, call
from service.engine.feel.terms import Terms
from service.engine.feel.type_checks import nearest, trees
from service.engine.feel.types import Type
from service.engine.feel.values import Value


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
        two_parts_of_a_date = name == "date" and len(arguments) == 2  # noqa: PLR2004 - it takes 1 or 3
        if two_parts_of_a_date or not least <= len(arguments) <= most:
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
        if name in ("date", "date and time", "duration") and all(
            value.constant is not None for value in arguments
        ):
            value = call(function, [value.constant for value in arguments])
            if value is None:
                raise FeelError("D901", self.at(node), "literal", found=self.text_of(node))
            return self.constant_of(node, value)
        codes = tuple(value.run for value in arguments)

        def run(now: Evaluation) -> Value:
            now.spend()
            return short(call(function, [now.visit(code(now)) for code in codes]))

        return CompiledNode(
            run, self._type_of(name, function, arguments), self.at(node), name=self.text_of(node)
        )

    def _type_of(self, name: str, function: Function, arguments: list[CompiledNode]) -> Type:
        if name not in ("min", "max", "abs"):
            return function.gives
        kind = types.item(arguments[0].type) if len(arguments) == 1 else arguments[0].type
        for value in arguments[1:]:
            kind = types.join(kind, value.type)
        return kind
