"""Papers of a case over the interface: the same rights, the same traces as on the page."""

from __future__ import annotations

import io
import json
from typing import Any

from service.casework.casefile.paper_data import code_of as code_on
from service.records.ids import ulid
from service.store.casefile import documents
from service.store.installation import ledger_entries
from tests.support.world import NOON, World
from tests.web.program import Program, code_of
from tests.web.story import PAPER, Story

CARD = {"paper": "card", "lang": "sv", "reason": "GIVE", "typed": {"one": "Anna"}}


def prints(story: Story) -> list[dict[str, Any]]:
    with story.world.program.database.transaction(write=False) as tx:
        entries = ledger_entries.of_stream(tx, f"reads/{story.case}")
    return [json.loads(entry.body) for entry in entries if entry.kind == "print"]


def made(story: Story) -> list[documents.Document]:
    with story.world.program.database.transaction(write=False) as tx:
        return [row for row in documents.of_case(tx, story.case) if row.template]


def test_a_paper_is_listed_made_and_fetched(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara, here = Program(shipped_world, "sara"), f"/v1/cases/{story.case}/papers"
    listed = {paper["id"]: paper for paper in sara.get(here)["items"]}
    assert {"application", "consent:REFER", "card", "information"} <= set(listed)
    assert listed["information"]["languages"] == ["sv", "en", "bg"]
    assert [line["key"] for line in listed["card"]["typed"]] == ["one", "two", "three", "four"]
    once = ulid(NOON)
    first, second = sara.post(here, CARD, key=once), sara.post(here, CARD, key=once)
    assert first.status_code == 201, first.text
    assert first.get_json() == second.get_json()
    (row,) = made(story)
    assert first.get_json() == {"id": row.id, "location": f"/v1/files/{row.id}"}
    opened = sara.ask("GET", first.get_json()["location"])
    assert (opened.status_code, opened.data[:4]) == (200, b"%PDF")
    (printed,) = prints(story)
    assert (printed["paper"], printed["reason"], printed["document"]) == ("card", "GIVE", row.id)
    assert row.id in [one["id"] for one in sara.get(f"/v1/cases/{story.case}")["files"]]


def test_what_was_not_understood_makes_no_paper(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara, here = Program(shipped_world, "sara"), f"/v1/cases/{story.case}/papers"
    for wrong, answer in (
        ({**CARD, "typed": {"five": "x"}}, (400, "bad_request")),
        ({**CARD, "reason": "BECAUSE"}, (400, "bad_request")),
        ({**CARD, "lang": "xx"}, (404, "not_found")),
        ({**CARD, "paper": "no_such"}, (404, "not_found")),
    ):
        assert code_of(sara.post(here, wrong)) == answer
    assert made(story) == []
    assert prints(story) == []


def test_who_may_not_make_it_has_no_such_paper(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    here = f"/v1/cases/{story.case}/papers"
    greta = Program(shipped_world, "greta")
    assert greta.ask("GET", here).status_code in (403, 404)
    iva = Program(shipped_world, "iva")
    assert code_of(iva.ask("GET", here)) == (404, "not_found")
    assert code_of(iva.post(here, CARD)) == (404, "not_found")
    assert made(story) == []


def test_a_template_that_does_not_work_says_so(story: Story, shipped_world: World) -> None:
    name = "workflows/papers/card.typ"
    bundle = story.release().bundle
    hostile = bundle.files[name] + b'\n#read("/etc/passwd")\n'
    shipped_world.publish(bundle.with_file(name, hostile))
    other = shipped_world.start_case().case_id
    sara = Program(shipped_world, "sara")
    assert code_of(sara.post(f"/v1/cases/{other}/papers", CARD)) == (422, "paper_failed")


def test_a_signed_paper_comes_back_by_its_code(story: Story, shipped_world: World) -> None:
    story.until("Task_SignApplication")
    sara, here = Program(shipped_world, "sara"), f"/v1/cases/{story.case}/papers"
    order = {"paper": "application", "lang": "en", "reason": "SIGN"}
    assert sara.post(here, order).status_code == 201
    (row,) = made(story)

    def send(code: str) -> Any:
        body = {"code": code, "file": (io.BytesIO(PAPER), "signed.pdf")}
        return sara.post(f"{here}/signed", data=body)

    assert code_of(send("AAAA-AAAA")) == (422, "answers_invalid")
    came = send(code_on(row.id))
    assert came.status_code == 201, came.text
    with shipped_world.program.database.transaction(write=False) as tx:
        copy = documents.get(tx, came.get_json()["id"])
    assert copy is not None
    assert copy.signs == row.id
