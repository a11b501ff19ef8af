"""The list of cases: one's own, those of a colleague, and ended ones when they are asked for."""

from __future__ import annotations

from tests.support.world import World


def claimed(world: World, who: str) -> str:
    """A new case whose first task somebody claims."""
    moved = world.start_case()
    browser = world.browser(who)
    browser.get("/inbox")
    browser.post("/inbox", {"task": moved.opened[0].key, "do": "claim"})
    return moved.case_id


def test_my_cases_are_those_that_i_handle(shipped_world: World) -> None:
    mine, hers = claimed(shipped_world, "sara"), claimed(shipped_world, "stina")
    browser = shipped_world.browser("sara")
    for query, found in (
        ("", {mine, hers}),
        ("?officer=mine", {mine}),
        ("?officer=p_stina", {hers}),
        ("?officer=mine&stage=1", {mine}),
        ("?officer=p_nobody", set[str]()),
    ):
        page = browser.get(f"/cases{query}").text
        assert {case for case in (mine, hers) if f"/cases/{case}" in page} == found, query
        tab = "My cases" if "mine" in query else "All"
        assert ('aria-current="page">My cases' in page) == (tab == "My cases"), query


def test_programs_ask_for_the_cases_of_an_officer(shipped_world: World) -> None:
    mine, _ = claimed(shipped_world, "sara"), claimed(shipped_world, "stina")
    browser = shipped_world.browser("sara")
    rows = browser.get("/v1/cases?officer=mine&state=open&sort=here").get_json()["items"]
    assert [(row["id"], row["officer"]) for row in rows] == [(mine, "Sara")]


def test_a_case_is_given_to_a_colleague_on_its_page(shipped_world: World) -> None:
    case = claimed(shipped_world, "sara")
    browser = shipped_world.browser("sara")
    assert "Case officer at your office: Sara" in " ".join(
        browser.get(f"/cases/{case}").text.split()
    )
    answer = browser.post(f"/cases/{case}/officer", {"to": "p_stina", "tasks": "1"})
    assert answer.location == f"/cases/{case}?done=officer"
    page = " ".join(browser.get(answer.location).text.split())
    assert "Case officer at your office: Stina" in page
    hers = shipped_world.browser("stina").get("/inbox?box=mine").text
    assert "A colleague gave you a case." in hers
    assert 'name="task"' in hers, "its open task came with it"
    assert "Sara gave the case to Stina" in browser.get(f"/cases/{case}?tab=history").text
    refused = browser.post(f"/cases/{case}/officer", {"to": "p_omar"})
    assert refused.location == f"/cases/{case}?done=officer_refused"
