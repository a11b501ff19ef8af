"""The auditor's pages of a case: replay it line by line, and leave a trace of having looked."""

from __future__ import annotations

import json
from typing import Any

from service.casework.tasks import claims
from service.security.records import LedgerEntry
from service.store.casefile import facts
from service.store.installation import ledger_entries
from tests.support.world import World


def history(page: str) -> dict[str, Any]:
    """What the page hands to its script."""
    start = page.index('id="canvas-data">') + len('id="canvas-data">')
    found: dict[str, Any] = json.loads(page[start : page.index("</script>", start)])
    return found


def test_replay_tells_each_line_with_who_when_and_what_followed(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    page = shipped_world.browser("greta").get(f"/audit/cases/{moved.case_id}/replay").text
    told = history(page)
    first = told["steps"][0]
    assert (first["n"], first["rev"], first["who"], first["by"]) == (1, 1, "person", "Sara, Social")
    assert first["text"] == "Sara opened the case"
    assert first["when"] == "2026-03-02 13:00 CET"
    assert first["caused"] == ["Opened the task “New case: offer information”"]
    assert told["moments"]["1"]["tokens"] == [
        ["Sub_Programme", "active", 1],
        ["Sub_Step1", "active", 1],
        ["Task_OfferReturnInformation", "active", 1],
    ]
    assert "Verified: 1 line, unbroken" in page
    assert first["hash"] in page


def test_answers_are_masked_and_what_steered_the_case_is_shown(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    page = shipped_world.browser("greta").get(f"/audit/cases/{moved.case_id}/replay").text
    told = history(page)
    first = told["steps"][0]
    with shipped_world.program.database.transaction(write=False) as tx:
        sealed = set(facts.classes_answered(tx, moved.case_id)[1]) - {"C0"}
    assert len(first["sealed"]) == len(sealed) > 0
    labels = " ".join(told["sealed"][place][1] for place in first["sealed"])
    assert labels, "what the form asks for is named"
    assert "facts" not in first or all(len(change) == 3 for change in first["facts"])
    assert "21_PLUS" not in page


def test_looking_is_written_before_the_page_is_sent(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    browser = shipped_world.browser("greta")
    browser.get(f"/audit/cases/{moved.case_id}/replay")
    browser.get(f"/audit/cases/{moved.case_id}/data")
    with shipped_world.program.database.transaction(write=False) as tx:
        told = ledger_entries.of_stream(tx, f"reads/{moved.case_id}")
    assert [(line.actor, json.loads(line.body)["purpose"]) for line in told] == [
        ("p_greta", "audit")
    ] * 2


def test_without_script_the_lines_are_walked_by_links(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    with shipped_world.program.database.transaction() as tx:
        claims.claim(
            tx,
            shipped_world.program.services,
            by=shipped_world.loaded_viewer("sara"),
            task_key=moved.opened[0].key,
            now=shipped_world.clock.now(),
        )
    browser = shipped_world.browser("greta")
    page = browser.get(f"/audit/cases/{moved.case_id}/replay?at=1").text
    assert "1 of 2" in page
    assert f'href="/audit/cases/{moved.case_id}/replay?at=2">Next' in page
    assert history(page)["at"] == 0
    assert "Sara claimed the task" in browser.get(f"/audit/cases/{moved.case_id}/replay?at=2").text


def test_a_forged_line_breaks_the_chain_and_replay_says_where(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    stream = f"case/{moved.case_id}"
    with shipped_world.program.database.transaction() as tx:
        ledger_entries.add(
            tx,
            LedgerEntry(
                stream,
                2,
                "ab" * 32,
                "claim",
                shipped_world.clock.now(),
                "p_sara",
                "social",
                "{}",
            ),
        )
    page = shipped_world.browser("greta").get(f"/audit/cases/{moved.case_id}/replay").text
    assert "The chain is broken at line 2" in page
    assert "Verified" not in page
    assert len(history(page)["steps"]) == 2, "replay goes on"
    assert history(page)["broken"] == 2
    assert '<p class="t-band t-band--broken" data-part="break">The chain is broken at' in page
    assert 'class="table__row t-broken"' in page
    before = shipped_world.browser("greta").get(f"/audit/cases/{moved.case_id}/replay?at=1").text
    assert '<p class="t-band t-band--broken" data-part="break" hidden>' in before


def test_only_auditors_come_in(shipped_world: World) -> None:
    moved = shipped_world.start_case()
    for name in ("sara", "maja", "omar"):
        browser = shipped_world.browser(name)
        for path in (
            "/audit",
            f"/audit/cases/{moved.case_id}/replay",
            f"/audit/cases/{moved.case_id}/data",
            f"/audit/cases/{moved.case_id}/form?at=1",
            f"/audit/cases/{moved.case_id}/fields",
        ):
            assert browser.get(path).status_code == 404
    assert shipped_world.browser("greta").get("/audit/cases/none/replay").status_code == 404
