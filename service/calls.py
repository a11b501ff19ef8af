"""Run handlers in a child process: it has no key, no database address and no time without end.

The child is started with an empty environment and speaks one JSON line for each call. A handler that hangs, eats memory or ends the process
takes the child with it, and nothing else; the next call starts a new one.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import pkgutil
import resource
import selectors
import subprocess
import sys
import threading
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, TextIO

import handlers
from service.binding import HANDLERS, Answer, BusinessError, Call, Declaration, Letter, Party
from service.errors import HandlerFailed

MEMORY = 512 * 2**20
"""Address space of the child, in bytes."""
ANSWER_MOST = 256 * 1024
"""Longest answer of one call, in characters."""


def declared() -> Mapping[str, Declaration]:
    """Every handler of the package `handlers`, by topic."""
    for module in pkgutil.iter_modules(handlers.__path__):
        importlib.import_module(f"handlers.{module.name}")
    return HANDLERS


class HandlerProcess:
    """One child process that answers calls one after the other. Not shared between threads without its lock."""

    def __init__(self) -> None:
        self._child: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()

    def ask(self, call: Call, seconds: float) -> Answer:
        """Have the child run one handler.

        Raises:
            BusinessError: the handler reported a BPMN error.
            HandlerFailed: it raised, hung longer than `seconds`, ended the process, or answered with what it does not declare.
        """
        with self._lock:
            line = self._say(json.dumps(_call_to_json(call)), seconds)
        return _answer_from_json(line, call.topic)

    def _say(self, line: str, seconds: float) -> str:
        if self._child is not None and self._child.poll() is not None:
            self.close()
        child = self._child or self._start()
        assert child.stdin is not None  # noqa: S101 - opened as pipes in _start
        assert child.stdout is not None  # noqa: S101 - same
        try:
            child.stdin.write(line + "\n")
            child.stdin.flush()
            with selectors.DefaultSelector() as ready:
                ready.register(child.stdout, selectors.EVENT_READ)
                in_time = bool(ready.select(seconds))
            answer = child.stdout.readline(ANSWER_MOST + 1) if in_time else ""
        except OSError as e:
            self.close()
            raise HandlerFailed("the handler's process ended while it was called") from e
        if not in_time:
            self.close()
            raise HandlerFailed(f"no answer after {seconds:g} seconds")
        if not answer.endswith("\n"):
            self.close()
            raise HandlerFailed("the answer is too long" if len(answer) > ANSWER_MOST else "the handler ended its process")
        return answer

    def _start(self) -> subprocess.Popen[str]:
        root = str(Path(handlers.__path__[0]).parent)
        self._child = subprocess.Popen(
            [sys.executable, "-m", "service.calls"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={"PYTHONPATH": root, "PYTHONDONTWRITEBYTECODE": "1"},
            cwd=root,
        )
        return self._child

    def close(self) -> None:
        """End the child; the next call starts another."""
        child, self._child = self._child, None
        if child is not None:
            child.kill()
            child.wait()
            for pipe in (child.stdin, child.stdout):
                if pipe is not None:
                    with contextlib.suppress(OSError):
                        pipe.close()


def _call_to_json(call: Call) -> dict[str, object]:
    return {
        "key": call.key,
        "topic": call.topic,
        "element": call.element,
        "now": call.now.isoformat(),
        "data": dict(call.data),
        "parties": [[p.role, p.office, p.language] for p in call.parties.values()],
        "consents": sorted(call.consents),
        "headers": dict(call.headers),
        "zone": call.zone,
        "off": sorted(d.isoformat() for d in call.off),
    }


def _call_from_json(said: dict[str, Any]) -> Call:
    changed = {
        "now": datetime.fromisoformat(said["now"]),
        "parties": {role: Party(role, office, language) for role, office, language in said["parties"]},
        "consents": frozenset(said["consents"]),
        "off": frozenset(date.fromisoformat(d) for d in said["off"]),
    }
    return Call(**{**said, **changed})


def _answer_from_json(line: str, topic: str) -> Answer:
    try:
        said = json.loads(line)
    except ValueError as e:
        raise HandlerFailed("the handler wrote to the channel of its answers") from e
    if "business_error" in said:
        raise BusinessError(said["business_error"])
    if "failed" in said:
        raise HandlerFailed(said["failed"])
    answer = Answer(said["values"], tuple(Letter(*letter) for letter in said["letters"]))
    return checked(answer, declared()[topic])


def checked(answer: Answer, declaration: Declaration) -> Answer:
    """The answer, if it holds nothing but what the handler declares.

    Raises:
        HandlerFailed: an undeclared value or letter; the sentence names it.
    """
    if unknown := sorted(set(answer.values) - set(declaration.answers)):
        raise HandlerFailed(f"{declaration.topic} answered {', '.join(unknown)}, which it does not declare")
    for letter in answer.letters:
        if (letter.role, letter.template) not in declaration.letters:
            raise HandlerFailed(f"{declaration.topic} sends {letter.template} to {letter.role}, which it does not declare")
    return answer


def answer_one(line: str) -> str:
    """What the child says to one line: a JSON object with the answer, the business error, or why it failed (never a value)."""
    call = _call_from_json(json.loads(line))
    declaration = declared().get(call.topic)
    if declaration is None:
        return json.dumps({"failed": f"there is no handler {call.topic}"})
    try:
        answer: object = declaration.function(call)
        if not isinstance(answer, Answer):
            return json.dumps({"failed": f"{call.topic} answered with {type(answer).__name__} instead of Answer"})
        letters = [[x.role, x.template, x.needs_consent] for x in checked(answer, declaration).letters]
        return json.dumps({"values": dict(answer.values), "letters": letters}, allow_nan=False)
    except BusinessError as e:
        if e.code in declaration.errors:
            return json.dumps({"business_error": e.code})
        return json.dumps({"failed": f"{call.topic} reported {e.code}, which it does not declare"})
    except HandlerFailed as e:
        return json.dumps({"failed": str(e)})
    except Exception as e:  # noqa: BLE001 - whatever a handler does, the child answers; values stay here, so only the type is told
        return json.dumps({"failed": f"{call.topic} raised {type(e).__name__}"})


def serve_calls(source: TextIO, out: TextIO) -> None:
    """The child's loop: one line in, one line out, until its parent closes the pipe."""
    for line in source:
        out.write(answer_one(line) + "\n")
        out.flush()


def main() -> None:
    """Be the child: limits first, then the handlers, and their prints go nowhere."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    declared()
    serve_calls(sys.stdin, out)


if __name__ == "__main__":
    main()
