"""Compile the unary tests of FEEL: the cells of a rule table, and what follows `in`."""

from __future__ import annotations

from dataclasses import replace

from lark import Token, Tree

from service.engine.feel import types
from service.engine.feel.calls import Calls
from service.engine.feel.closures import of_subject
from service.engine.feel.evaluation import CompiledNode, Evaluation, Test
from service.engine.feel.type_checks import trees
from service.engine.feel.values import COMPARE, Value, either, equal, member, negate


class UnaryTests(Calls):
    """Compiles tests of a subject, which is the value of `?`."""

    def tests(self, nodes: list[Tree[Token]], subject: CompiledNode) -> Test:
        """Compile tests of a subject: one of them must pass."""
        tests = [self.test(node, subject) for node in nodes]
        if len(tests) == 1:
            return tests[0]

        def run(now: Evaluation, value: Value) -> Value:
            answer: bool | None = False
            for test in tests:
                answer = either(answer, test(now, value))
                if answer is True:
                    break
            return answer

        return run

    def test(self, node: Tree[Token], subject: CompiledNode) -> Test:
        """Compile one test: `-`, `< 3`, `not( )`, tests in brackets, a condition on `?`, a range,
        or a value.
        """
        match node.data:
            case "anything":
                self.count(node)
                return lambda _now, _value: True
            case "half":
                self.count(node)
                return self._half(node, subject)
            case "negate":
                self.count(node)
                inner = self.tests(trees(node), subject)
                return lambda now, value: negate(inner(now, value))
            case "bracket":
                self.count(node)
                return self.tests(trees(node), subject)
            case _:
                return self._like(node, subject)

    def _half(self, node: Tree[Token], subject: CompiledNode) -> Test:
        sign = str(node.children[0])
        end = self.piece(trees(node)[0])
        self.comparable(sign, subject, end)
        compare, code = COMPARE[sign], end.run
        return lambda now, value: compare(value, code(now))

    def _like(self, node: Tree[Token], subject: CompiledNode) -> Test:
        outer, asked, self.subject, self.asked = self.subject, self.asked, subject, False
        wanted = self.piece(node)
        asks, self.subject, self.asked = self.asked, outer, asked
        code = wanted.run
        if asks:
            self.logical("?", wanted)
            return lambda now, value: of_subject(code, now, value)
        if wanted.type.kind in ("range", "list"):
            self._fits(wanted, subject)
            return lambda now, value: member(value, now.visit(code(now)))
        self.comparable("=", subject, wanted)
        if wanted.type.kind == "any":
            return lambda now, value: member(now.visit(value), now.visit(code(now)))
        return lambda now, value: equal(value, code(now))

    def _fits(self, wanted: CompiledNode, subject: CompiledNode) -> None:
        kind = wanted.type
        if kind.kind == "list" and subject.type.kind != "list" and kind.values:
            self.comparable("=", subject, replace(wanted, type=types.item(kind), name=""))
        elif kind.kind == "range" and kind.fields:
            end = CompiledNode(wanted.run, kind.fields["end"], wanted.position)
            self.comparable("<", subject, end)
