"""Operands of FEEL, compiled: constants, names, paths and calls of functions; with checks of their
types, and what is collected about the whole text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Final
from unicodedata import normalize

from lark import Token, Tree

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.closures import now_of, short, today, variable
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import CompiledNode, Evaluation
from service.engine.feel.functions import CLOCKS, ELSEWHERE, FUNCTIONS, NAMES, Function, call
from service.engine.feel.functions.function import WrongValue
from service.engine.feel.functions.patterns import FLAGS, RUNS, compiled, fits_nothing
from service.engine.feel.functions.patterns import cost as cost_of
from service.engine.feel.grammar import nearest
from service.engine.feel.literals import moment
from service.engine.feel.types import Type
from service.engine.feel.values import NUMBERS, Value, kind_of, part

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)
_LITERALS: Final = frozenset({"date", "time", "date and time", "duration"})
"""Functions that are evaluated when they are compiled, if what they take is constant."""


@dataclass(slots=True)
class Operands:
    """Compiles operands, checks types, and collects what an expression reads, with its warnings.

    `Compiler` adds the operators.
    """

    names: Mapping[str, Type]
    text: str
    offset: int
    subject: CompiledNode | None = None
    """What `?` stands for, inside a rule cell or behind `in`."""
    reads: set[str] = field(default_factory=set)
    warnings: list[FeelError] = field(default_factory=list)
    constants: list[Value] = field(default_factory=list)
    clock: bool = False
    """Whether the answer depends on the time of the call."""
    places: int = 0
    """How many lists are open inside each other; each has its place in `Evaluation.items`."""
    local: dict[str, list[tuple[int, Type]]] = field(default_factory=dict)
    filters: list[tuple[int, Type]] = field(default_factory=list)
    """The filters around, outermost first: the place of the item, and its type."""
    inner: int = 0
    nodes: int = 0
    depth: int = 0
    asked: bool = False

    def piece(self, node: Tree[Token]) -> CompiledNode:
        """Compile any node; `Compiler` implements it."""
        raise NotImplementedError

    # ---- what is collected, and what is checked

    def at(self, node: Tree[Token]) -> int:
        return self.offset + int(getattr(node.meta, "start_pos", 0))

    def text_of(self, node: Tree[Token]) -> str:
        return self.text[node.meta.start_pos : node.meta.end_pos]

    def count(self, node: Tree[Token]) -> None:
        self.nodes += 1
        if self.nodes > limits.FEEL_NODES:
            raise FeelError("D906", self.at(node), "nodes", most=limits.FEEL_NODES)

    def logical(self, word: str, value: CompiledNode) -> None:
        if value.type.kind not in ("boolean", *types.OPEN_KINDS):
            raise FeelError("D905", value.position, "logic", word=word, left=value.type.kind)

    def comparable(self, sign: str, left: CompiledNode, right: CompiledNode) -> None:
        """Check that two operands can be compared.

        Raises:
            FeelError: D905, the comparison can never be true.
        """
        if sign in ("=", "!="):
            if not types.may_equal(left.type, right.type):
                raise FeelError(
                    "D905", right.position, "compare", left=left.type.kind, right=right.type.kind
                )
            self.allowed(sign, left, right)
        elif not types.may_order(left.type, right.type):
            alike = left.type.kind == right.type.kind
            raise FeelError(
                "D905",
                right.position,
                "order" if alike else "compare",
                left=left.type.kind,
                right=right.type.kind,
            )

    def allowed(self, sign: str, left: CompiledNode, right: CompiledNode) -> None:
        lefts = set(left.type.values)
        rights = set(right.type.values)
        if not lefts or not rights or lefts & rights or left.type.kind != right.type.kind:
            return
        right_is_text = right.constant is not None or not right.name
        known, other = (left, right) if right_is_text else (right, left)
        facts = {
            "found": " or ".join(other.type.values),
            "name": known.name,
            "always": sign == "!=",
            "near": nearest(other.type.values[0], known.type.values),
        }
        self.warnings.append(FeelError("D908", other.position, "value", **facts))

    # ---- constants, names, paths

    def number(self, node: Tree[Token]) -> CompiledNode:
        return self.constant_of(node, NUMBERS.create_decimal(str(node.children[0])))

    def constant_of(self, node: Tree[Token], value: Value) -> CompiledNode:
        self.constants.append(value)
        kind = Type(kind_of(value), (value,) if type(value) is str else ())
        return CompiledNode(lambda _now: value, kind, self.at(node), constant=value)

    def quoted(self, node: Tree[Token]) -> CompiledNode:
        return self.constant_of(node, self.unescaped(node))

    def unescaped(self, node: Tree[Token]) -> str:
        """The text that stands quoted in front of a node."""
        return _ESCAPE.sub(lambda match: self._character(node, match), str(node.children[0])[1:-1])

    def _character(self, node: Tree[Token], match: re.Match[str]) -> str:
        character = chr(int(match[1], 16)) if match[1] else _ESCAPES.get(match[2], "")
        half = "\ud800" <= character <= "\udfff"  # no file and no database could keep it
        if half or not character:
            raise FeelError("D901", self.at(node) + 1 + match.start(), "escape", found=match[0])
        return character

    def literal(self, node: Tree[Token]) -> CompiledNode:
        value = moment(str(node.children[0])[2:-1])
        if value is None:
            raise FeelError("D901", self.at(node), "literal", found=str(node.children[0]))
        return self.constant_of(node, value)

    def truth(self, node: Tree[Token]) -> CompiledNode:
        value = {"true": True, "false": False, "null": None}[str(node.data)]
        return CompiledNode(
            lambda _now: value,
            types.NULL if value is None else types.BOOLEAN,
            self.at(node),
            constant=value,
        )

    def subject_of(self, node: Tree[Token]) -> CompiledNode:
        if self.subject is None:
            raise FeelError("D901", self.at(node), "question")
        self.asked = True
        return CompiledNode(
            lambda now: now.tested, self.subject.type, self.at(node), name=self.subject.name or "?"
        )

    def spelled(self, token: Tree[Token] | Token) -> str:
        """A name as it is compared: letters with their marks in one character."""
        return normalize("NFC", str(token))

    def variable(self, node: Tree[Token], name: str) -> CompiledNode:
        """A variable of the process."""
        if name not in self.names:
            parts = (key for _, kind in self.filters for key in kind.fields)
            near = nearest(name, (*self.names, *self.local, *parts))
            raise FeelError("D902", self.at(node), "name", name=name, near=near)
        self.reads.add(name)
        return CompiledNode(variable(name), self.names[name], self.at(node), name=name)

    def path(self, node: Tree[Token]) -> CompiledNode:
        owner = self.piece(trees(node)[0])
        name = self.spelled(node.children[1])
        code = owner.run

        def run(now: Evaluation) -> Value:
            return part(now.visit(code(now)), name)

        return CompiledNode(run, self._part(owner, name), self.at(node), name=self.text_of(node))

    def _part(self, owner: CompiledNode, name: str) -> Type:
        kind = types.item(owner.type)
        if kind.kind == "context" and kind.fields:
            if name not in kind.fields:
                raise FeelError(
                    "D902",
                    owner.position,
                    "field",
                    owner=owner.name,
                    name=name,
                    near=nearest(name, kind.fields),
                    parts=", ".join(kind.fields),
                )
            part_type = kind.fields[name]
        elif kind.kind in ("context", *types.OPEN_KINDS):
            part_type = types.ANY
        elif kind.kind in types.PARTS.get(name, ()):
            part_type = types.NUMBER
        else:
            raise FeelError("D905", owner.position, "part", left=kind.kind, name=name)
        return types.list_of(part_type) if owner.type.kind == "list" else part_type

    # ---- calls

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


def trees(node: Tree[Token]) -> list[Tree[Token]]:
    """The children of a node that are nodes themselves."""
    return [child for child in node.children if isinstance(child, Tree)]
