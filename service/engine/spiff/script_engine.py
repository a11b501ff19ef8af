"""The script engine: FEEL where the library would run Python.

A condition that the library asks is FEEL that the builder has compiled. Whatever else asks would
run text from a diagram, and stops the turn.
"""

from __future__ import annotations

from service.engine.feel import Expression
from service.engine.spiff.api import SpiffTask
from service.engine.spiff.protocols import case_of
from service.errors import EngineStopped


class FeelScriptEngine:
    """The library's script engine: whether a completion condition is true at an instance."""

    def evaluate(self, task: SpiffTask, expression: object) -> bool:
        """Is a condition true at a task?

        Args:
            expression: compiled FEEL.
        Raises:
            EngineStopped: `expression` when it is neither yes nor no; `fuel`; `tripwire` when it is
                not FEEL.
        """
        if not isinstance(expression, Expression):
            return self.execute(task, expression)
        return case_of(task).holds(expression, task)

    def execute(self, *_args: object, **_kwargs: object) -> bool:
        """Stop the turn: no script of a diagram is the library's to run.

        Raises:
            EngineStopped: `tripwire`, always.
        """
        raise EngineStopped("tripwire", "", "the library asked for a script engine")

    call_service = execute
