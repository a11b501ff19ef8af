"""Scopes of variables: the activities around a task that hold variables of their own."""

from __future__ import annotations

from collections.abc import Iterator

from service.engine.spiff.api import SpiffTask
from service.engine.spiff.workflow import DeferredSpec, ScopeWorkflow
from service.engine.types import Json


def around(task: SpiffTask) -> Iterator[SpiffTask]:
    """A task and the activities around it, innermost first."""
    outer: SpiffTask | None = task
    while outer is not None:
        yield outer
        scope = outer.workflow
        outer = scope.owner if isinstance(scope, ScopeWorkflow) else None


def is_instance(task: SpiffTask) -> bool:
    """Is a task one instance of a multi-instance activity?"""
    return "key_or_index" in task.internal_data


def local_scopes(task: SpiffTask) -> Iterator[SpiffTask]:
    """The tasks around a task that hold variables of their own, innermost first.

    An instance holds its item and all that is written in it; a sub-process or a call holds its
    inputs, and a call with outputs all that is written in it.
    """
    for scope in around(task):
        spec = scope.task_spec
        if is_instance(scope) or scope.data or (isinstance(spec, DeferredSpec) and spec.keeps):
            yield scope


def holder(task: SpiffTask, name: str) -> dict[str, Json] | None:
    """The variables among which a task writes a name; None for those of the case."""
    for scope in local_scopes(task):
        if is_instance(scope):
            return scope.data
        spec = scope.task_spec
        keeps = isinstance(spec, DeferredSpec) and spec.keeps
        if scope is not task and (keeps or name in scope.data):
            return scope.data
    return None


def element_of(task: SpiffTask) -> str:
    """The id of a task's element; empty for what the library puts between."""
    return task.task_spec.bpmn_id or ""
