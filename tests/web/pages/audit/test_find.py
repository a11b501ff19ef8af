"""An auditor asks over all cases: she states the matter once, and every search leaves a trace."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from service.casework.casefile import read_log
from service.security.records import LedgerEntry
from service.store.installation import ledger_entries
from tests.support.browser import Browser
from tests.support.world import World


@pytest.fixture
def greta(shipped_world: World) -> Browser:
    """The auditor."""
    return shipped_world.browser("greta")


def told(world: World, kind: str) -> list[LedgerEntry]:
    with world.program.database.transaction(write=False) as tx:
        office = world.loaded_viewer("greta").office
        return ledger_entries.latest(tx, f"office/{office}", kinds=[kind])


def test_a_case_is_found_by_what_happened_in_it(shipped_world: World, greta: Browser) -> None:
    case, office = shipped_world.start_case(), shipped_world.loaded_viewer("sara").office
    for query in (
        f"q={case.ref[:-1]}",
        f"q={shipped_world.case(case.case_id).number}",
        "since=2026-03-02&until=2026-03-02",
        f"office={office}",
        f"office={office}&person=p_sara",
        "kind=start",
        "kind=start&person=p_sara&until=2026-03-02",
    ):
        assert case.ref in greta.get(f"/audit?{query}").text, query
    for query in ("since=2026-03-03", "person=p_omar", "kind=move", "mark=moved", "mark=ended"):
        assert "No case matches" in greta.get(f"/audit?{query}").text, query


def test_an_entry_says_what_happened_and_leads_to_its_place(
    shipped_world: World, greta: Browser
) -> None:
    case = shipped_world.start_case()
    page = greta.get("/audit?show=entries&person=p_sara&kind=start").text
    assert "A case was opened" in page
    assert f"/audit/cases/{case.case_id}/replay?at=1" in page
    assert "Sara" in page


def test_a_search_is_recorded_by_what_it_asked_for(shipped_world: World, greta: Browser) -> None:
    shipped_world.start_case()
    greta.get("/audit?q=nobody%25&kind=start")
    greta.get("/audit")
    (entry,) = told(shipped_world, "audit_search")
    body = json.loads(entry.body)
    assert (body["by"], body["hits"]) == (["kind", "q"], 0)
    assert "nobody" not in entry.body


def test_a_day_that_is_none_is_named(greta: Browser) -> None:
    answer = greta.get("/audit?since=yesterday&kind=start")
    assert answer.status_code == 422
    assert "Write a day as year-month-day" in answer.text
    assert 'value="yesterday"' in answer.text


def test_an_enquiry_is_kept_under_its_own_words(greta: Browser) -> None:
    asked = {"kind": "start", "mark": "moved", "do": "save"}
    greta.get("/audit")
    greta.post("/audit/enquiries", asked)
    page = greta.get("/audit").text
    assert "Cases: A case was opened, Moved to another release" in page
    greta.post("/audit/enquiries", {**asked, "do": "forget"})
    assert "Cases: A case was opened" not in greta.get("/audit").text


def test_a_case_read_without_a_task_is_found(shipped_world: World, greta: Browser) -> None:
    case, now = shipped_world.start_case(), shipped_world.clock.now()
    assert "No case matches" in greta.get("/audit?mark=lookup").text
    with shipped_world.program.database.transaction() as tx:
        read_log.record_lookup_reason(
            tx,
            shipped_world.program.services,
            by=shipped_world.loaded_viewer("omar"),
            now=now,
            case_id=case.case_id,
            purpose="PHONE",
            reason="",
        )
    page = greta.get("/audit?mark=lookup").text
    assert case.ref in page
    assert "read without a task" in page


def test_a_part_that_names_nothing_is_said_to_be_left_out(
    shipped_world: World, greta: Browser
) -> None:
    case = shipped_world.start_case()
    page = greta.get("/audit?kind=nonsense&mark=moved2&release=v1").text
    assert "names nothing that there is: a kind of case, what happened, the release" in page
    assert case.ref in page, "the rest of the search holds"


def test_days_are_said_to_be_in_the_wrong_order(greta: Browser) -> None:
    answer = greta.get("/audit?since=2026-03-04&until=2026-03-03&kind=start")
    assert answer.status_code == 422
    assert "The last day is before the first." in answer.text


def test_looks_are_compared_within_a_month(shipped_world: World, greta: Browser) -> None:
    case = shipped_world.start_case()
    page = greta.get("/audit?mark=foreign").text
    assert "No case matches" in page
    assert "The history begins on" in page
    assert "within 31 days at most, here" in page
    with shipped_world.program.database.transaction() as tx:
        read_log.record_read(
            tx,
            by=replace(shipped_world.loaded_viewer("disa"), office="helsinki"),
            now=shipped_world.clock.now(),
            case_id=case.case_id,
            purpose="case",
            classes=("C0",),
        )
    page = greta.get("/audit?mark=foreign").text
    assert case.ref in page
    assert "Disa" in page, "a look says whose it was"
    answer = greta.get("/audit?mark=foreign&since=2026-01-01&until=2026-03-03")
    assert answer.status_code == 422
    assert "Looks are compared within 31 days at most. Choose a shorter time." in answer.text


def test_broken_promises_ask_for_a_verification_first(greta: Browser) -> None:
    page = greta.get("/audit?mark=broken").text
    assert "That has not been done yet" in page
    assert 'href="/audit/verify"' in page
    assert "No case matches" not in page, "nobody knows"


def test_only_auditors_ask_over_all_cases(shipped_world: World) -> None:
    for name in ("sara", "maja", "omar"):
        browser = shipped_world.browser(name)
        assert browser.get("/audit").status_code == 404
        assert browser.get("/audit/matter").status_code == 404
        assert browser.post("/audit/enquiries", {"kind": "start"}).status_code == 404


def test_help_leads_auditors_to_what_is_proven_and_what_is_not(shipped_world: World) -> None:
    browser = shipped_world.browser("greta")
    assert 'href="/audit/help"' in browser.get("/help").text
    page = browser.get("/audit/help").text
    assert "What is not proven" in page
    assert "/audit/help" not in shipped_world.browser("sara").get("/help").text


def test_a_protected_identity_that_was_read_is_found(shipped_world: World, greta: Browser) -> None:
    case = shipped_world.start_case(protectedIdentity="SEKRETESSMARKERING")
    assert "No case matches" in greta.get("/audit?mark=protected").text
    with shipped_world.program.database.transaction() as tx:
        read_log.record_read(
            tx,
            by=shipped_world.loaded_viewer("sara"),
            now=shipped_world.clock.now(),
            case_id=case.case_id,
            purpose="case",
            classes=("C0", "C1"),
        )
    page = greta.get("/audit?mark=protected").text
    assert case.ref in page
    assert "protected identity read" in page
