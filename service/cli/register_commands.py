"""The commands that print what an authority asks for: the register of processing, and the annex to
an impact assessment.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from service.cli.beginning import reading_program
from service.cli.comparing import LIVE, read_side
from service.cli.ending import explain_errors
from service.cli.language import speaking
from service.errors import NotFound, UnusableWord
from service.workshop.register.register import ANNEX, REGISTER
from service.workshop.register.register_page import RegisterRelease, host_of, write_page
from service.workshop.register.source import processes_of
from service.workshop.register.written import as_markdown

Command = Callable[..., Any]
OPTIONS = (
    click.option("--process", default="", metavar="ID", help="Else the main process."),
    click.option(
        "--release",
        default=LIVE,
        show_default=True,
        metavar="R",
        help="v3, the beginning of its hash, current, or a folder of files.",
    ),
    click.option(
        "--against", default="", metavar="R", help="Say first what has changed since this one."
    ),
    speaking,
    explain_errors,
)


def _choosing(command: Command) -> Command:
    """Let a command take the process, the release, and the one to compare with."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


@click.command("register")
@_choosing
def register(*, process: str, release: str, against: str, lang: str) -> None:
    """Print the register of processing of a process (GDPR article 30), as Markdown.

    It is made from the release; what the release does not know is said to be missing.
    """
    _print(REGISTER, process, release, against, lang)


@click.command("impact-annex")
@_choosing
def impact_annex(*, process: str, release: str, against: str, lang: str) -> None:
    """Print the annex to an impact assessment of a process (GDPR article 35), as Markdown: which
    data goes to whom, when, on what ground, and what lies open.
    """
    _print(ANNEX, process, release, against, lang)


def _print(kind: str, process: str, release: str, against: str, lang: str) -> None:
    made = reading_program()
    newer = _release(release)
    older = _release(against) if against else None
    host = host_of(made.settings)
    try:
        page = write_page(
            kind, made.services, host, lang, release=newer, process=process, against=older
        )
    except NotFound:
        ids = ", ".join(processes_of(made.services, newer.bundle))
        raise UnusableWord(f"there is no process {process}; there are {ids}") from None
    click.echo(as_markdown(page.text, page.difference), nl=False)


def _release(word: str) -> RegisterRelease:
    side = read_side(word)
    return RegisterRelease(side.bundle.digest, side.name, side.bundle)
