"""Fresh proof: what cannot be taken back asks once more who it is, and loses nothing meanwhile."""

from __future__ import annotations

from datetime import timedelta

from service.store.installation import ledger_entries
from service.web.accounts.fresh_proof import FRESH
from tests.support.browser import PASSWORD, SECRET, TICKET, Browser, code_at
from tests.support.world import World

JUST_OVER = FRESH + timedelta(seconds=1)


def past(world: World, gap: timedelta) -> None:
    """Let time pass for everybody."""
    world.clock.set(world.clock.now() + gap)


def export(browser: Browser) -> int:
    """Send the form of an export that lacks everything; its answer."""
    browser.get("/audit/export")
    return browser.post("/audit/export", {"what": "cases", "reason": "Årsrapport"}).status_code


def test_a_form_waits_while_she_shows_that_it_is_she(shipped_world: World) -> None:
    world = shipped_world
    browser = world.browser("greta")
    browser.post("/audit/matter", {"matter": "D 1", "back": "/audit"})
    past(world, FRESH)
    assert export(browser) != 303
    past(world, timedelta(seconds=1))
    browser.get("/audit/export")
    sent = browser.post("/audit/export", {"what": "cases", "reason": "Årsrapport"})
    assert (sent.status_code, sent.headers["Location"].partition("?")[0]) == (303, "/prove")
    page = browser.get("/prove")
    assert "Show that it is you" in page.text
    wrong = browser.post("/prove", {"password": "another one, long enough"})
    assert wrong.status_code == 422
    done = browser.post("/prove", {"password": PASSWORD})
    assert (done.status_code, done.headers["Location"]) == (303, "/held")
    assert "Årsrapport" in browser.get("/held").text
    assert export(browser) != 303


def test_each_proof_is_an_entry_and_each_wrong_one(shipped_world: World) -> None:
    world = shipped_world
    browser = world.browser("greta")
    browser.get("/prove")
    browser.post("/prove", {"password": "another one, long enough"})
    browser.post("/prove", {"password": PASSWORD})
    office = world.loaded_viewer("greta").office
    with world.database.transaction(write=False) as tx:
        (given,) = ledger_entries.latest(tx, f"office/{office}", kinds=["proof_given"])
        (failed,) = ledger_entries.latest(tx, "system", kinds=["sign_in_failed"])
    assert '"way":"password"' in given.body
    assert failed.actor == "p_greta"


def test_who_has_an_app_shows_a_code_too(shipped_world: World) -> None:
    world = shipped_world
    browser = world.browser("greta")
    page = browser.get("/account/codes")
    assert page.status_code == 200, page.text
    secret, ticket = SECRET.search(page.text), TICKET.search(page.text)
    assert secret is not None
    assert ticket is not None
    key = secret[1].replace(" ", "")
    form = {"ticket": ticket[1], "code": code_at(key, world.clock.now())}
    assert browser.post("/account/codes", form).text.count("<li><code") == 10
    past(world, JUST_OVER)
    browser.get("/prove")
    assert browser.post("/prove", {"password": PASSWORD}).status_code == 422
    code = code_at(key, world.clock.now())
    browser.get("/prove")
    assert browser.post("/prove", {"password": PASSWORD, "code": code}).status_code == 303
    browser.get("/prove")
    again = browser.post("/prove", {"password": PASSWORD, "code": code})
    assert again.status_code == 422, "each code is taken once"


def test_a_stolen_session_changes_no_way_to_sign_in(shipped_world: World) -> None:
    world = shipped_world
    browser = world.browser("greta")
    past(world, JUST_OVER)
    assert browser.get("/account/codes").headers["Location"].startswith("/prove")
    changes = ("codes", "recovery", "codes/end", "passkeys", "passkeys/change")
    for change in (*changes, "provider/freja", "provider/freja/end"):
        path = f"/account/{change}"
        browser.get("/settings")
        assert browser.post(path, {}).headers["Location"].startswith("/prove")
