"""Rule files of a release: its decision tables read, put in order and compiled.

Source: DMN 1.3, chapter 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from service.engine import limits
from service.engine.bpmn.sentences import finding
from service.engine.dmn.compiler import TableCompiler
from service.engine.dmn.coverage import coverage_findings
from service.engine.dmn.model import Decision, DrawnTable
from service.engine.dmn.parser import read_tables
from service.engine.feel.types import Type
from service.errors import Finding


def read_rules(
    files: Mapping[str, bytes], names: Mapping[str, Type]
) -> tuple[dict[str, Decision], list[Finding]]:
    """Read all rule files of a release.

    Args:
        files: file name to bytes.
        names: the variables that tables may read, with their types.
    Returns:
        Decisions by id, required ones before those that ask them, and the findings R101 to R206
        (X1xx for files that are no XML). A decision with findings of severity E may be there so
        that others can be checked against it; such a release is not published.
    """
    return RuleFiles(files).compiled(names)


@dataclass(frozen=True, slots=True)
class _CompiledTable:
    """A table as it was compiled for some names; no decision when it has no output."""

    decision: Decision | None
    findings: tuple[Finding, ...]
    names: Mapping[str, Type]
    """The variables and results that it might read."""

    def fits(self, names: Mapping[str, Type]) -> bool:
        """Whether the table would compile alike for other names: all that it reads is the same.

        False for a table with findings: nobody knows what it means to read.
        """
        if self.decision is None or self.findings:
            return False
        read = (*self.decision.reads, *self.decision.requires)
        return names.keys() == self.names.keys() and all(
            names.get(name) == self.names.get(name) for name in read
        )


class RuleFiles:
    """The rule files of a release, read once. They may be compiled several times, as the types of
    names become known; a table that reads none that has changed stays as it was.
    """

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self._findings: list[Finding] = []
        self._tables = _drawn(files, self._findings)
        self._order = _in_order(self._tables, self._findings)
        self._compiled: dict[str, _CompiledTable] = {}

    def compiled(self, names: Mapping[str, Type]) -> tuple[dict[str, Decision], list[Finding]]:
        """Decisions and findings, as `read_rules` gives them."""
        decisions: dict[str, Decision] = {}
        findings = [*self._findings]
        for id_ in self._order:
            made = self._compiled[id_] = self._table(id_, names, decisions)
            findings += made.findings
            if made.decision is not None:
                decisions[id_] = made.decision
        return decisions, findings

    def _table(
        self, id_: str, names: Mapping[str, Type], decisions: Mapping[str, Decision]
    ) -> _CompiledTable:
        table, before = self._tables[id_], self._compiled.get(id_)
        required = [one for one in table.requires if one in decisions]
        known = {**names, **{one: decisions[one].result_type for one in required}}
        if before is not None and before.fits(known):
            return before
        compiler = TableCompiler(table, known)
        decision = compiler.decision(decisions)
        findings = [*compiler.findings]
        if decision is not None and not findings:
            findings += coverage_findings(decision, table.line)
        return _CompiledTable(decision, tuple(findings), known)


def _drawn(files: Mapping[str, bytes], findings: list[Finding]) -> dict[str, DrawnTable]:
    """Tables by id, as their files draw them; none when there are too many."""
    tables: dict[str, DrawnTable] = {}
    for file in sorted(files):
        drawn_tables, faults = read_tables(files[file], file)
        findings += faults
        for table in drawn_tables:
            if table.id in tables:
                facts = {"x": table.id, "other": tables[table.id].file}
                findings.append(finding("R102.twice", file, table.id, facts, line=table.line))
            else:
                tables[table.id] = table
    if len(tables) > limits.RULES:
        beyond = list(tables.values())[limits.RULES]
        sizes = {"n": len(tables), "most": limits.RULES}
        findings.append(finding("R101.release", beyond.file, beyond.id, sizes, line=beyond.line))
        return {}
    return tables


def _in_order(tables: Mapping[str, DrawnTable], findings: list[Finding]) -> list[str]:
    """Ids of decisions, each after those it requires.

    Circles and what is too deep are left out and reported.
    """
    depths: dict[str, int] = {}
    for id_ in tables:
        _visit(id_, (), tables, depths, findings)
    return [id_ for id_, depth in depths.items() if depth]


_LEFT_OUT: Final = 0
"""The depth of a table that cannot be evaluated; it is visited once only, or circles never end."""


def _visit(
    id_: str,
    way: tuple[str, ...],
    tables: Mapping[str, DrawnTable],
    depths: dict[str, int],
    findings: list[Finding],
) -> None:
    table = tables[id_]
    if id_ in way:
        circle = " → ".join((*way[way.index(id_) :], id_))
        findings.append(finding("R103", table.file, id_, {"names": circle}, line=table.line))
        return
    if id_ in depths:
        return
    for required in dict.fromkeys(table.requires):
        if required in tables:
            _visit(required, (*way, id_), tables, depths, findings)
        else:
            facts = {"x": table.title, "name": required}
            findings.append(finding("R102.missing", table.file, id_, facts, line=table.line))
    inner = [depths.get(required, _LEFT_OUT) for required in table.requires]
    depths[id_] = _LEFT_OUT if _LEFT_OUT in inner else 1 + max(inner, default=0)
    if depths[id_] > limits.RULE_DEPTH:
        depths[id_] = _LEFT_OUT
        deep = {"x": table.title, "most": limits.RULE_DEPTH}
        findings.append(finding("R103.deep", table.file, id_, deep, line=table.line))
