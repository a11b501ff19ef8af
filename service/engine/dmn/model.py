"""Rules as plain data: the table as the file draws it, and the decision that is asked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from service.engine.feel import Expression, types
from service.engine.feel.types import Type
from service.engine.feel.values import Value

COLLECTS = ("COLLECT", "RULE ORDER")
"""Policies that give a list."""


@dataclass(frozen=True, slots=True)
class DrawnColumn:
    """An input or output as drawn: `text` is the input's expression, `allowed` the text of its list
    of values, `default` of an output's.
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
    """A rule as drawn; `note` is what its author wrote beside it."""

    id: str
    cells: tuple[str, ...]
    results: tuple[str, ...]
    note: str
    line: int


@dataclass(frozen=True, slots=True)
class DrawnTable:
    """A decision as its file draws it."""

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


@dataclass(frozen=True, slots=True)
class Input:
    """What a column asks, the values it may have, and how people call it."""

    label: str
    expression: Expression
    type: Type
    allowed: Expression | None
    whole: bool
    """Whole numbers only; the search for gaps looks between them for nothing."""


@dataclass(frozen=True, slots=True)
class Output:
    """What a column gives.

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
    """A rule: tests by column (None fits anything) and what it gives."""

    number: int
    id: str
    tests: tuple[Expression | None, ...]
    results: tuple[Expression, ...]
    note: str


@dataclass(frozen=True, slots=True)
class Decision:
    """A decision table, ready to be asked.

    `reads` are the variables of this decision and of all that it requires; `result_type` is what it
    gives, so that conditions can be checked.
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

    @property
    def result_type(self) -> Type:
        """One output: its type.

        Several: a context with a field for each. A list when the policy collects.
        """
        one = (
            self.outputs[0].type
            if len(self.outputs) == 1
            else Type("context", fields={output.name: output.type for output in self.outputs})
        )
        if self.aggregation:
            return one if self.aggregation in ("MIN", "MAX") else types.NUMBER
        return Type("list", one.values, one.fields) if self.policy in COLLECTS else one
