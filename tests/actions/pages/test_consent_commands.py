"""Who can take a consent back beside a case, and how it is told; the page's tests play the rest."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from service.actions.casefile.case_view import CaseView, load_case_view
from service.actions.pages import consent_commands
from service.errors import NotFound
from service.security.keyring import Keyring
from service.store.transaction import Tx
from tests.support import small
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, small.one(small.person("a"), "s>a a>e"))
    yield made
    made.database.close()


def view(tx: Tx, desk: World, case: str) -> CaseView:
    who, now = desk.loaded_viewer("sara"), desk.clock.now()
    return load_case_view(tx, desk.program.services, who, case, now)


def test_without_a_live_consent_there_is_nothing_to_take_back(desk: World) -> None:
    case = desk.start().case_id
    with desk.database.transaction(write=False) as tx:
        open_ = view(tx, desk, case)
        assert not consent_commands.may_withdraw(tx, open_)
        with pytest.raises(NotFound):
            consent_commands.require_withdrawable(tx, open_)
        at = replace(open_, case=replace(open_.case, status="ended"))
        assert not consent_commands.may_withdraw(tx, at)
        assert consent_commands.withdrawal_lines(tx, at) == ()
        with pytest.raises(NotFound):
            consent_commands.require_withdrawable(tx, at)
