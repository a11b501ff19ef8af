"""Who acts from the command line is a person who may, as soon as there is one."""

from __future__ import annotations

import pytest

from service.cli.acting import INSTALLER, acting_person
from service.errors import NotAllowed, Stale, UnusableWord
from service.people import accounts, directory
from service.records.context import Actor
from tests.support.directory import OFFICE
from tests.support.world import NOON, SEED, World


def add(desk: World, name: str, *roles: str) -> None:
    """Add a person of the office."""
    with desk.database.transaction() as tx:
        accounts.add_person(
            tx,
            desk.program.services,
            id_=f"p_{name}",
            sign_in=name,
            name=name.title(),
            office=OFFICE,
            roles=roles,
            password=None,
            language="sv",
            by=SEED,
            now=NOON,
        )


def acts(desk: World, name: str = "", act: str = "operate") -> Actor:
    with desk.database.transaction(write=False) as tx:
        return acting_person(tx, desk.program.services, sign_in=name, act=act)


def test_while_nobody_may_the_installer_acts(desk: World) -> None:
    assert acts(desk) == INSTALLER
    add(desk, "maja", "owner")
    assert acts(desk) == INSTALLER, "an owner does not operate"
    with pytest.raises(UnusableWord, match=r"--as SIGN_IN or TRESTEG_AS: .* the role owner"):
        acts(desk, act="publish")


def test_an_operator_is_named_and_acts_herself(desk: World) -> None:
    add(desk, "tor", "operator")
    assert acts(desk, "tor") == Actor("p_tor", OFFICE)
    with pytest.raises(UnusableWord, match="the role operator"):
        acts(desk)


def test_who_may_not_is_refused(desk: World) -> None:
    add(desk, "tor", "operator")
    with pytest.raises(NotAllowed, match="sara may not do this: it needs the role operator"):
        acts(desk, "sara")
    with pytest.raises(NotAllowed, match="the role owner"):
        acts(desk, "tor", "publish")
    with pytest.raises(UnusableWord, match="nobody signs in as nils"):
        acts(desk, "nils")


def test_who_is_closed_acts_no_more(desk: World) -> None:
    add(desk, "tor", "operator")
    with desk.database.transaction() as tx:
        directory.close_person(tx, desk.program.services, by=SEED, now=NOON, sign_in="tor")
    with pytest.raises(Stale):
        acts(desk, "tor")
    assert acts(desk) == INSTALLER, "so that the installation can be looked after again"
