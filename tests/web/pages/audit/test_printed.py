"""Reports as PDF on the auditor's pages: sent once they are logged, for her alone."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest

from service.errors import PaperFailed
from service.sandbox.paper_compilers import PaperCompilers
from service.store.installation import ledger_entries
from tests.support.world import World


def test_the_report_of_a_case_is_logged_with_its_digest(shipped_world: World) -> None:
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("greta")
    assert f"/audit/cases/{case}/report.pdf" in browser.get(f"/audit/cases/{case}/replay").text
    answer = browser.get(f"/audit/cases/{case}/report.pdf")
    assert answer.content_type == "application/pdf"
    assert answer.data.startswith(b"%PDF")
    with shipped_world.database.transaction(write=False) as tx:
        [entry] = ledger_entries.latest(tx, f"reads/{case}", kinds=["print"])
    body = json.loads(entry.body)
    assert (entry.actor, body["paper"], body["purpose"]) == ("p_greta", "case_report", "print")
    assert body["digest"] == sha256(answer.data).hexdigest()
    assert browser.get("/audit/cases/none/report.pdf").status_code == 404
    assert shipped_world.browser("sara").get(f"/audit/cases/{case}/report.pdf").status_code == 404


def test_the_programme_report_is_logged_as_a_file(shipped_world: World) -> None:
    shipped_world.start_case()
    browser = shipped_world.browser("greta")
    assert "/audit/report.pdf" in browser.get("/audit/report").text
    answer = browser.get("/audit/report.pdf?period=2026")
    assert answer.data.startswith(b"%PDF")
    assert 'filename="report-2026.pdf"' in answer.headers["Content-Disposition"]
    stream = f"release/{shipped_world.program.services.programme.process}"
    with shipped_world.database.transaction(write=False) as tx:
        [entry] = ledger_entries.latest(tx, stream, kinds=["report_exported"])
    assert json.loads(entry.body)["format"] == "pdf"


def test_a_report_that_cannot_be_made_says_so_and_logs_nothing(
    shipped_world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = shipped_world.start_case().case_id
    browser = shipped_world.browser("greta")

    def fail(*_args: object, **_named: object) -> bytes:
        raise PaperFailed(why="heavy", line=0, said="")

    monkeypatch.setattr(PaperCompilers, "compile", fail)
    answer = browser.get(f"/audit/cases/{case}/report.pdf")
    assert answer.status_code == 422
    assert "proof bundle" in answer.text
    with shipped_world.database.transaction(write=False) as tx:
        assert ledger_entries.latest(tx, f"reads/{case}", kinds=["print"]) == []
