"""Compile the smallest parts of an expression: numbers, texts, times, names, and paths."""

from __future__ import annotations

import re
from typing import Final
from unicodedata import normalize

from lark import Token, Tree

from service.engine.feel import types
from service.engine.feel.closures import variable
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import CompiledNode, Evaluation
from service.engine.feel.grammar import nearest
from service.engine.feel.literals import moment
from service.engine.feel.type_checks import Checks, trees
from service.engine.feel.types import Type
from service.engine.feel.values import NUMBERS, Value, kind_of, part

_ESCAPES: Final = {"n": "\n", "t": "\t", "r": "\r", '"': '"', "\\": "\\"}
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|(.))", re.DOTALL)


class Terms(Checks):
    """Compiles nodes without an operator."""

    def piece(self, node: Tree[Token]) -> CompiledNode:
        """Compile any node; `Compiler` implements it."""
        raise NotImplementedError

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
