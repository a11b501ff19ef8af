"""Compile a drawn table into a decision: every cell becomes an expression.

What does not fit is reported by row and column.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import reduce
from typing import Final

from service.engine.bpmn.sentences import finding
from service.engine.dmn.coercion import may_fit
from service.engine.dmn.model import (
    Decision,
    DrawnColumn,
    DrawnRow,
    DrawnTable,
    Input,
    Output,
    Rule,
)
from service.engine.dmn.parser import KINDS, WHOLE, texts
from service.engine.feel import Expression, FeelError, types
from service.engine.feel.types import Type
from service.engine.feel.values import Value
from service.errors import Finding

POLICIES: Final = frozenset({"UNIQUE", "ANY", "FIRST", "PRIORITY", "COLLECT", "RULE ORDER"})
AGGREGATIONS: Final = frozenset({"", "SUM", "COUNT", "MIN", "MAX"})
NULL: Final = Expression("null", ())


@dataclass(slots=True)
class TableCompiler:
    """Compiles one table. `names` has the variables and the results of required decisions."""

    table: DrawnTable
    names: Mapping[str, Type]
    findings: list[Finding] = field(default_factory=list)
    _kept: dict[tuple[object, ...], Expression | None] = field(default_factory=dict)
    """Tables say the same thing in many cells; each text of a column is compiled once."""

    def decision(self, required: Mapping[str, Decision]) -> Decision | None:
        """Compile the decision; None when the table has no output, and findings say why."""
        table = self.table
        inputs = tuple(self._input(column) for column in table.inputs)
        outputs = tuple(self._output(column, place) for place, column in enumerate(table.outputs))
        rows = tuple(
            self._row(number, row, inputs, outputs) for number, row in enumerate(table.rows, 1)
        )
        self._policy(outputs)
        if not outputs:
            self._report("R102.empty", {"x": table.title}, table.line)
            return None
        reads = {
            name for expression in _expressions(inputs, outputs, rows) for name in expression.reads
        } - set(table.requires)
        reads.update(
            name for id_ in table.requires if id_ in required for name in required[id_].reads
        )
        decision = Decision(
            table.id,
            table.name,
            table.file,
            table.policy,
            table.aggregation,
            inputs,
            outputs,
            rows,
            table.requires,
            frozenset(reads),
            self._kind(table.gives),
        )
        if not may_fit(decision.drawn_type, decision.declared):
            facts: dict[str, object] = {
                "x": table.title,
                "kind": types.WORDS[decision.drawn_type.kind],
                "wanted": types.WORDS[decision.declared.kind],
            }
            self._report("R201.gives", facts, table.line)
        return decision

    # ---- columns

    def _kind(self, written: str) -> Type:
        return KINDS.get(written) or self.table.kinds.get(written, types.ANY)

    def _input(self, column: DrawnColumn) -> Input:
        expression = self._head(column, column.text) or NULL
        declared = self._kind(column.kind)
        if not types.may_equal(declared, expression.type):
            facts: dict[str, object] = {
                "x": self.table.title,
                "column": column.label,
                "kind": types.WORDS[expression.type.kind],
                "wanted": types.WORDS[declared.kind],
            }
            self._report("R201.asked", facts, column.line)
        kind = expression.type if declared.kind == "any" or expression.type.values else declared
        values = texts(column.allowed)
        allowed = self._allowed(column, kind)
        return Input(
            column.label,
            expression,
            Type("string", values) if values else kind,
            allowed,
            column.kind in WHOLE,
        )

    def _output(self, column: DrawnColumn, place: int) -> Output:
        default = self._head(column, column.default) if column.default else None
        order = self._order(column)
        allowed = self._allowed(column, types.ANY)
        return Output(
            column.label, column.name, self._gives(column, place, default), allowed, order, default
        )

    def _gives(self, column: DrawnColumn, place: int, default: Expression | None) -> Type:
        """The type of an output, with the allowed texts: those listed, else those of the cells."""
        declared = self._kind(column.kind)
        values = texts(column.allowed)
        if values:
            return Type("string", values)
        cells = [
            self._cell(row.results[place]) for row in self.table.rows if place < len(row.results)
        ]
        kinds = [cell.type for cell in (*cells, default) if cell is not None]
        joined = reduce(types.join, kinds) if kinds else types.ANY
        return joined if declared.kind in ("any", joined.kind) else declared

    def _cell(self, text: str) -> Expression | None:
        try:
            return self._read(text or "null", unary=False)
        except FeelError:
            return None  # reported by row and column later

    def _allowed(self, column: DrawnColumn, kind: Type) -> Expression | None:
        if not column.allowed:
            return None
        try:
            return self._read(
                column.allowed, unary=True, tested=Type(kind.kind), about=column.label
            )
        except FeelError as error:
            self._report("R201.head", self._reason(error, column), column.line)
            return None

    def _order(self, column: DrawnColumn) -> tuple[Value, ...]:
        listed = (
            self._head(column, f"[{column.allowed}]")
            if column.allowed and ".." not in column.allowed
            else None
        )
        values = listed.try_evaluate({}) if listed and not listed.reads else None
        return tuple(values) if isinstance(values, list) else ()

    def _head(self, column: DrawnColumn, text: str) -> Expression | None:
        try:
            return self._read(text, unary=False)
        except FeelError as error:
            self._report("R201.head", self._reason(error, column), column.line)
            return None

    # ---- rows

    def _row(
        self, number: int, row: DrawnRow, inputs: tuple[Input, ...], outputs: tuple[Output, ...]
    ) -> Rule:
        for cells, columns in ((row.cells, inputs), (row.results, outputs)):
            if len(cells) != len(columns):
                sizes = {"row": number, "n": len(cells), "columns": len(columns)}
                self._report("R201.count", {"x": self.table.title, **sizes}, row.line)
        tests = tuple(
            self._test(number, row, text, column)
            for text, column in zip(row.cells, inputs, strict=False)
        )
        results = tuple(
            self._result(number, row, text, column)
            for text, column in zip(row.results, outputs, strict=False)
        )
        return Rule(number, row.id, tests, results, row.note)

    def _test(self, number: int, row: DrawnRow, text: str, column: Input) -> Expression | None:
        if text in ("", "-"):
            return None
        try:
            test = self._read(text, unary=True, tested=column.type, about=column.label)
        except FeelError as error:
            self._report("R201", {**self._reason(error, column), "row": number}, row.line)
            return None
        for warning in test.warnings if test else ():
            self._report("R201", {**self._reason(warning, column), "row": number}, row.line)
        return test

    def _result(self, number: int, row: DrawnRow, text: str, column: Output) -> Expression:
        facts: dict[str, object] = {"x": self.table.title, "row": number, "column": column.label}
        try:
            result = self._read(text or "null", unary=False) or NULL
        except FeelError as error:
            self._report("R201", {**self._reason(error, column), "row": number}, row.line)
            return NULL
        if not types.may_equal(column.type, result.type):
            kinds = {
                "kind": types.WORDS[result.type.kind],
                "wanted": types.WORDS[column.type.kind],
            }
            self._report("R201.kind", {**facts, **kinds}, row.line)
        elif stranger := _stranger(column, result):
            self._report("R201.value", {**facts, "value": stranger}, row.line)
        return result

    def _read(
        self, text: str, *, unary: bool, tested: Type = types.ANY, about: str = "?"
    ) -> Expression | None:
        key = (text, unary, tested.kind, tested.values, about)
        if key not in self._kept:
            self._kept[key] = Expression(text, self.names, unary=unary, tested=tested, about=about)
        return self._kept[key]

    # ---- the whole

    def _policy(self, outputs: tuple[Output, ...]) -> None:
        table = self.table
        if table.policy not in POLICIES or table.aggregation not in AGGREGATIONS:
            policy = f"{table.policy} {table.aggregation}".strip()
            self._report("R206", {"x": table.title, "policy": policy}, table.line)
        if table.policy == "PRIORITY" and not any(output.order for output in outputs):
            self._report("R204", {"x": table.title}, table.line)
        if table.policy == "COLLECT" and len(outputs) > 1:
            self._report("R205", {"x": table.title}, table.line)

    def _reason(self, error: FeelError, column: DrawnColumn | Input | Output) -> dict[str, object]:
        where = {
            "code": error.code,
            "at": error.position,
            "character": error.position + 1,
            "why": error.why,
            "reason": error.message,
        }
        return {**error.facts, **where, "x": self.table.title, "column": column.label}

    def _report(self, key: str, facts: dict[str, object], line: int) -> None:
        self.findings.append(finding(key, self.table.file, self.table.id, facts, line=line))


def _stranger(column: Output, result: Expression) -> str:
    """A constant that is not among the allowed values, as it is written; empty if there is none."""
    if column.allowed is None or result.reads or result.clock:
        return ""
    value = result.try_evaluate({})
    return "" if value is None or column.allowed.try_matches(value) else result.text


def _expressions(
    inputs: tuple[Input, ...], outputs: tuple[Output, ...], rows: tuple[Rule, ...]
) -> list[Expression]:
    heads = [part for column in inputs for part in (column.expression, column.allowed) if part]
    heads += [part for column in outputs for part in (column.allowed, column.default) if part]
    return heads + [part for row in rows for part in (*row.tests, *row.results) if part]
