"""The linter: check a release by all rules.

The editor, the command line and publishing use it; nothing is published with an error.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date
from typing import Any, TypeAlias

from service.engine.bpmn.model import Model
from service.engine.bpmn.parser import ParseResult, read_trees
from service.engine.bpmn.sentences import finding
from service.engine.lint import (
    promises,
    rules_activities,
    rules_dataflow,
    rules_dialect,
    rules_events,
    rules_expressions,
    rules_file,
    rules_gateways,
    rules_picture,
    rules_soundness,
    rules_times,
)
from service.engine.lint.context import LintContext, build_context
from service.engine.lint.rules_dataflow import DataflowContext
from service.engine.lint.rules_soundness import SoundnessContext
from service.engine.types import Files
from service.errors import Finding

AnyRule: TypeAlias = Callable[[Any], Iterable[Finding]]  # each family has its own context

PLAIN_RULES: tuple[AnyRule, ...] = (
    *rules_file.RULES,
    *rules_dialect.RULES,
    *rules_events.RULES,
    *rules_activities.RULES,
    *rules_gateways.RULES,
    *rules_expressions.RULES,
    *rules_times.RULES,
    *rules_picture.RULES,
)
GRAPH_RULES: tuple[AnyRule, ...] = rules_soundness.RULES
FLOW_RULES: tuple[AnyRule, ...] = (*rules_dataflow.RULES, *promises.RULES)

_NO_GRAPH = frozenset(
    {
        *("X101", "X102", "X103", "X104", "X105", "X108"),
        *("D101", "D102", "D105", "D106"),
        *("D201", "D202", "D206", "D211", "D221", "D222", "D233", "D235"),
        *("D343", "D350", "D370", "D380", "D390", "D392"),
        *("D430", "D431", "D440", "D461", "D462"),
        *("D700", "D701", "D702"),
    }
)
"""Errors that leave no graph to search, one that is too large, or one with elements that do not
run; behind them every finding about reach or tokens would have the same cause."""


def lint(
    files: Files, *, today: date | None = None, without: frozenset[str] = frozenset()
) -> list[Finding]:
    """Check a whole release.

    Args:
        files: the release.
        today: for dates that have passed (D912); None leaves that out.
        without: names of rules to leave out; a test shows that each is needed.
    Returns:
        All findings at once, by file and place in the file. Warnings and hints marked as seen on
        their element are left out.
    """
    return judge(files, read_trees(files), today=today, without=without)


def judge(
    files: Files,
    reading: ParseResult,
    *,
    today: date | None = None,
    without: frozenset[str] = frozenset(),
) -> list[Finding]:
    """As `lint`, for a release that has been parsed already."""
    context = build_context(files, reading, today)
    findings = [*reading.findings, *context.declared.findings]
    findings += _apply(PLAIN_RULES, context, without)
    if not context.circles and not any(f.severity == "E" and f.code in _NO_GRAPH for f in findings):
        graphs = SoundnessContext(context)
        findings += _apply(GRAPH_RULES, graphs, without)
        findings += _apply(FLOW_RULES, DataflowContext(graphs), without)
    return _sorted(context, (f for f in findings if not _is_seen(context, f)))


def removed(model: Model, standing: Mapping[str, tuple[str, int]], file: str = "") -> list[Finding]:
    """Report elements that have open cases and that a draft no longer has (D107).

    Args:
        model: the draft.
        standing: element ids of open work, with their labels in the release in force and the
            number of open cases.
    """
    known = {node.id for process in model.processes.values() for _, node in process.scope.walk()}
    return [
        finding("D107", file, id_, {"x": named, "n": n})
        for id_, (named, n) in standing.items()
        if id_ not in known
    ]


def _apply(
    rules: tuple[AnyRule, ...], context: object, without: frozenset[str]
) -> Iterator[Finding]:
    for rule in rules:
        if rule.__name__ not in without:
            yield from rule(context)


def _is_seen(context: LintContext, finding_: Finding) -> bool:
    return finding_.severity != "E" and finding_.code in context.seen.get(finding_.element, ())


def _sorted(context: LintContext, findings: Iterable[Finding]) -> list[Finding]:
    """By file, then by the place in the file, then by code; equal findings once."""
    named = (*context.files.diagrams, *context.files.rules, *context.files.calendars)
    files = {file: n for n, file in enumerate(named)}
    unique = {(f.file, f.element, f.code, f.message): f for f in findings}
    places: dict[tuple[str, str], int] = {}
    for file, root in context.trees.items():
        wanted = {f.element for f in unique.values() if f.file == file}
        for n, element in enumerate(root.iter() if wanted else ()):
            if (id_ := element.get("id", "")) in wanted:
                places[file, id_] = n
                wanted.discard(id_)
                if not wanted:
                    break
    return sorted(
        unique.values(),
        key=lambda f: (
            files.get(f.file, len(files)),
            places.get((f.file, f.element), -1),
            f.line,
            f.code,
            f.message,
        ),
    )
