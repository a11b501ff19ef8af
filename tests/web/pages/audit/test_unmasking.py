"""The pages of unmasking: asking, answering, what is open, and ending it."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest

from service.casework.cases import protection
from service.web.accounts.fresh_proof import FRESH
from tests.support.audits import MATTER, unmask
from tests.support.browser import Browser
from tests.support.world import World

NOTE = "qzkanariefagel"
REASON = "Two notes give different towns"
TOWN = re.compile(r"Municipality[^<]*</th><td>–</td><td>Stockholm")


class Case:
    """A case, and who reads it."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.id = world.start_case(noteToOffice=NOTE).case_id
        self.pages = f"/audit/cases/{self.id}"
        self.greta, self.disa = world.browser("greta"), world.browser("disa")

    def ask(self, **fields: object) -> str:
        """Ask, and give the address at which it is answered."""
        self.greta.get(f"{self.pages}/unmask")
        sent = {"classes": "C1", "why": REASON, **fields}
        assert self.greta.post(f"{self.pages}/unmask", sent).status_code == 303
        found = re.search(r'href="(/approvals/\w+)"', self.disa.get("/approvals").text)
        assert found is not None
        return found[1]

    def answer(self, address: str, do: str = "approve", **fields: object) -> int:
        self.disa.get("/settings")
        sent = {"do": do, **fields}
        return self.disa.post(f"{address}/unmasking", sent).status_code

    def sees(self, page: str = "replay?at=1") -> bool:
        """Whether the auditor reads the town on a page."""
        return TOWN.search(self.greta.get(f"{self.pages}/{page}").text) is not None


@pytest.fixture
def case(shipped_world: World) -> Case:
    return Case(shipped_world)


def test_two_people_open_a_case_and_a_band_says_until_when(case: Case) -> None:
    assert "Ask to read them" in case.greta.get(f"{case.pages}/replay").text
    assert not case.sees()
    address = case.ask()
    page = case.disa.get(address).text
    for text in ("Greta, Board", REASON, MATTER, "Identity and contact", "Yes, for 60 minutes"):
        assert text in page, text
    assert case.greta.get(f"{case.pages}/replay").text.count("Open until") == 0
    assert case.answer(address) == 303
    assert case.sees()
    shown = case.greta.get(f"{case.pages}/replay?at=1")
    assert "Open until 14:00:" in shown.text
    assert "Each page that you open is logged as unmasking no. " in shown.text
    assert shown.headers["Refresh"] == "3601", "the browser masks it by itself"
    assert NOTE not in shown.text
    assert "Stockholm" in case.greta.get(f"{case.pages}/fields?field=municipality").text
    assert "you also see what is unmasked" in case.greta.get(f"{case.pages}/form?at=1").text
    assert "Open until 14:00:" in case.greta.get(f"{case.pages}/unmask").text


def test_what_is_open_is_nowhere_but_on_the_three_pages(case: Case) -> None:
    case.answer(case.ask(classes=["C1", "C2", "C3"]))
    shown = {"replay": True, "fields": True, "data": True, "form": True}
    for page in ("replay", "fields", "data", "form", "reads", "reads/extract", "proof", "unmask"):
        answer = case.greta.get(f"{case.pages}/{page}")
        assert ("Refresh" in answer.headers) is shown.get(page, False), page
    for page in ("/audit", f"/cases/{case.id}", f"{case.pages}/proof", f"{case.pages}/reads"):
        assert "Stockholm</" not in case.greta.get(page).text, page


def test_the_clock_masks_it_again(case: Case) -> None:
    case.answer(case.ask())
    case.world.later(minutes=59)
    case.greta = case.world.browser("greta")
    assert case.sees(), "also in another session"
    case.world.later(minutes=1)
    assert not case.sees()
    page = case.greta.get(f"{case.pages}/unmask").text
    assert "Ask data protection" in page
    assert "Refresh" not in case.greta.get(f"{case.pages}/replay").headers


def test_the_auditor_ends_it_where_she_reads(case: Case) -> None:
    address = case.ask()
    case.answer(address)
    here = f"{case.pages}/replay?at=1"
    assert 'value="' + here in case.greta.get(here).text
    ended = case.greta.post(f"{address}/end", {"back": here})
    assert (ended.status_code, ended.location) == (303, here)
    assert not case.sees()
    assert "It is over" in case.greta.get(f"{case.pages}/unmask").text


def test_data_protection_ends_it_from_her_list(case: Case) -> None:
    address = case.ask()
    case.answer(address)
    assert "Answers that are open now" in case.disa.get("/approvals").text
    assert case.disa.post(f"{address}/end", {}).status_code == 303
    assert not case.sees()
    assert "Answers that are open now" not in case.disa.get("/approvals").text


def test_a_yes_needs_a_fresh_proof(case: Case) -> None:
    address = case.ask()
    clock = case.world.clock
    clock.set(clock.now() + FRESH + timedelta(seconds=1))
    case.disa.get(address)
    sent = case.disa.post(f"{address}/unmasking", {"do": "approve"})
    assert sent.headers["Location"] == "/prove"
    assert not case.sees()


def test_a_no_needs_a_reason_that_the_auditor_reads(case: Case) -> None:
    address = case.ask()
    assert case.answer(address, "refuse") == 422
    assert case.disa.page is not None
    assert "why-fault" in case.disa.page.text
    assert case.answer(address, "refuse", why="Ask the office first") == 303
    page = case.greta.get(f"{case.pages}/unmask").text
    assert "Data protection said no to your request of" in page
    assert "Ask the office first" in page
    assert case.answer(address) == 409, "it is decided"


def test_nothing_typed_is_lost_and_the_fields_say_what_is_wrong(case: Case) -> None:
    case.greta.get(f"{case.pages}/unmask")
    answer = case.greta.post(f"{case.pages}/unmask", {"why": REASON})
    assert answer.status_code == 422
    assert "Choose at least one kind of answers." in answer.text
    assert REASON in answer.text
    answer = case.greta.post(f"{case.pages}/unmask", {"classes": "C3"})
    assert answer.status_code == 422
    assert re.search(r'value="C3"\s+checked', answer.text)


def test_a_second_request_leads_to_the_first(case: Case) -> None:
    case.ask()
    case.greta.get("/settings")
    answer = case.greta.post(f"{case.pages}/unmask", {"classes": "C2", "why": REASON})
    assert answer.status_code == 409
    assert "Waits for data protection" in answer.text
    assert "Take the request back" in answer.text


def test_a_protected_identity_is_never_asked_for(case: Case) -> None:
    services, now = case.world.program.services, case.world.clock.now()
    with case.world.database.transaction() as tx:
        about: dict[str, Any] = {
            "case_id": case.id,
            "marking": "SEKRETESSMARKERING",
            "reason": "Told so",
        }
        by = case.world.loaded_viewer("sara")
        protection.set_marking(tx, services, by=by, now=now, **about)
    page = case.greta.get(f"{case.pages}/unmask").text
    assert "nothing of it is ever unmasked for an audit" in page
    assert "Ask data protection" not in page
    case.greta.get("/settings")
    answer = case.greta.post(f"{case.pages}/unmask", {"classes": "C1", "why": REASON})
    assert answer.status_code == 409


def test_nobody_else_has_these_pages(case: Case) -> None:
    address = case.ask()
    for name in ("sara", "maja", "nils", "greta"):
        browser: Browser = case.world.browser(name)
        assert browser.get(address).status_code == 404, name
        browser.get("/settings")
        status = browser.post(f"{address}/unmasking", {"do": "approve"}).status_code
        assert status == (403 if name == "greta" else 404), f"{name}: greta asked for it herself"
    for name in ("sara", "disa"):
        assert case.world.browser(name).get(f"{case.pages}/unmask").status_code == 404, name
    for name in ("sara", "maja", "nils"):
        browser = case.world.browser(name)
        browser.get("/settings")
        assert browser.post(f"{address}/end", {}).status_code == 404, name
    assert case.disa.get("/approvals/nothing").status_code == 404


def test_the_list_of_her_own_requests_says_what_became(case: Case) -> None:
    case.ask()
    page = case.greta.get("/approvals").text
    assert "Read masked answers of a case" in page
    assert f'href="{case.pages}/unmask"' in page
    assert REASON not in page


def test_another_auditor_has_a_request_of_her_own(case: Case) -> None:
    world, now = case.world, case.world.clock.now()
    unmask(
        world.program, world.loaded_viewer("greta"), world.loaded_viewer("disa"), now, case.id, "C1"
    )
    assert case.sees()
    assert "Open until" not in world.browser("maja").get(f"/cases/{case.id}").text
