"""What the compiler collects about a text, and type checks of two operands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from lark import Token, Tree

from service.engine import limits
from service.engine.feel import types
from service.engine.feel.errors import FeelError
from service.engine.feel.evaluation import CompiledNode
from service.engine.feel.grammar import nearest
from service.engine.feel.types import Type
from service.engine.feel.values import Value


@dataclass(slots=True)
class Checks:
    """Collects what an expression reads, and warnings about comparisons."""

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


def trees(node: Tree[Token]) -> list[Tree[Token]]:
    """The children of a node that are nodes themselves."""
    return [child for child in node.children if isinstance(child, Tree)]
