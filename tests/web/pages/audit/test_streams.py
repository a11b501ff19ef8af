"""A release, an office, a role are told like a case: what changed, by whom, why."""

from __future__ import annotations

from service.people.directory import set_roles
from service.records.context import actor
from tests.support.world import World


def test_the_list_leads_to_releases_offices_and_the_installation(shipped_world: World) -> None:
    office = shipped_world.loaded_viewer("sara").office
    page = shipped_world.browser("greta").get("/audit/streams").text
    for name in ("release", "system", f"office/{office}"):
        assert f'href="/audit/streams/{name}"' in page


def test_a_release_is_told_with_its_note(shipped_world: World) -> None:
    page = shipped_world.browser("greta").get("/audit/streams/release").text
    assert "A release was published" in page
    assert ">v1<" in page


def test_a_role_that_is_given_names_who_gave_it_and_to_whom(shipped_world: World) -> None:
    services = shipped_world.program.services
    office = shipped_world.loaded_viewer("nils").office
    with shipped_world.database.transaction() as tx:
        set_roles(
            tx,
            services,
            by=actor(shipped_world.loaded_viewer("maja")),
            now=shipped_world.clock.now(),
            sign_in="nils",
            roles=["reviewer", "auditor"],
        )
    page = shipped_world.browser("greta").get(f"/audit/streams/office/{office}").text
    assert "A role was given" in page
    assert "Nils" in page
    assert "Maja" in page
    assert "Auditor" in page


def test_what_is_no_stream_of_changes_is_no_page(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("greta")
    for name in ("nowhere", "office/nowhere", f"case/{case}", f"reads/{case}"):
        assert browser.get(f"/audit/streams/{name}").status_code == 404
    assert shipped_world.browser("sara").get("/audit/streams/release").status_code == 404
