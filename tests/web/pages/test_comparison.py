"""The pages that compare: a draft with its release, two releases; and who may read them."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from service.release.bundle import Bundle
from service.store.installation import releases
from service.store.transaction import Tx
from tests.support.browser import Browser
from tests.support.world import World, shipped

CASE = "workflows/return_case.bpmn"
FIRST = "Task_OfferReturnInformation"


def drafted(world: World, browser: Browser, files: dict[str, bytes] | None = None) -> str:
    """A draft with these files, begun by its owner; gives its id."""
    browser.get("/processes")
    browser.post("/drafts", {"process": world.program.services.programme.process})
    with world.program.database.transaction() as tx:
        (row,) = releases.drafts(tx)
        if files:
            bundle = Bundle({**shipped().files, **files})
            releases.save_draft(tx, row, replace(row, rev=row.rev + 1, files=bundle.pack()))
    return row.id


def changed(file: str, was: str, now: str) -> dict[str, bytes]:
    text = shipped().text(file)
    assert was in text
    return {file: text.replace(was, now, 1).encode()}


def test_a_draft_that_is_as_its_release_has_no_difference(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    page = browser.get(f"/drafts/{drafted(shipped_world, browser)}/compare")
    assert page.status_code == 200
    assert "No difference. The content hash is the same." in page.text
    assert "data-compare" not in page.text


def test_differences_stand_by_class_and_lead_to_the_diagram(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    files = changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"')
    files |= changed("forms/new_case.form", '"label": "Bed', '"label": "Din bed')
    draft = drafted(shipped_world, browser, files)
    page = browser.get(f"/drafts/{draft}/compare").text
    assert "2 differences" in page
    assert re.search(r'id="class-who">Who and when <span class="t-count">1</span>', page)
    assert "due: was 5 days, is now 7 days" in page
    assert "After a move the task is offered to those who now have the role" in page
    assert "<dd>Bedömning</dd>" in page
    assert "<dd>Din bedömning</dd>" in page
    assert page.count(f'data-jump="{FIRST}"') == 2
    assert f'"signs": {{"{FIRST}": "changed"}}' in page
    assert 'aria-current="page">Compare</a>' in page


def test_a_file_is_shown_as_text_only_when_it_is_asked_for(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser, changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"'))
    address = f"/drafts/{draft}/compare"
    assert "t-patch" not in browser.get(address).text
    page = browser.get(f"{address}?text={CASE}").text
    assert "t-patch--old" in page
    assert "dueDate=&#34;P7D&#34;" in page
    for wrong in ("text=forms/referral.form", "file=nope.bpmn", "with=nope", "with=" + "f" * 64):
        assert browser.get(f"{address}?{wrong}").status_code == 404


def test_a_release_whose_files_are_others_is_told_in_red(
    shipped_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser, changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"'))
    stored = releases.get

    def damaged(tx: Tx, id_: str) -> releases.Release | None:
        row = stored(tx, id_)
        return row and replace(row, files=Bundle({CASE: b"<other/>"}).pack())

    assert "not those that were published" not in browser.get(f"/drafts/{draft}/compare").text
    monkeypatch.setattr(releases, "get", damaged)
    page = browser.get(f"/drafts/{draft}/compare")
    assert page.status_code == 200
    assert "The files of v1 are not those that were published." in page.text


def test_two_releases_are_compared_and_another_can_be_chosen(shipped_world: World) -> None:
    browser = shipped_world.browser("nils")
    with shipped_world.program.database.transaction(write=False) as tx:
        live = shipped_world.program.services.current(tx).id
    page = browser.get(f"/releases/{live}/compare/{live}")
    assert page.status_code == 200
    assert "From v1 to v1" in page.text
    sent = browser.get(f"/releases/{live}/compare/{live}?with={live}")
    assert (sent.status_code, sent.headers["Location"]) == (303, f"/releases/{live}/compare/{live}")
    assert browser.get(f"/releases/{live}/compare/{'f' * 64}").status_code == 404


def test_only_who_reads_processes_compares(shipped_world: World) -> None:
    owner = shipped_world.browser("maja")
    draft = drafted(shipped_world, owner)
    with shipped_world.program.database.transaction(write=False) as tx:
        live = shipped_world.program.services.current(tx).id
    other = shipped_world.browser("sara")
    for address in (f"/drafts/{draft}/compare", f"/releases/{live}/compare/{live}"):
        assert other.get(address).status_code in (403, 404)
        assert shipped_world.browser("nils").get(address).status_code == 200


def test_the_pages_around_lead_here(shipped_world: World) -> None:
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser, changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"'))
    for address in ("/processes", f"/drafts/{draft}/files", f"/drafts/{draft}/publish"):
        assert f'href="/drafts/{draft}/compare"' in browser.get(address).text
