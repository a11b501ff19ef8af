"""The report of a case: what the auditor's replay shows, and nothing more, as PDF/UA."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from typing import Any

import pikepdf
import pytest
from sqlalchemy import text

from service.audit.case_replay import load_case_replay
from service.audit.printed.case_report import compose_case_report
from service.errors import NotFound
from service.sandbox.paper_compilers import PaperCompilers
from service.store.casefile import facts
from service.store.installation import ledger_entries
from service.store.row_scope import as_system
from service.text import languages
from tests.support.pdf_standards import BOTH, standards_of
from tests.support.world import World


def composed(world: World, case: str, lang: str = "en") -> Mapping[str, Any]:
    world.lang = lang
    with world.database.transaction(write=False) as tx:
        made = compose_case_report(
            tx, world.program.services, world.viewer("greta"), case, world.clock.now(), by_name="G"
        )
    return made.data


def test_it_tells_every_line_of_the_replay_with_its_hashes(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    data = composed(shipped_world, case)
    with shipped_world.database.transaction(write=False) as tx:
        lines = ledger_entries.of_stream(tx, f"case/{case}")
    assert [row["n"] for row in data["lines"]] == [str(line.seq) for line in lines]
    first = data["lines"][0]
    assert (first["text"], first["by"]) == ("Sara opened the case", "Sara, Social")
    assert data["offline"]["hashes"][0][1] == lines[-1].hash
    assert "nothing was changed" in data["verdict"]
    assert data["faults"] == []
    assert data["promises"]
    assert all(not row["broken"] for row in data["promises"])


def test_what_is_hidden_from_her_is_named_and_not_printed(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    data = composed(shipped_world, case)
    with shipped_world.database.transaction(write=False) as tx:
        sealed = set(facts.classes_answered(tx, case)[1]) - {"C0"}
        viewer, now = shipped_world.viewer("greta"), shipped_world.clock.now()
        replay = load_case_replay(tx, shipped_world.program.services, viewer, case, now)
    assert sealed
    assert {name for name, _ in data["classes"]} == {name for name, _ in replay.sealed_texts}
    assert any(label == "Hidden:" for label, _ in data["lines"][0]["parts"])
    assert "21_PLUS" not in json.dumps(data)


def test_a_broken_history_is_said_in_words_and_at_its_line(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    with shipped_world.database.transaction() as tx:
        change = "UPDATE cases SET stage = 'x' WHERE id = :case"
        tx.conn.execute(as_system("schema", text(change)), {"case": case})
    data = composed(shipped_world, case)
    assert data["verdict"].startswith("No.")
    assert data["faults"][0]["text"] == ("The case: what is stored does not follow from the facts.")
    assert data["faults"][0]["code"].startswith("I3 · case · ")


@pytest.mark.parametrize("lang", languages())
def test_it_is_a_tagged_pdf_with_pages_and_words_for_drawings(
    shipped_world: World, lang: str
) -> None:
    case = shipped_world.start_case().case_id
    shipped_world.lang = lang
    now = shipped_world.clock.now()
    with shipped_world.database.transaction(write=False) as tx:
        made = compose_case_report(
            tx,
            shipped_world.program.services,
            shipped_world.viewer("greta"),
            case,
            now,
            by_name="G",
        )
    compilers = PaperCompilers(seconds=60)
    try:
        content = compilers.compile(made.source, made.data, at=now, sample=True)
    finally:
        compilers.close()
    assert standards_of(content) == BOTH
    with pikepdf.open(io.BytesIO(content)) as pdf:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert str(pdf.Root.Lang) == lang
        assert len(pdf.pages) == 2 + len(made.data["planes"]) or len(pdf.pages) > 2
    assert made.name.endswith(".report.pdf")
    assert all(plane["alt"].startswith(plane["title"]) for plane in made.data["planes"])


def test_an_unknown_case_is_not_found(shipped_world: World) -> None:
    with pytest.raises(NotFound):
        composed(shipped_world, "01J9ZK7Q4M9X2TDW8B5RCE3FNH")
