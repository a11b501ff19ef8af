"""Who gives a command that changes something: `--as`, or `TRESTEG_AS`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from service.application.container import Tresteg
from service.errors import UnusableWord
from service.people.acting import INSTALLER, acting_person, may_nobody
from service.records.context import Actor
from service.settings import ACTING
from service.store.transaction import Tx

Run = TypeVar("Run", bound=Callable[..., Any])
_KEPT: Final = "service.cli.acting"


def acting(run: Run) -> Run:
    """Let a command take the name of who gives it."""
    option = click.option(
        "--as",
        "acting",
        metavar="SIGN_IN",
        default="",
        envvar=ACTING,
        expose_value=False,
        callback=_keep,
        help="Sign-in name of who does this; the histories name her. "
        "Left out only while nobody holds the role that it needs.",
    )
    return option(run)


def _keep(context: click.Context, _option: click.Parameter, name: str) -> None:
    context.meta[_KEPT] = name.strip()


def is_named() -> bool:
    """Whether the command was given with the name of who gives it."""
    return bool(click.get_current_context().meta.get(_KEPT, ""))


def who_answers(tx: Tx, made: Tresteg) -> tuple[Actor, str]:
    """The operator who gives a command for which a person answers in any case; where nobody of the
    directory is one, the words that name who does it.

    Raises:
        UnusableWord: no name was given.   Otherwise as `acting_person`.
    """
    name = click.get_current_context().meta.get(_KEPT, "")
    if not may_nobody(tx, "operate"):
        return who_acts(tx, made), ""
    if not name:
        raise UnusableWord(
            "say who does this, with --as: nobody holds the role operator, so any words that name "
            'a person, such as --as "Tor Dal, IT"'
        )
    return INSTALLER, name


def who_acts(tx: Tx, made: Tresteg, act: str = "operate") -> Actor:
    """The person who gives this command.

    Raises:
        UnusableWord, Stale, NotAllowed: as `acting_person` does.
    """
    name = click.get_current_context().meta.get(_KEPT, "")
    return acting_person(tx, made.services, sign_in=name, act=act)
