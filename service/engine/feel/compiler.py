"""The compiler of FEEL: turn a syntax tree into closures, and derive the type of each node.

No Python text is ever made, and nothing is looked up by a word of the text but variables, parts and
the functions of one table.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial, reduce
from typing import Final

from lark import Token, Tree

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.arithmetic import calculate
from service.engine.feel.closures import (
    Source,
    copied,
    counted,
    item,
    kept,
    looped,
    made_context,
    of_subject,
    part_of,
    part_or,
    pick,
    picked_or_kept,
    quantified,
    short,
)
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import Code, CompiledNode, Evaluation, Test
from service.engine.feel.terms import Operands, trees
from service.engine.feel.types import Type
from service.engine.feel.values import (
    COMPARE,
    NUMBERS,
    Range,
    Value,
    both,
    either,
    equal,
    less,
    member,
    negate,
    within,
)

PARTIAL: Final = "partial"
"""Inside `for`, the results so far."""

_NESTED: Final = frozenset(
    {"bracket", "call", "choice", "context", "filter", "list", "loop", "negate", "open_range"}
    | {"quantified", "range"}
)


class Compiler(Operands):
    """Compiles one syntax tree; each method of `_PIECES` compiles the nodes of its name."""

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

    # ---- tests of a subject, which is the value of `?`

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

    # ---- names of items of lists and of parts of contexts

    def name(self, node: Tree[Token]) -> CompiledNode:
        """A name: of an item, of a part of the item that a filter looks at, or of a variable."""
        return self._named(node, self.spelled(node.children[0]), len(self.filters))

    def _named(self, node: Tree[Token], name: str, around: int) -> CompiledNode:
        """The name as the innermost `around` filters let it be read."""
        local = self.local.get(name)
        for level in reversed(range(around)):
            place, kind = self.filters[level]
            if local and local[-1][0] >= place:
                break
            if kind.kind == "context" and name in kind.fields:
                part = partial(part_of, place=place, name=name)
                return CompiledNode(part, kind.fields[name], self.at(node), name=name)
            if kind.kind in ("context", *types.OPEN_KINDS) and not kind.fields:
                known = local or name in self.names
                outer = self._named(node, name, level).run if known else None
                return CompiledNode(
                    part_or(place, name, outer), types.ANY, self.at(node), name=name
                )
        if local:
            place, kind = local[-1]
            read = partial(copied, place=place) if name == PARTIAL else item(place)
            return CompiledNode(read, kind, self.at(node), name=name)
        return self.variable(node, name)

    def _open(self, name: str, kind: Type) -> int:
        """Give a name a place of its own until it is closed."""
        place = self.inner
        self.inner += 1
        self.places = max(self.places, self.inner)
        self.local.setdefault(name, []).append((place, kind))
        return place

    def _close(self, names: list[str]) -> None:
        for name in names:
            self.local[name].pop()
            self.inner -= 1

    # ---- loops, filters, contexts

    def quantified(self, node: Tree[Token]) -> CompiledNode:
        word = str(node.children[0])
        *iterators, condition = trees(node)
        sources, names = self._iterators(word, iterators)
        test = self.piece(condition)
        self._close(names)
        self.logical(word, test)
        join = either if word == "some" else both
        run = quantified(sources, test.run, join, until=word == "some")
        return CompiledNode(run, types.BOOLEAN, self.at(node))

    def loop(self, node: Tree[Token]) -> CompiledNode:
        *iterators, result = trees(node)
        sources, names = self._iterators("for", iterators)
        so_far = self._open(PARTIAL, types.LIST)
        body = self.piece(result)
        self._close([*names, PARTIAL])
        run = looped(sources, so_far, body.run)
        return CompiledNode(run, types.list_of(body.type), self.at(node))

    def _iterators(
        self, word: str, iterators: list[Tree[Token]]
    ) -> tuple[tuple[Source, ...], list[str]]:
        """Compile what each name goes through; a later one may read the names before it."""
        sources = list[Source]()
        names = list[str]()
        for iterator in iterators:
            name = self.spelled(iterator.children[0])
            code, kind = self._source(word, iterator)
            sources.append((self._open(name, kind), code))
            names.append(name)
        return tuple(sources), names

    def _source(self, word: str, iterator: Tree[Token]) -> tuple[Code, Type]:
        """The list that an iterator goes through, and the type of its items."""
        ends = [self.piece(child) for child in trees(iterator)]
        if len(ends) > 1:
            for end in ends:
                if end.type.kind not in ("number", *types.OPEN_KINDS):
                    raise FeelError("D905", end.position, "count", left=end.type.kind)
            return counted(ends[0].run, ends[1].run), types.NUMBER
        source = ends[0]
        if source.type.kind not in ("list", *types.OPEN_KINDS):
            raise FeelError("D905", source.position, "items", word=word, left=source.type.kind)
        return source.run, types.item(source.type)

    def filter(self, node: Tree[Token]) -> CompiledNode:
        listed, condition = trees(node)
        source = self.piece(listed)
        kind = types.item(source.type)
        place = self._open("item", kind)
        self.filters.append((place, kind))
        test = self.piece(condition)
        self.filters.pop()
        self._close(["item"])
        if test.type.kind == "number":
            return CompiledNode(pick(source.run, test.run, place), kind, self.at(node))
        self.logical("[ ]", test)
        if test.type.kind == "boolean":
            items = types.list_of(kind)
            return CompiledNode(kept(source.run, test.run, place), items, self.at(node))
        return CompiledNode(picked_or_kept(source.run, test.run, place), types.ANY, self.at(node))

    def context(self, node: Tree[Token]) -> CompiledNode:
        """A context; each entry may read those before it."""
        entries = list[tuple[str, int, Code]]()
        fields = dict[str, Type]()
        for entry in trees(node):
            token = entry.children[0]
            quoted = isinstance(token, Token) and token.type == "TEXT"
            key = self.unescaped(entry) if quoted else self.spelled(token)
            if key in fields:
                raise FeelError("D901", self.at(entry), "twice", found=key)
            value = self.piece(trees(entry)[0])
            fields[key] = value.type
            entries.append((key, self._open(key, value.type), value.run))
        self._close(list(fields))
        kind = Type("context", fields=fields)
        run = made_context(tuple(entries))
        return CompiledNode(run, kind, self.at(node), name=self.text_of(node))


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
