"""Attacks on a sign-in at a provider: each is refused by the check that is there for it, and leaves
no session.
"""

from __future__ import annotations

import json

import pytest

from service.store.installation import credentials, ledger_entries
from tests.support.browser import PASSWORD
from tests.support.directory import BOARD, OFFICE
from tests.support.provider_desk import FREJA, ProviderDesk
from tests.support.tree import ROOT
from tests.trust.openid_attacks import ATTACKS, SCRIPT, Attack, table


def sign_ins(desk: ProviderDesk) -> list[str]:
    """Who has signed in, and how."""
    with desk.world.database.transaction(write=False) as tx:
        return [
            entry.body
            for office in (OFFICE, BOARD)
            for entry in ledger_entries.latest(tx, f"office/{office}", kinds=["sign_in"])
            if '"way":"provider"' in entry.body
        ]


@pytest.mark.parametrize("attack", ATTACKS, ids=lambda attack: attack.name)
def test_an_attack_is_refused(
    attack: Attack, provider_desk: ProviderDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = provider_desk
    desk.link()
    linked = ways(desk)
    browser = desk.world.browser()
    answer = attack.act(desk, browser)
    assert answer.status_code in (403, 422, 503)
    assert SCRIPT not in answer.text
    assert browser.client.get_cookie("tresteg_demo") is None
    assert browser.get("/inbox").status_code == 303
    assert sign_ins(desk) == []
    assert ways(desk) == linked
    said = [json.loads(line) for line in capsys.readouterr().err.splitlines()]
    why = [line["why"] for line in said if line["event"] in ("provider_refused", "provider_down")]
    assert why == ([] if attack.why == "unknown" else [attack.why])
    assert (answer.status_code == 403) == (attack.why == "unknown")


def ways(desk: ProviderDesk) -> list[credentials.Credential]:
    """The links that there are."""
    with desk.world.database.transaction(write=False) as tx:
        return credentials.ROWS.all(tx, credentials.OF_KIND, {"kind": credentials.PROVIDER})


def test_the_same_sign_in_without_an_attack_is_taken(provider_desk: ProviderDesk) -> None:
    provider_desk.link()
    assert provider_desk.sign_in(provider_desk.world.browser()).status_code == 303
    assert len(sign_ins(provider_desk)) == 1


@pytest.mark.parametrize(
    "back", ["//evil.example", "https://evil.example", "/\\evil.example", "javascript:alert(1)"]
)
def test_no_way_back_leads_out(back: str, provider_desk: ProviderDesk) -> None:
    provider_desk.link()
    answer = provider_desk.sign_in(provider_desk.world.browser(), back=back)
    assert answer.headers["Location"] == "/"


def test_parameters_of_the_callback_lead_nowhere(provider_desk: ProviderDesk) -> None:
    desk = provider_desk
    desk.link()
    browser = desk.world.browser()
    given = desk.freja.authorize(desk.begin(browser))
    evil = "https://evil.example"
    answer = desk.come_back(browser, [*given, ("back", evil), ("next", evil)])
    assert answer.headers["Location"] == "/"


def test_a_refused_sign_in_leaves_the_other_ways(provider_desk: ProviderDesk) -> None:
    browser = provider_desk.world.browser()
    assert browser.get(f"/sign-in/provider/{FREJA}/callback?again=1").status_code == 422
    assert browser.sign_in("sara", PASSWORD).status_code == 303


def test_the_page_about_signing_in_has_every_attack() -> None:
    assert len({attack.name for attack in ATTACKS}) == len(ATTACKS)
    assert table() in (ROOT / "docs" / "sign-in.md").read_text("utf-8")
