"""The child processes that run handlers and channels, as their parent sees them (see
`service.sandbox.child_processes`).

One that hangs, eats memory or ends its process takes nothing along. Handlers have no network;
channels of installed packages run in a child of their own, which has one.
"""

from __future__ import annotations

import json
from typing import Final

from service.binding import Answer, BusinessError, Call, Delivery, DeliveryRefused
from service.errors import HandlerFailed
from service.sandbox import channels, installed_packages
from service.sandbox.child_processes import ChildEnded, ChildProcess, Meanwhile
from service.sandbox.handler_messages import answer_from_json, call_to_json, delivery_to_json
from service.sandbox.handlers import ANSWER_MOST, checked, declared

_ENDINGS: Final = {
    "ended": "the handler ended its process, or answers too much",
    "long": "the handler answers too much",
    "stray": "somebody else wrote into the channel of the answers",
}
"""Sentences for the ways in which there was no answer, besides time that was up."""


class _SeveralChildren:
    """Pool of child processes: each answers one line at a time; one more is made for each thread
    that finds none free.
    """

    def __init__(self, module: str, longest: int) -> None:
        self._module, self._longest = module, longest
        self.first = self._new()
        self._all = [self.first]
        self._free = [self.first]

    def ask(self, line: str, seconds: float, meanwhile: Meanwhile | None = None) -> str:
        """Send a line to a child that nobody asks at the moment, the last used first."""
        try:
            child = self._free.pop()
        except IndexError:
            child = self._new()
            self._all.append(child)
        try:
            return child.ask(line, seconds, meanwhile)
        finally:
            self._free.append(child)

    def close(self) -> None:
        for child in self._all:
            child.close()

    def _new(self) -> ChildProcess:
        """A child that has not been started."""
        return ChildProcess(self._module, longest=self._longest, word=installed_packages.as_word)


class HandlerProcess:
    """Two pools of child processes: for handlers, and for channels. A child starts when it is first
    asked.
    """

    def __init__(self) -> None:
        self._handlers = _SeveralChildren("service.sandbox.handlers", ANSWER_MOST)
        self._channels = _SeveralChildren("service.sandbox.channels", channels.ANSWER_MOST)

    @property
    def pid(self) -> int:
        """The process id of the first child that runs handlers; 0 before the first call and after
        one that was ended.
        """
        return self._handlers.first.pid

    def ask(self, call: Call, seconds: float, meanwhile: Meanwhile | None = None) -> Answer:
        """Have the child run one handler.

        Args:
            seconds: longest that it may take.
            meanwhile: what is done while it goes on.
        Raises:
            BusinessError: the handler reported a BPMN error.
            HandlerFailed: it raised, hung longer than `seconds`, ended the process, or answered
                with what it does not declare.
        """
        try:
            line = self._handlers.ask(json.dumps(call_to_json(call)), seconds, meanwhile)
        except ChildEnded as e:
            raise HandlerFailed(
                f"no answer after {seconds:g} seconds" if e.why == "slow" else _ENDINGS[e.why]
            ) from e
        return _answer_from_json(line, call.topic)

    def deliver(self, scheme: str, delivery: Delivery, seconds: float) -> None:
        """Have the child hand one message to a channel of an installed package.

        Raises:
            DeliveryRefused: it was not delivered.
            ChildEnded: there was no answer: nobody knows whether it was.
        """
        line = json.dumps(delivery_to_json(scheme, delivery))
        said = json.loads(self._channels.ask(line, seconds))
        if "refused" in said:
            raise DeliveryRefused(said["refused"], permanent=said["permanent"])

    def close(self) -> None:
        """End the children; the next call starts another."""
        self._handlers.close()
        self._channels.close()


def _answer_from_json(line: str, topic: str) -> Answer:
    try:
        said = json.loads(line)
    except ValueError as e:
        raise HandlerFailed("the handler wrote to the channel of its answers") from e
    if "business_error" in said:
        if said["business_error"] not in declared()[topic].errors:
            raise HandlerFailed(f"{topic} reported an error that it does not declare")
        raise BusinessError(said["business_error"])
    if "failed" in said:
        raise HandlerFailed(said["failed"])
    return checked(answer_from_json(said), declared()[topic])
