"""Who gives a command that changes something: `--as`, or `TRESTEG_AS`; a person of the directory.

The command line asks for no password: who may run it has the keyring anyway. It asks for a name, so
that histories say who did it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from service.access import ACTS, can_act
from service.application.container import Tresteg
from service.errors import NotAllowed, Stale, UnusableWord
from service.people.accounts import viewer_of
from service.people.directory import find_person
from service.records.context import Actor, Services, actor
from service.settings import ACTING
from service.store.installation import offices, people
from service.store.transaction import Tx

INSTALLER = Actor("installer")
"""Who acts while nobody holds the role that an act needs: an installation begins without people.
The id is part of stored entries."""


def may_nobody(tx: Tx, act: str) -> bool:
    """Whether nobody of the directory may do an act."""
    return not any(held & ACTS[act] for held in people.roles_of_offices(tx).values())


def acting_person(tx: Tx, services: Services, *, sign_in: str, act: str) -> Actor:
    """The person who does an act from the command line.

    Args:
        sign_in: her sign-in name; "" when none was given.
        act: one of `access.ACTS`.
    Returns: `INSTALLER` when no name was given and nobody holds a role that may do the act.
    Raises:
        UnusableWord: no name was given though somebody may do it, or nobody signs in by it.
        Stale: she, or her office, is closed.   NotAllowed: she may not do it.
    """
    roles = " or ".join(sorted(ACTS[act]))
    if not sign_in:
        if may_nobody(tx, act):
            return INSTALLER
        raise UnusableWord(
            "say who does this, with --as SIGN_IN or TRESTEG_AS: "
            f"the sign-in name of a person who holds the role {roles}"
        )
    row = find_person(tx, services, sign_in)
    viewer = viewer_of(row, offices.get(tx, row.person.office_id))
    if viewer is None:
        raise Stale(f"the office of {sign_in} is closed")
    if not can_act(viewer, act):
        raise NotAllowed(f"{sign_in} may not do this: it needs the role {roles}", why="role")
    return actor(viewer)


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
