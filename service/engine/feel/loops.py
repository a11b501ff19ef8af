"""Compile what opens names of its own: `some`, `every`, `for`, filters and contexts."""

from __future__ import annotations

from functools import partial
from typing import Final

from lark import Token, Tree

from service.engine.feel import types
from service.engine.feel.closures import (
    Source,
    copied,
    counted,
    item,
    kept,
    looped,
    made_context,
    part_of,
    part_or,
    pick,
    picked_or_kept,
    quantified,
)
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import Code, CompiledNode
from service.engine.feel.type_checks import trees
from service.engine.feel.types import Type
from service.engine.feel.unary_tests import UnaryTests
from service.engine.feel.values import both, either

PARTIAL: Final = "partial"
"""Inside `for`, the results so far."""


class Loops(UnaryTests):
    """Compiles nodes in which names stand for items of lists or parts of contexts."""

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

    # ---- loops

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

    # ---- filters and contexts

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
