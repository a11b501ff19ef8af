"""The matter of an audit is asked before the first page of a session, and goes with every look."""

from __future__ import annotations

import json
from urllib.parse import parse_qs, urlsplit

from service.security.records import LedgerEntry
from service.store.installation import ledger_entries
from tests.support.audits import MATTER
from tests.support.browser import Browser
from tests.support.world import World

OWN = "Supervision 12/2026"


def stranger(world: World) -> Browser:
    """The auditor as she has signed in, without a matter."""
    browser = world.browser()
    assert browser.sign_in("greta").status_code == 303
    return browser


def looks(world: World, case: str) -> list[LedgerEntry]:
    with world.database.transaction(write=False) as tx:
        return ledger_entries.of_stream(tx, f"reads/{case}")


def matters(world: World) -> list[LedgerEntry]:
    office = world.loaded_viewer("greta").office
    with world.database.transaction(write=False) as tx:
        return ledger_entries.latest(tx, f"office/{office}", kinds=["audit_matter"])


def test_the_first_page_asks_and_leads_where_she_was_going(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser, wanted = stranger(shipped_world), f"/audit/cases/{case}/replay?at=1"
    asked = browser.get(wanted)
    assert asked.status_code == 303
    assert looks(shipped_world, case) == [], "nothing is read before"
    address = urlsplit(asked.location)
    assert address.path == "/audit/matter"
    assert parse_qs(address.query) == {"back": [wanted]}
    assert "Why do you look?" in browser.get(asked.location).text
    told = browser.post("/audit/matter", {"matter": OWN, "back": wanted})
    assert (told.status_code, told.location) == (303, wanted)
    page = browser.get(wanted)
    assert page.status_code == 200
    assert f"Matter: {OWN}" in page.text
    (stated,) = matters(shipped_world)
    assert OWN not in stated.body
    assert [json.loads(look.body)["matter"] for look in looks(shipped_world, case)] == [stated.seq]


def test_every_page_of_audit_asks_and_the_page_of_a_case(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser = stranger(shipped_world)
    every = ("", "/reads", "/streams", "/log-review", "/report", "/verify", "/export", "/head")
    for page in (*(f"/audit{end}" for end in every), f"/cases/{case}"):
        assert browser.get(page).location.startswith("/audit/matter?"), page
    for page in ("/audit/matter", "/audit/help", "/help", "/settings"):
        assert browser.get(page).status_code == 200, page


def test_another_matter_goes_with_the_looks_after_it(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser, page = shipped_world.browser("greta"), f"/audit/cases/{case}/reads"
    assert f"Matter: {MATTER}" in browser.get(page).text
    shipped_world.later(minutes=1)
    assert f'value="{MATTER}"' in browser.get("/audit/matter").text, "it is there to be changed"
    browser.post("/audit/matter", {"matter": OWN, "back": page})
    shipped_world.later(minutes=1)
    assert f"Matter: {OWN}" in browser.get(page).text
    first, second = (json.loads(look.body)["matter"] for look in looks(shipped_world, case))
    assert [second, first] == [entry.seq for entry in matters(shipped_world)]


def test_the_matter_of_the_last_session_does_not_count(shipped_world: World) -> None:
    assert shipped_world.browser("greta").get("/audit").status_code == 200
    assert stranger(shipped_world).get("/audit").status_code == 303


def test_a_form_that_was_sent_waits_for_the_matter(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser, page = stranger(shipped_world), f"/audit/cases/{case}/unmask"
    browser.get("/settings")
    answer = browser.post(page, {"classes": "C1", "why": "Two notes differ"})
    assert answer.status_code == 403
    assert "What you have just sent is kept" in answer.text
    assert 'name="why" value="Two notes differ"' in answer.text
    sent = {"classes": "C1", "why": "Two notes differ"}
    answer = browser.post(page, {**sent, "matter": " "})
    assert answer.status_code == 422
    assert "Write the matter." in answer.text
    assert browser.post(page, {**sent, "matter": OWN}).status_code == 303
    assert "Two notes differ" in browser.get(page).text


def test_a_matter_needs_words(shipped_world: World) -> None:
    browser = shipped_world.browser("greta")
    browser.get("/audit/matter")
    answer = browser.post("/audit/matter", {"matter": "  "})
    assert answer.status_code == 422
    assert "Write the matter." in answer.text
    long = "x" * 201
    answer = browser.post("/audit/matter", {"matter": long})
    assert "The matter may have 200 characters at most." in answer.text
    assert long in answer.text, "nothing typed is lost"


def test_nobody_else_has_a_matter(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    for name in ("sara", "maja", "disa"):
        assert "audit/matter" not in shipped_world.browser(name).get(f"/cases/{case}").text, name
