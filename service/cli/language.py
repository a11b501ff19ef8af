"""The language of a command: that of the terminal, unless `--lang` chooses another."""

from __future__ import annotations

import os
from typing import Final

import click

from service.text import languages

OTHERWISE: Final = "en"
"""Where the environment names no language that there are words in, as under systemd and cron."""


def terminal_language() -> str:
    """Code of the language of the environment: the first of LC_ALL, LC_MESSAGES and LANG that is
    set decides, as POSIX has it (8.2, Internationalization Variables).
    """
    named = (os.environ.get(name) for name in ("LC_ALL", "LC_MESSAGES", "LANG"))
    locale = next(filter(None, named), "")
    code = locale.partition("_")[0].partition(".")[0].lower()
    return code if code in languages() else OTHERWISE


speaking = click.option(
    "--lang",
    type=click.Choice(languages()),
    default=terminal_language,
    show_default="that of LC_ALL, LC_MESSAGES or LANG",
    help="Language of what is said.",
)
"""Let a command take the language of what it says, as `lang`."""
