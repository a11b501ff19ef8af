"""The state of a country is changed by an act that the ledger names and verification checks."""

from __future__ import annotations

import json

import pytest
from sqlalchemy import update

from service.audit.verify import verify_all
from service.casework.country_states import SETTING, CountryState, country_states, set_country_state
from service.errors import UnusableWord
from service.store.installation import ledger_entries
from service.store.tables import setting
from tests.support.world import NOON, SEED, World


def test_a_change_says_what_was_and_what_is(desk: World) -> None:
    services = desk.program.services
    with desk.database.transaction() as tx:
        assert country_states(tx, services)["UA"].status == "SUSPENDED", "as the file has it"
        about = {"country": "BG", "status": "RESTRICTED", "reason": " Oro \n i norr "}
        was = set_country_state(tx, services, by=SEED, now=NOON, **about)
    with desk.database.transaction(write=False) as tx:
        found = country_states(tx, services)["BG"]
        (entry,) = ledger_entries.latest(tx, "system", kinds=["country_state"], limit=5)
    assert was == CountryState("OPEN")
    assert found == CountryState("RESTRICTED", "Oro i norr", NOON.date().isoformat())
    body = json.loads(entry.body)
    assert (entry.actor, body["country"]) == (SEED.id, "BG")
    assert (body["from"], body["to"]) == ("OPEN", "RESTRICTED")


@pytest.mark.parametrize(
    ("country", "status", "reason", "sentence"),
    [
        ("QQ", "OPEN", "why", "no country QQ"),
        ("BG", "CLOSED", "why", "no state CLOSED; there are OPEN"),
        ("BG", "OPEN", " ", "say why"),
        ("BG", "OPEN", "x" * 501, "1 to 500"),
    ],
)
def test_what_nobody_could_use_is_refused(
    desk: World, country: str, status: str, reason: str, sentence: str
) -> None:
    about = {"country": country, "status": status, "reason": reason}
    with desk.database.transaction() as tx, pytest.raises(UnusableWord, match=sentence):
        set_country_state(tx, desk.program.services, by=SEED, now=NOON, **about)


def test_verification_finds_a_state_that_nobody_set(desk: World) -> None:
    services, about = desk.program.services, {"country": "BG", "status": "OPEN", "reason": "ok"}
    with desk.database.transaction() as tx:
        set_country_state(tx, services, by=SEED, now=NOON, **about)
    with desk.database.transaction(write=False) as tx:
        assert verify_all(tx, services, now=NOON).faults == ()
    with desk.database.transaction() as tx:
        mine = setting.c.name == f"{SETTING}BG"
        tx.run(update(setting).where(mine).values(value=json.dumps({"status": "SUSPENDED"})))
    with desk.database.transaction(write=False) as tx:
        assert verify_all(tx, services, now=NOON).faults != ()
