"""Decision tables as data: the table as its file draws it, and the compiled decision."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.engine.dmn.coercion import fitted
from service.engine.feel import Expression, types
from service.engine.feel.types import Type
from service.engine.feel.values import Value

COLLECTS = ("COLLECT", "RULE ORDER")
"""Policies that give a list."""


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    """An input or output as drawn.

    `text` is the expression of an input, `allowed` the text of the list of values, `default` the
    default of an output.
    """

    label: str
    name: str
    text: str
    kind: str
    """`typeRef` as written; empty when it is not given."""
    allowed: str
    default: str
    line: int


@dataclass(frozen=True, slots=True)
class DrawnRow:
    """A row as drawn; `note` is its annotation."""

    id: str
    cells: tuple[str, ...]
    results: tuple[str, ...]
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A decision table as its file draws it."""

    file: str
    id: str
    name: str
    line: int
    policy: str
    aggregation: str
    inputs: tuple[DrawnColumn, ...]
    outputs: tuple[DrawnColumn, ...]
    rows: tuple[DrawnRow, ...]
    requires: tuple[str, ...]
    kinds: Mapping[str, Type] = field(default_factory=dict)
    """Types that the file itself names."""
    gives: str = ""
    """`typeRef` of the decision's variable: what its result is declared to be; empty when it is not
    given."""

    @property
    def title(self) -> str:
        """How a sentence names it."""
        return self.name or self.id


@dataclass(frozen=True, slots=True)
class Input:
    """A compiled input column: expression, type and allowed values."""

    label: str
    expression: Expression
    type: Type
    allowed: Expression | None
    whole: bool
    """Whole numbers only; the search for gaps looks between them for nothing."""


@dataclass(frozen=True, slots=True)
class Output:
    """A compiled output column.

    `order` holds its allowed values as drawn, which is also their priority.
    """

    label: str
    name: str
    type: Type
    allowed: Expression | None
    order: tuple[Value, ...]
    default: Expression | None


@dataclass(frozen=True, slots=True)
class Rule:
    """A compiled row: tests by column (None fits anything) and results."""

    number: int
    id: str
    tests: tuple[Expression | None, ...]
    results: tuple[Expression, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A compiled decision table.

    `reads` are the variables of this decision and of all that it requires; `result_type` is the
    type of its result, so that conditions can be checked.
    """

    id: str
    name: str
    file: str
    policy: str
    aggregation: str
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    rows: tuple[Rule, ...]
    requires: tuple[str, ...]
    reads: frozenset[str]
    declared: Type = types.ANY
    """The declared type of the result, to which it is converted."""

    @property
    def title(self) -> str:
        """How a sentence names it."""
        return self.name or self.id

    @property
    def result_type(self) -> Type:
        """The type of the result, after it was converted to the declared type."""
        return fitted(self.drawn_type, self.declared)

    @property
    def drawn_type(self) -> Type:
        """The type of what the table gives.

        One output: its type. Several: a context with a field for each. A list when the policy
        collects.
        """
        if len(self.outputs) == 1:
            row_type = self.outputs[0].type
        else:
            row_type = Type("context", fields={out.name: out.type for out in self.outputs})
        if self.aggregation:
            return row_type if self.aggregation in ("MIN", "MAX") else types.NUMBER
        if self.policy in COLLECTS:
            return types.list_of(row_type)
        return row_type
