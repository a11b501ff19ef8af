"""The page that exports events of many cases."""

from __future__ import annotations

import json

from werkzeug.test import TestResponse

from service.standalone.verify import unzipped
from service.store.installation import ledger_entries
from tests.support.world import World

REASON = "A study of waiting times"


def sent(world: World, **form: object) -> TestResponse:
    browser = world.browser("greta")
    browser.get("/audit/export")
    return browser.post("/audit/export", form)


def test_events_are_handed_out_with_an_entry(shipped_world: World) -> None:
    ref = shipped_world.start_case().ref
    answer = sent(shipped_world, what="json", option=["shifted", "rare"], reason=REASON)
    assert answer.status_code == 200
    assert 'filename="events-2026-03-02.zip"' in answer.headers["Content-Disposition"]
    files = unzipped(answer.data)
    assert "Cases: 1." in files["README.txt"].decode()
    rows = [json.loads(row) for row in files["events-2026-03-02.jsonl"].splitlines()]
    assert {row["transition"] for row in rows} >= {"schedule", "complete"}
    assert ref.encode() not in answer.data
    office = shipped_world.loaded_viewer("greta").office
    with shipped_world.database.transaction(write=False) as tx:
        (entry,) = ledger_entries.latest(tx, f"office/{office}", kinds=["export"])
    assert json.loads(entry.body)["items"] == 1


def test_what_is_typed_wrongly_is_said_and_kept(shipped_world: World) -> None:
    shipped_world.start_case()
    answer = sent(shipped_world, since="yesterday", until="2026-13-01", release="x")
    assert answer.status_code == 422
    for said in ("Choose a format.", "Write why", "Write a day as", "Write the number of"):
        assert said in answer.text, said
    assert 'value="yesterday"' in answer.text
    backwards = sent(
        shipped_world, what="csv", reason=REASON, since="2026-03-02", until="2026-03-01"
    )
    assert "The last day is before the first." in backwards.text
    nothing = sent(shipped_world, what="csv", reason=REASON, until="2020-01-01")
    assert "No case matches." in nothing.text


def test_a_file_without_a_case_is_not_made(shipped_world: World) -> None:
    shipped_world.start_case()
    answer = sent(shipped_world, what="xes", reason=REASON)
    assert answer.status_code == 422
    assert "All cases of the scope are left out" in answer.text
    assert "Left out: 1 case whose way is rare." in answer.text
    assert shipped_world.browser("sara").get("/audit/export").status_code == 404
