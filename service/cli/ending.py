"""How a command ends: one sentence on standard error and an exit code.

What goes wrong on purpose never ends in a traceback. Exit codes: 0 done and nothing wrong; 1
looked, and something is wrong; 2 could not run (wrong words, or database, key, file, network); 3
refused by a rule (rights, four eyes, a name that is taken, somebody was faster); 78 the start was
refused.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from functools import wraps
from typing import NoReturn, ParamSpec, TypeVar

import click

from service.cli.language import OTHERWISE
from service.errors import (
    BadDiagram,
    BadSettings,
    CallUnderWay,
    CannotMove,
    CannotUndo,
    CaseEnded,
    CaseMoved,
    ConsentMissing,
    Finding,
    NotAllowed,
    Stale,
    Taken,
    TaskClosed,
    TaskTaken,
    TrestegError,
)
from service.text import finding_text, known, say

P = ParamSpec("P")
R = TypeVar("R")
FOUND, COULD_NOT, REFUSED, REFUSED_START = 1, 2, 3, 78
RULES = (
    CallUnderWay,
    CannotMove,
    CannotUndo,
    CaseEnded,
    CaseMoved,
    ConsentMissing,
    NotAllowed,
    Stale,
    Taken,
    TaskClosed,
    TaskTaken,
)
"""Errors of the business rules, which end a command with `REFUSED`: what was named is there."""


def explain_errors(run: Callable[P, R]) -> Callable[P, R]:
    """End a command in one sentence and an exit code when it raises one of our errors.

    What the machine refuses ends so too.
    """

    @wraps(run)
    def wrapped(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return run(*args, **kwargs)
        except BadDiagram as e:
            show_findings(e.findings, spoken_language())
            sys.exit(COULD_NOT)
        except BadSettings as e:
            end_with(f"tresteg cannot start: {e}", REFUSED_START)
        except TrestegError as e:
            end_with(error_sentence(e), REFUSED if isinstance(e, RULES) else COULD_NOT)
        except BrokenPipeError:
            raise  # the reader of our output has gone; click ends that quietly
        except OSError as e:
            file = f": {e.filename}" if e.filename else ""
            end_with(f"the machine refused{file}: {e.strerror or type(e).__name__}", COULD_NOT)

    return wrapped


def end_with(words: str, code: int) -> NoReturn:
    """Print a sentence to standard error, and exit."""
    click.echo(words, err=True)
    sys.exit(code)


def error_sentence(fault: TrestegError) -> str:
    """The message of an error; that of the browser when it has none of its own."""
    if str(fault) != fault.code:
        return str(fault)
    key = f"error.{fault.code}.text"
    return say(key, spoken_language()) if known(key) else fault.code


def spoken_language() -> str:
    """The language of the command that runs: that of its `--lang`, and English where it has none,
    as the sentences of such a command are.
    """
    running = click.get_current_context(silent=True)
    return str(running.params.get("lang", OTHERWISE)) if running else OTHERWISE


def show_findings(findings: Sequence[Finding], lang: str) -> None:
    """Print findings as lines that an editor can jump to.

    Each is one line of printable signs, whatever the names in a diagram hold.
    """
    for f in findings:
        place = f"{f.file}:{f.line}" if f.line else f.file
        element = f" {f.element}" if f.element else ""
        text = finding_text(f.code, f.message, f.facts, lang)
        line = " ".join(f"{place}: {f.severity} {f.code}{element}: {text}".split())
        click.echo("".join(sign if sign.isprintable() else "�" for sign in line))
