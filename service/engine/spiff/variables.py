"""Variables of a running case: its own, and those that scopes in it hold for themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, cast

from service.engine.feel import Expression
from service.engine.feel.conversion import bare, is_deep, plain, typed
from service.engine.feel.errors import FuelSpent
from service.engine.feel.types import Type
from service.engine.limits import DEPTH
from service.engine.spiff.api import SpiffTask
from service.engine.spiff.workflow import DeferredSpec, ScopeWorkflow
from service.engine.types import Json, Variables
from service.engine.variable_checks import fits
from service.errors import EngineStopped

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from service.engine.spiff.patches import TurnContext
    from service.engine.spiff.protocols import RunnableDefinition


_ANY = Type("any")


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


class CaseVariables:
    """The part of a running case that holds its variables."""

    definition: RunnableDefinition
    variables: dict[str, Json]
    converted: dict[str, tuple[Json, ZoneInfo, object]]
    """Lists and contexts that were read, as FEEL sees them: variable to JSON, zone and value."""

    if TYPE_CHECKING:

        @property
        def turn(self) -> TurnContext: ...
        def zone(self, task: SpiffTask) -> ZoneInfo: ...
        def note(self, what: str, element: str, nth: int, *detail: str | int) -> None: ...
        def step(self, what: str, task: SpiffTask, *detail: str | int) -> None: ...

    def item(self, task: SpiffTask) -> Json:
        """The item of the instance that the task belongs to, as people read it."""
        for instance in filter(is_instance, around(task)):
            items: list[Json] = instance.parent.internal_data["items"]
            place: int = instance.internal_data["key_or_index"]
            return cast("Json", bare(items[place]))
        return None

    def values(
        self, task: SpiffTask, names: Iterable[str], extra: Variables | None = None
    ) -> dict[str, object]:
        """The values of some variables at a task, as FEEL sees them."""
        if not names:
            return {}
        scopes: list[Mapping[str, Json]] = [
            *([] if extra is None else [extra]),
            *(scope.data for scope in local_scopes(task)),
            self.variables,
        ]
        zone = self.zone(task)
        found = dict[str, object]()
        for name in names:
            for values in scopes:
                if name in values:
                    found[name] = self._typed(name, values[name], zone)
                    break
        return found

    def _typed(self, name: str, value: Json, zone: ZoneInfo) -> object:
        """The value of a variable as FEEL sees it; a list or context is converted once, however
        often it is read before it is set anew.
        """
        holds = isinstance(value, dict | list)
        if holds and name in self.converted:
            known, known_zone, converted = self.converted[name]
            if known is value and known_zone is zone:
                return converted
        converted = typed(value, self.definition.types.get(name, _ANY), zone)
        if holds:
            self.converted[name] = value, zone, converted
        return converted

    def ask(
        self, expression: Expression, task: SpiffTask, extra: Variables | None = None
    ) -> object:
        """The value of an expression at a task.

        Raises:
            EngineStopped: `fuel`.
        """
        values = self.values(task, expression.reads, extra)
        try:
            return expression.evaluate(values, now=self.turn.now, zone=self.zone(task))
        except FuelSpent as spent:
            raise EngineStopped("fuel", element_of(task)) from spent

    def plain(self, name: str, value: object, task: SpiffTask) -> Json:
        """A FEEL value as the state keeps it in that variable: what a mapping, a script, a rule or
        an output element gives.

        Args:
            name: empty for what is no variable: an input of a handler or a rule, a single result.
        Raises:
            EngineStopped: `expression` when it is too deep or too large, or of another type than
                the variable.
        """
        if is_deep(value):
            raise EngineStopped("expression", element_of(task), f"more than {DEPTH} lists in lists")
        declared = self.definition.types.get(name, _ANY)
        return self.checked(name, cast("Json", plain(value, declared)), task)

    def checked(self, name: str, value: Json, task: SpiffTask) -> Json:
        """A value that the variable can hold.

        Raises:
            EngineStopped: `expression`, as above.
        """
        if not fits(value, self.definition.types.get(name, _ANY)):
            large = "a value that is too large"
            detail = f"{name} gets a value of another type, or {large}" if name else large
            raise EngineStopped("expression", element_of(task), detail)
        return value

    def local(self, task: SpiffTask) -> dict[str, Json]:
        """The variables that scopes around a task hold for themselves."""
        values: dict[str, Json] = {}
        for scope in local_scopes(task):
            values = {**scope.data, **values}
        return values

    def mapped(
        self,
        mapping: Mapping[str, Expression],
        task: SpiffTask,
        brought: Variables | None = None,
        *,
        local: bool = False,
    ) -> dict[str, Json]:
        """What a mapping gives at a task: each target, in the order of the file, may read those
        before it.

        Args:
            brought: what the element itself brings: answers, a message's variables, a result.
            local: the targets are names of a handler or a rule, which need not be variables.
        Raises:
            EngineStopped: `expression` as in `plain`; `fuel`.
        """
        values = dict[str, Json]()
        for name, source in mapping.items():
            value = self.ask(source, task, {**(brought or {}), **values})
            values[name] = self.plain("" if local else name, value, task)
        return values

    def holds(self, condition: Expression, task: SpiffTask) -> bool:
        """Is a condition true? Empty is not; anything but yes, no and empty stops the case."""
        answer = self.ask(condition, task)
        if answer is not None and not isinstance(answer, bool):
            detail = "a condition that is neither yes nor no"
            raise EngineStopped("expression", element_of(task), detail)
        return answer is True

    def write(self, task: SpiffTask | None, values: Variables, element: str = "") -> None:
        """Set variables, each in the innermost scope around the task that holds it, else in the
        case.

        Args:
            element: what the step names, when that is not the task's own element.
        """
        if not values:
            return
        self._keep(task, values)
        if task is None or element:
            self.note("set", element, 0, *sorted(values))
        else:
            self.step("set", task, *sorted(values))

    def correct(self, task: SpiffTask | None, values: Variables, element: str) -> None:
        """Set variables as `write` does, in answers that were given at an element earlier."""
        if values:
            self._keep(task, values)
            self.note("corrected", element, 0, *sorted(values))

    def _keep(self, task: SpiffTask | None, values: Variables) -> None:
        for name, value in values.items():
            scope = None if task is None else holder(task, name)
            (self.variables if scope is None else scope)[name] = value
