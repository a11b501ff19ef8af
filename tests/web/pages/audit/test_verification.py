"""`/audit/verify`: a button, progress, a result that leads to the line in the replay."""

from __future__ import annotations

from service.worker.batches import run_portion
from tests.operations.test_verification_runs import damage
from tests.support.world import World


def test_an_auditor_verifies_everything_and_reads_the_result(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("greta")
    assert "Verify every case" in browser.get("/audit/verify").text
    answer = browser.post("/audit/verify", {"do": "begin"})
    assert answer.headers["Location"] == "/audit/verify"
    running = browser.get("/audit/verify").text
    assert "Every case is being verified" in running
    assert "0 of 1 cases" in browser.get("/audit/verify/progress").text
    while run_portion(shipped_world.worker()):
        pass
    over = browser.get("/audit/verify/progress")
    assert (over.status_code, over.headers["HX-Refresh"]) == (204, "true")
    page = browser.get("/audit/verify").text
    assert "The history is whole." in page
    assert "Greta" in page
    assert case not in page


def test_a_fault_leads_to_its_line_with_the_band(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    change = "UPDATE fact_payload SET routing = :bytes WHERE case_id = :case"
    damage(shipped_world, change, case=case, bytes=b"x")
    browser = shipped_world.browser("greta")
    browser.get("/audit/verify")
    browser.post("/audit/verify", {"do": "begin"})
    while run_portion(shipped_world.worker()):
        pass
    page = browser.get("/audit/verify").text
    assert "does not hold" in page
    assert "Fact 1, what was answered: a sealed value or a bound row was changed." in page
    assert f"/audit/cases/{case}/replay?at=1" in page
    replay = browser.get(f"/audit/cases/{case}/replay?at=1").text
    assert "The chain is broken at this line." in replay
    assert "I11 · payload of fact 1" in replay


def test_it_is_stopped_and_refused_in_words(shipped_world: World) -> None:
    browser = shipped_world.browser("greta")
    browser.get("/audit/verify")
    refused = browser.post("/audit/verify", {"do": "begin"})
    assert refused.status_code == 422
    assert "There is no case to verify yet." in refused.text
    shipped_world.start_case()
    browser.post("/audit/verify", {"do": "begin"})
    page = browser.get("/audit/verify").text
    run = page.partition('name="run" value="')[2].partition('"')[0]
    browser.post("/audit/verify", {"do": "stop", "run": run})
    assert "It was stopped after 0 cases." in browser.get("/audit/verify").text
    assert browser.post("/audit/verify", {"do": "nothing"}).status_code == 404
    assert shipped_world.browser("sara").get("/audit/verify").status_code == 404
