"""The road of a past case is saved as a scenario from the dry run, and tried on from there."""

from __future__ import annotations

import json
import re

from service.people import accounts
from service.store.installation import ledger_entries, releases
from tests.support.dry_runs import dry_run
from tests.support.world import World
from tests.web.pages.test_comparison import changed, drafted
from tests.web.pages.test_trial import CASE, carried, drawing


def road_of(world: World, draft: str) -> str:
    """A dry run of the draft over one case; gives the address of that case's road."""
    with world.program.database.transaction(write=False) as tx:
        owner = accounts.load_viewer(tx, "p_maja")
    assert owner is not None
    dry_run(world.program, draft, owner)
    return f"/drafts/{draft}/dry-run/1/scenario"


def test_a_road_is_saved_with_an_entry_and_no_sealed_answer(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser, changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"'))
    here = road_of(shipped_world, draft)
    assert f'href="{here}"' in browser.get(f"/drafts/{draft}/dry-run").text
    page = browser.get(here)
    assert "Those answers are sealed and are not opened." in page.text
    rev = re.findall(r'name="rev" value="(\d+)"', page.text)[0]
    assert reads(shipped_world, case) == []
    nameless = browser.post(here, {"do": "save", "name": "", "rev": rev})
    assert nameless.status_code == 422
    assert "Give the scenario a name" in nameless.text
    saved = browser.post(here, {"do": "save", "name": "Vägen", "rev": rev})
    assert saved.status_code == 303
    assert reads(shipped_world, case) == ["trial"]
    assert "1 of 1 pass" in browser.get(f"/drafts/{draft}/try").text
    with shipped_world.program.database.transaction(write=False) as tx:
        (row,) = releases.drafts(tx)
    assert case.encode() not in row.files


def test_a_trial_goes_on_from_a_case(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("maja")
    draft = drafted(shipped_world, browser, changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"'))
    here = road_of(shipped_world, draft)
    browser.get(here)
    page = browser.post(here, {"do": "try"})
    assert page.status_code == 200
    assert "New case: offer information" in page.text
    (act,) = json.loads(carried(page.text)["_trial"])["acts"]
    assert (act["kind"], act["target"], "answers" in act) == (
        "start",
        "Start_PersonIdentified",
        False,
    )
    assert drawing(page.text)["moments"]
    assert reads(shipped_world, case) == ["trial"]
    later = {**carried(page.text), "do": "wait:P1D"}
    assert browser.post(f"/drafts/{draft}/try", later).status_code == 200


def test_who_only_reads_processes_takes_no_road(shipped_world: World) -> None:
    shipped_world.start_case()
    owner = shipped_world.browser("maja")
    draft = drafted(shipped_world, owner, changed(CASE, 'dueDate="P5D"', 'dueDate="P7D"'))
    here = road_of(shipped_world, draft)
    for who in ("nils", "sara", "greta"):
        assert shipped_world.browser(who).get(here).status_code in (403, 404), who
    assert owner.get(f"/drafts/{draft}/dry-run/9/scenario").status_code == 404


def reads(world: World, case: str) -> list[str]:
    """Purposes of the reads of a case."""
    with world.program.database.transaction(write=False) as tx:
        lines = ledger_entries.of_stream(tx, f"reads/{case}", after=0)
    return [json.loads(line.body)["purpose"] for line in lines]
