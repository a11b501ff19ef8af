"""Handlers: the declared ones, and the child process that runs them (see `handler_process`).

Everything that is loaded here is copied for each call, so nothing is imported that a call can do
without.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import pkgutil
import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from types import ModuleType

from service.binding import (
    HANDLERS,
    Answer,
    BusinessError,
    Declaration,
    Request,
)
from service.errors import BadSettings, HandlerFailed
from service.sandbox import installed_packages
from service.sandbox.child import serve
from service.sandbox.handler_messages import answer_to_json, call_from_json

ANSWER_MOST = 256 * 1024
"""Longest answer of one call, in bytes."""


def declared() -> Mapping[str, Declaration]:
    """Every handler by topic: of the package `handlers`, and of other installed packages.

    Raises:
        BadSettings: a module of handlers cannot be loaded, or takes a topic that another has; the
            sentence names the file and what to do.
    """
    _load()
    return HANDLERS


@cache
def _load() -> None:
    package = _import("handlers")
    for module in pkgutil.iter_modules(package.__path__):
        _import(f"handlers.{module.name}")
    for entry in installed_packages.named(installed_packages.HANDLERS):
        try:
            entry.load()
        except (Exception, SystemExit) as e:
            raise BadSettings(
                f"the package {entry.package} names handlers in {entry.value}, which cannot be "
                f"loaded: {_why(e)}; mend or uninstall it"
            ) from e


def _import(name: str) -> ModuleType:
    try:
        return importlib.import_module(name)
    except (Exception, SystemExit) as e:
        spec = importlib.util.find_spec(name)
        file = spec.origin if spec is not None and spec.origin else name
        raise BadSettings(
            f"the handlers in {file} cannot be loaded: {_why(e)}; mend or remove it"
        ) from e


def _why(fault: BaseException) -> str:
    """The fault of a module in one line, with the line of the file where that is known."""
    says = str(fault.msg if isinstance(fault, SyntaxError) else fault)
    where = fault.lineno if isinstance(fault, SyntaxError) else None
    what = " ".join(f"{type(fault).__name__}: {says}".rstrip(": ").split())
    return f"{what} (line {where})" if where else what


def checked(answer: Answer, declaration: Declaration) -> Answer:
    """The answer, if it holds nothing but what the handler declares.

    Raises:
        HandlerFailed: an undeclared value or letter; the sentence names it.
    """
    if unknown := sorted(set(answer.values) - set(declaration.answers)):
        raise HandlerFailed(
            f"{declaration.topic} answered {', '.join(unknown)}, which it does not declare"
        )
    for letter in answer.letters:
        if (letter.role, letter.template) not in declaration.letters:
            raise HandlerFailed(
                f"{declaration.topic} sends {letter.template} to {letter.role}, "
                "which it does not declare"
            )
    return replace(answer, requests=tuple(_checked_requests(answer, declaration)))


def _checked_requests(answer: Answer, declaration: Declaration) -> Iterator[Request]:
    """Papers and requests that are declared; each request with the consent that it rests on."""
    made = {paper.template for paper in answer.papers}
    if unknown := sorted(made - set(declaration.papers)):
        raise HandlerFailed(
            f"{declaration.topic} asks for the papers {', '.join(unknown)}, "
            "which it does not declare"
        )
    for request in answer.requests:
        if (request.channel, request.template) not in declaration.channels:
            raise HandlerFailed(
                f"{declaration.topic} sends {request.template} through {request.channel}, "
                "which it does not declare"
            )
        if missing := sorted(set(request.papers) - made):
            raise HandlerFailed(
                f"{declaration.topic} sends {', '.join(missing)}, which it does not ask for"
            )
        consent = request.needs_consent or ("" if request.cancels else declaration.needs_consent)
        if request.papers and not consent:
            raise HandlerFailed(f"{declaration.topic} sends papers, and names no consent for them")
        yield replace(request, needs_consent=consent)


def answer_one(line: str) -> str:
    """The child's answer to one line, as JSON.

    It holds the answer, the business error, or why it failed (never a value).
    """
    call = call_from_json(json.loads(line))
    declaration = declared().get(call.topic)
    if declaration is None:
        return json.dumps({"failed": f"there is no handler {call.topic}"})
    try:
        answer: object = declaration.function(call)
        if not isinstance(answer, Answer):
            kind = type(answer).__name__
            return json.dumps({"failed": f"{call.topic} answered with {kind} instead of Answer"})
        return json.dumps(answer_to_json(checked(answer, declaration)), allow_nan=False)
    except BusinessError as e:
        if e.code in declaration.errors:
            return json.dumps({"business_error": e.code})
        return json.dumps({"failed": f"{call.topic} reported {e.code}, which it does not declare"})
    except HandlerFailed as e:
        return json.dumps({"failed": str(e)})
    except Exception as e:  # noqa: BLE001 - whatever a handler does, the child answers; values stay here, so only the type is passed on
        return json.dumps({"failed": f"{call.topic} raised {type(e).__name__}"})


def main() -> None:
    """Run as the child. What leaves for others leaves by letters and requests: a handler needs no
    network.
    """
    installed_packages.hear(sys.argv[1])
    serve(answer_one, longest=ANSWER_MOST, prepare=declared)


if __name__ == "__main__":
    main()
