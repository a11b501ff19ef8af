"""What left the installation of a case: by office, in numbers and months."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest

from service.access import CLASSES
from service.casework.casefile import documents
from service.casework.casefile.read_log import record_read
from service.casework.retention import left
from service.casework.retention.erasure import ErasureOrder, erase
from service.casework.retention.left import LeftThings
from service.records.ids import ulid
from service.records.ledger_append import append_entry
from service.store.casefile import retention_acts
from service.store.casefile.retention_acts import RECALL
from tests.support.directory import HELSINKI
from tests.support.world import SEED, World
from tests.web.pages.casework.test_withdrawal import ENDS
from tests.web.story import PAPER, Story


@pytest.fixture
def story(shipped_world: World) -> Iterator[Story]:
    made = Story(shipped_world)
    made.until("Task_CheckApplication")
    yield made
    made.close()


def found(story: Story, office: str) -> dict[str, LeftThings]:
    with story.world.database.transaction(write=False) as tx:
        return {one.what: one for one in left.what_left(tx, story.case) if one.office == office}


def print_case(story: Story) -> None:
    """What the print of a case writes into the log of who looked."""
    who, now = story.world.loaded_viewer("sara"), story.world.clock.now()
    with story.world.database.transaction() as tx:
        record_read(tx, by=who, now=now, case_id=story.case, purpose="print", classes=("C0",))


def recalls(story: Story) -> dict[str, dict[str, int]]:
    with story.world.database.transaction(write=False) as tx:
        return left.recalls_of(tx, story.case)


def test_each_way_out_is_counted_for_the_office_that_used_it(story: Story) -> None:
    world = story.world
    auditor = world.loaded_viewer("greta").office
    case, greta, sara = f"/cases/{story.case}", world.browser("greta"), world.browser("sara")
    with world.database.transaction() as tx:
        document = documents.attach(
            *(tx, world.program.services),
            by=world.loaded_viewer("sara"),
            now=world.clock.now(),
            case_id=story.case,
            task_key="",
            field="signedApplication",
            klass="C1",
            clean=documents.CheckedFile("x.pdf", "pdf", PAPER),
        )
    for path in (f"{case}/print", f"{case}/calendar", f"/files/{document}"):
        assert sara.get(path, follow_redirects=True).status_code == 200, path
    for path in ("report.pdf", "reads?as=csv", "reads/extract?as=text", "reads/extract?as=csv"):
        assert greta.get(f"/audit{case}/{path}").status_code == 200, path
    assert greta.get("/audit/reads?as=csv").status_code == 200
    greta.get(f"/audit{case}/proof")
    assert greta.post(f"/audit{case}/proof", {"reason": "A dispute"}).status_code == 200
    office = world.loaded_viewer("sara").office
    mine = {what: one.number for what, one in found(story, office).items()}
    assert mine == {left.LETTER: mine[left.LETTER], left.PRINT: 1, left.CALENDAR: 1, left.FILE: 1}
    theirs = {what: one.number for what, one in found(story, auditor).items()}
    theirs.pop(left.LETTER, None)
    assert theirs == {left.REPORT: 1, left.READ_LOG: 3, left.PROOF: 1, left.EXPORT: 1}


def test_looking_at_pages_is_no_way_out(story: Story) -> None:
    office = story.world.loaded_viewer("greta").office
    before, browser = found(story, office), story.world.browser("greta")
    for path in ("reads", "replay", "reads/extract"):
        assert browser.get(f"/audit/cases/{story.case}/{path}").status_code == 200
    assert browser.get("/audit/reads").status_code == 200
    assert found(story, office) == before


def test_letters_and_opened_packets_are_of_who_got_them(story: Story) -> None:
    got = found(story, HELSINKI)
    sent = [
        row
        for row in story.world.letters(story.case)
        if row.office_id == HELSINKI and row.state == "sent" and not row.channel
    ]
    assert got[left.LETTER].number == len(sent) > 0
    assert got[left.LETTER].first == got[left.LETTER].last == "2026-03"


def test_months_are_those_where_rules_run(story: Story) -> None:
    story.world.clock.set(story.world.clock.now().replace(month=4, day=30, hour=22, minute=30))
    print_case(story)
    office = story.world.loaded_viewer("sara").office
    assert found(story, office)[left.PRINT].first == "2026-05"


def test_an_office_is_asked_for_what_left_since_it_was_asked_last(story: Story) -> None:
    world, office = story.world, story.world.loaded_viewer("sara").office
    print_case(story)
    story.do("aino", "Task_CheckApplication", **ENDS)
    first = recalls(story)
    assert first[office][left.PRINT] == 1
    now = world.clock.now()
    with world.database.transaction() as tx:
        release = world.program.services.current(tx).id
        order = ErasureOrder(story.case, HELSINKI, CLASSES, "R6", release)
        act = erase(tx, world.program.services, order, by=SEED, now=now)
    assert recalls(story) == first
    with world.database.transaction() as tx:
        asked = replace(
            act,
            id=ulid(now),
            office_id=office,
            does=RECALL,
            keys=[],
            commitments={},
            counts=first[office],
        )
        retention_acts.add(tx, asked)
        body = {"act": asked.id, "to": office}
        append_entry(tx, f"case/{story.case}", "erased", by=SEED, now=now, body=body)
    assert recalls(story) == {key: value for key, value in first.items() if key != office}
    world.clock.set(now + timedelta(days=1))
    print_case(story)
    assert recalls(story)[office] == {left.PRINT: 1}
