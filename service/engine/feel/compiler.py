"""The compiler of FEEL: turn a syntax tree into closures, and derive the type of each node.

No Python text is ever made, and nothing is looked up by a word of the text but variables, parts and
the functions of one table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import reduce
from typing import Final

from lark import Token, Tree

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.arithmetic import calculate
from service.engine.feel.closures import short
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import Code, CompiledNode, Evaluation
from service.engine.feel.loops import Loops
from service.engine.feel.type_checks import trees
from service.engine.feel.types import Type
from service.engine.feel.values import (
    COMPARE,
    NUMBERS,
    Range,
    both,
    either,
    less,
    negate,
    within,
)

_NESTED: Final = frozenset(
    {"bracket", "call", "choice", "context", "filter", "list", "loop", "negate", "open_range"}
    | {"quantified", "range"}
)


class Compiler(Loops):
    """Compiles one syntax tree; each method compiles the node of its name."""

    def piece(self, node: Tree[Token]) -> CompiledNode:
        """Compile one node that stands for a value."""
        self.count(node)
        nested = node.data in _NESTED
        self.depth += nested
        if self.depth > limits.FEEL_DEPTH:
            raise FeelError("D906", self.at(node), "depth", most=limits.FEEL_DEPTH)
        compiled = _PIECES[node.data](self, node)
        self.depth -= nested
        return compiled

    # ---- logic and comparison

    def either(self, node: Tree[Token]) -> CompiledNode:
        codes = self._operands(node, "or")

        def run(now: Evaluation) -> bool | None:
            answer: bool | None = False
            for code in codes:
                answer = either(answer, code(now))
                if answer is True:
                    break
            return answer

        return CompiledNode(run, types.BOOLEAN, self.at(node))

    def both(self, node: Tree[Token]) -> CompiledNode:
        codes = self._operands(node, "and")

        def run(now: Evaluation) -> bool | None:
            answer: bool | None = True
            for code in codes:
                answer = both(answer, code(now))
                if answer is False:
                    break
            return answer

        return CompiledNode(run, types.BOOLEAN, self.at(node))

    def _operands(self, node: Tree[Token], word: str) -> tuple[Code, ...]:
        pieces = [self.piece(child) for child in trees(node)]
        for operand in pieces:
            self.logical(word, operand)
        return tuple(operand.run for operand in pieces)

    def negate(self, node: Tree[Token]) -> CompiledNode:
        value = self.single(node)
        self.logical("not", value)
        code = value.run
        return CompiledNode(lambda now: negate(code(now)), types.BOOLEAN, self.at(node))

    def single(self, node: Tree[Token]) -> CompiledNode:
        """Compile the one value between brackets; several tests are allowed only in a test."""
        inner = trees(node)
        if len(inner) > 1:
            raise FeelError("D901", self.at(node), "tests")
        if inner[0].data in ("half", "anything"):
            raise FeelError("D901", self.at(inner[0]), "test")
        return self.piece(inner[0])

    def compare(self, node: Tree[Token]) -> CompiledNode:
        left, right = (self.piece(child) for child in trees(node))
        sign = str(node.children[1])
        self.comparable(sign, left, right)
        compare, one, other = COMPARE[sign], left.run, right.run
        if {left.type.kind, right.type.kind} <= {"any", "context", "list"}:
            return CompiledNode(
                lambda now: compare(now.visit(one(now)), now.visit(other(now))),
                types.BOOLEAN,
                self.at(node),
            )
        if right.constant is not None:
            constant = right.constant
            return CompiledNode(
                lambda now: compare(one(now), constant), types.BOOLEAN, self.at(node)
            )
        return CompiledNode(lambda now: compare(one(now), other(now)), types.BOOLEAN, self.at(node))

    def between(self, node: Tree[Token]) -> CompiledNode:
        value, low, high = (self.piece(child) for child in trees(node))
        self.comparable("<", low, value)
        self.comparable("<", value, high)
        self._upwards(low, high)
        code, least, most = value.run, low.run, high.run
        return CompiledNode(
            lambda now: within(code(now), Range(least(now), True, most(now), True)),
            types.BOOLEAN,
            self.at(node),
        )

    def member(self, node: Tree[Token]) -> CompiledNode:
        left, right = trees(node)
        value = self.piece(left)
        test, code = self.test(right, value), value.run
        return CompiledNode(lambda now: test(now, code(now)), types.BOOLEAN, self.at(node))

    # ---- calculation, choice, lists

    def calculate(self, node: Tree[Token]) -> CompiledNode:
        left, right = (self.piece(child) for child in trees(node))
        sign = str(node.children[1])
        kind = types.calculated(sign, left.type, right.type)
        if kind is None:
            raise FeelError(
                "D905",
                left.position,
                "calculate",
                left=left.type.kind,
                sign=sign,
                right=right.type.kind,
            )
        one, other = left.run, right.run
        return CompiledNode(
            lambda now: short(now, calculate(sign, one(now), other(now))), kind, self.at(node)
        )

    def negative(self, node: Tree[Token]) -> CompiledNode:
        value = self.piece(trees(node)[0])
        kind = types.calculated("*", value.type, types.NUMBER)
        if kind is None:
            raise FeelError(
                "D905", value.position, "calculate", left=value.type.kind, sign="*", right="number"
            )
        if value.constant is not None:
            return self.constant_of(
                node, calculate("*", value.constant, NUMBERS.create_decimal(-1))
            )
        code, minus = value.run, NUMBERS.create_decimal(-1)
        return CompiledNode(lambda now: calculate("*", code(now), minus), kind, self.at(node))

    def choice(self, node: Tree[Token]) -> CompiledNode:
        condition, then, other = (self.piece(child) for child in trees(node))
        self.logical("if", condition)
        asks, yes, no = condition.run, then.run, other.run
        return CompiledNode(
            lambda now: yes(now) if asks(now) is True else no(now),
            types.join(then.type, other.type),
            self.at(node),
        )

    def listing(self, node: Tree[Token]) -> CompiledNode:
        items = [self.piece(child) for child in trees(node)]
        codes = tuple(item.run for item in items)
        kinds = [item.type for item in items]
        inner = reduce(types.join, kinds) if kinds and types.NULL not in kinds else types.ANY
        return CompiledNode(
            lambda now: [now.visit(code(now)) for code in codes],
            types.list_of(inner),
            self.at(node),
        )

    def range(self, node: Tree[Token]) -> CompiledNode:
        low, high = (self.piece(child) for child in trees(node))
        self.comparable("<", low, high)
        self._upwards(low, high)
        low_in, high_in = node.data == "range", isinstance(node.children[-1], Token)
        least, most = low.run, high.run
        end = low.type if low.type.kind not in types.OPEN_KINDS else high.type
        kind = Type("range", fields={"end": Type(end.kind)})
        return CompiledNode(
            lambda now: Range(least(now), low_in, most(now), high_in), kind, self.at(node)
        )

    def _upwards(self, low: CompiledNode, high: CompiledNode) -> None:
        if less(high.constant, low.constant) is True:
            raise FeelError("D913", low.position, "backwards")


_PIECES: Final[Mapping[str, Callable[[Compiler, Tree[Token]], CompiledNode]]] = {
    "either": Compiler.either,
    "both": Compiler.both,
    "compare": Compiler.compare,
    "between": Compiler.between,
    "member": Compiler.member,
    "calculate": Compiler.calculate,
    "negative": Compiler.negative,
    "choice": Compiler.choice,
    "quantified": Compiler.quantified,
    "loop": Compiler.loop,
    "context": Compiler.context,
    "number": Compiler.number,
    "text": Compiler.quoted,
    "literal": Compiler.literal,
    "true": Compiler.truth,
    "false": Compiler.truth,
    "null": Compiler.truth,
    "tested": Compiler.subject_of,
    "name": Compiler.name,
    "call": Compiler.call,
    "negate": Compiler.negate,
    "bracket": Compiler.single,
    "range": Compiler.range,
    "open_range": Compiler.range,
    "list": Compiler.listing,
    "path": Compiler.path,
    "filter": Compiler.filter,
}
