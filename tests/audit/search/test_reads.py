"""The read log in words: the page, the purpose, the reason; and what the person is told."""

from __future__ import annotations

import pytest

from service.audit.search import reads
from service.audit.search.entry_words import load_names
from service.audit.search.reads import of_reads
from service.casework.casefile.read_log import PURPOSES, record_read
from service.store.keyset import PageRequest
from service.store.read_models.audit_conditions import AuditQuery
from tests.support.world import World


@pytest.mark.parametrize("lang", ["sv", "en"])
def test_every_purpose_has_a_name(lang: str) -> None:
    for purpose in PURPOSES:
        assert reads.purpose_name(purpose, lang) != purpose


def test_a_look_says_which_page_it_was_of() -> None:
    assert reads.page_name("read", {"task": "k"}, "en") == "A task"
    assert reads.page_name("read", {}, "en") == "The case"
    assert reads.page_name("lookup", {"reason": "PHONE"}, "en") == "The case, without a task"


def test_looks_of_one_day_are_one_line_of_the_extract(shipped_world: World) -> None:
    case, omar = shipped_world.start_case().case_id, shipped_world.loaded_viewer("omar")
    with shipped_world.database.transaction() as tx:
        for purpose in ("case", "case", "print"):
            record_read(
                tx,
                by=omar,
                now=shipped_world.clock.now(),
                case_id=case,
                purpose=purpose,
                classes=("C0",),
            )
    with shipped_world.database.transaction(write=False) as tx:
        lines = reads.load_extract(tx, case, lang="en", zone="Europe/Stockholm")
        page = reads.load_reads(
            tx,
            load_names(tx, shipped_world.program.services),
            shipped_world.program.services,
            of_reads(AuditQuery(), case),
            PageRequest(),
            by=shipped_world.loaded_viewer("greta"),
            matter="",
            limit=10,
        )
    assert [(line.purpose, line.times) for line in lines] == [
        ("To print", 1),
        ("Work with the case", 2),
    ]
    assert len(page.rows) == 3
    assert {row.case_id for row in page.rows} == {case}
