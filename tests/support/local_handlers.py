"""Handlers of a test: contracts, and a process that runs functions at once and in this process."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final, TypeAlias

from service.binding import Answer, BusinessError, Call, Declaration, Sample
from service.errors import HandlerFailed
from service.sandbox.child_processes import Meanwhile
from service.sandbox.handler_process import HandlerProcess

Functions: TypeAlias = Mapping[str, Callable[[Call], Answer]]
"""Topic to the function that answers its calls."""


class LocalHandlers(HandlerProcess):
    """Runs functions of a test; what they raise becomes what the child process would report."""

    def __init__(self, functions: Functions) -> None:
        super().__init__()
        self.functions = functions
        self.asked: list[str] = []
        self.meanwhile: Meanwhile | None = None
        """What a function calls that takes its time, as it would be done while a child does."""

    def ask(self, call: Call, seconds: float, meanwhile: Meanwhile | None = None) -> Answer:
        """Run the handler."""
        self.asked.append(call.key)
        self.meanwhile = meanwhile
        try:
            return self.functions[call.topic](call)
        except (BusinessError, HandlerFailed):
            raise
        except Exception as e:
            raise HandlerFailed(f"{call.topic} raised {type(e).__name__} within {seconds} s") from e


def declare(
    topic: str,
    *,
    answers: tuple[str, ...] = (),
    letters: tuple[tuple[str, str], ...] = (),
    errors: tuple[str, ...] = (),
    samples: tuple[Sample, ...] = (),
) -> Declaration:
    """A handler's contract."""
    made = Declaration(topic, lambda _: Answer(), (), answers, letters, errors, "", 30, topic)
    return replace(made, samples=samples)


TOPICS: Final = {
    declaration.topic: declaration
    for declaration in (
        declare("letters.send", letters=(("ReferringPartner", "task_opened"),), errors=("LOST",)),
        declare(
            "letters.count",
            answers=("sent",),
            samples=(Sample("two", "Två", "Two", {"sent": 2}), Sample("none", "Inga", "None")),
        ),
    )
}
"""The contracts of the small processes of tests."""
