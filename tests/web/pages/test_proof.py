"""The proof of a case on its page: verified now, and handed out as a bundle that proves itself."""

from __future__ import annotations

import html
import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from sqlalchemy import text, update
from werkzeug.test import TestResponse

from service.operations.sequencer import Sequencer
from service.security.checkpoint import parse
from service.security.records import LedgerEntry
from service.store.installation import checkpoints, ledger_entries
from service.store.row_scope import as_system
from service.store.tables import line
from tests.support.tree import ROOT
from tests.support.waiting import PROGRAM
from tests.support.world import World

REASON = "Asked for by the county court"


def begun(world: World) -> str:
    """A case whose lines have their places in the log."""
    case = world.start_case().case_id
    Sequencer(world.database, world.program.services, world.clock).run()
    return case


def sent(world: World, case: str, **form: object) -> TestResponse:
    return posted(world, case, "proof", form)


def posted(world: World, case: str, what: str, form: Mapping[str, object]) -> TestResponse:
    browser = world.browser("greta")
    browser.get(f"/audit/cases/{case}/proof")
    return browser.post(f"/audit/cases/{case}/{what}", form)


def looked(world: World, case: str, kind: str) -> list[LedgerEntry]:
    with world.database.transaction(write=False) as tx:
        return ledger_entries.latest(tx, f"reads/{case}", kinds=[kind])


def test_a_bundle_that_was_handed_out_proves_itself_outside(
    shipped_world: World, tmp_path: Path
) -> None:
    case = begun(shipped_world)
    answer = sent(shipped_world, case, reason=REASON)
    assert answer.status_code == 200
    name = answer.headers["Content-Disposition"].partition('"')[2].rstrip('"')
    assert name.endswith(".proof.zip")
    file = tmp_path / name
    file.write_bytes(answer.data)
    subprocess.run(["unzip", "-q", name], cwd=tmp_path, check=True, timeout=PROGRAM)
    for bundle in (name, "."):
        verify = [sys.executable, "verify.py", bundle, "--lang", "en"]
        done = subprocess.run(
            verify, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PROGRAM
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert "PROVEN" in done.stdout
        assert "that what was written was true" in done.stdout
    assert "default-src 'none'" in (tmp_path / "viewer.html").read_text("utf-8")
    (entry,) = looked(shipped_world, case, "export")
    body = json.loads(entry.body)
    assert (body["what"], body["scope"]) == ("proof", ["case", "release"])
    assert REASON not in entry.body


def test_a_bundle_needs_a_reason_and_keeps_what_was_typed(shipped_world: World) -> None:
    case = begun(shipped_world)
    answer = sent(shipped_world, case, head="tresteg/x\n1\n", **{"with": "reads"})
    assert answer.status_code == 422
    assert "Write why the bundle is handed out." in answer.text
    assert "This is no signed head of this log." in answer.text
    assert 'value="reads" checked' in " ".join(answer.text.split())
    assert "tresteg/x" in answer.text
    assert looked(shipped_world, case, "export") == []


def test_a_bundle_fits_the_head_that_its_receiver_holds(
    shipped_world: World, tmp_path: Path
) -> None:
    case = begun(shipped_world)
    with shipped_world.database.transaction(write=False) as tx:
        kept = checkpoints.newest(tx)
    assert kept is not None
    shipped_world.browser("greta").get(f"/audit/cases/{case}/proof")
    Sequencer(shipped_world.database, shipped_world.program.services, shipped_world.clock).run()
    answer = sent(shipped_world, case, reason=REASON, head=kept.note, **{"with": "reads"})
    assert answer.status_code == 200
    (tmp_path / "b.zip").write_bytes(answer.data)
    (tmp_path / "head.txt").write_text(kept.note, "utf-8")
    program = str(ROOT / "service/standalone/verify.py")
    verify = [sys.executable, program, "b.zip", "--head", "head.txt", "--lang", "sv"]
    done = subprocess.run(
        verify, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=PROGRAM
    )
    assert done.returncode == 0, done.stdout
    assert "är av samma logg" in done.stdout


def test_verify_now_says_what_is_proven_and_is_recorded(shipped_world: World) -> None:
    case = begun(shipped_world)
    answer = posted(shipped_world, case, "verify", {})
    assert answer.status_code == 200
    assert "The history is whole." in answer.text
    assert "This is not proven" in answer.text
    (entry,) = looked(shipped_world, case, "verified")
    assert json.loads(entry.body)["faults"] == 0


def test_a_changed_line_is_named_and_nothing_is_handed_out(shipped_world: World) -> None:
    case = begun(shipped_world)
    with shipped_world.database.transaction() as tx:
        for act in ("update", "delete"):
            on = " ON line" if tx.postgres else ""
            drop = text(f"DROP TRIGGER IF EXISTS line_no_{act}{on}")
            tx.conn.execute(as_system("schema", drop))
        entry = ledger_entries.of_stream(tx, f"case/{case}")[0]
        changed = update(line).where(line.c.hash == entry.hash)
        tx.conn.execute(as_system("schema", changed.values(actor="p_nobody")))
    answer = posted(shipped_world, case, "verify", {})
    assert "The history does not hold." in answer.text
    assert "does not stand at place" in answer.text
    refused = sent(shipped_world, case, reason=REASON)
    assert refused.status_code == 422
    assert looked(shipped_world, case, "export") == []


def test_only_an_auditor_finds_the_page(shipped_world: World) -> None:
    case = begun(shipped_world)
    for name in ("sara", "omar"):
        browser = shipped_world.browser(name)
        browser.get("/settings")
        assert browser.get(f"/audit/cases/{case}/proof").status_code == 404
        assert browser.post(f"/audit/cases/{case}/proof", {"reason": "x"}).status_code == 404
        assert browser.post(f"/audit/cases/{case}/verify", {}).status_code == 404
    greta = shipped_world.browser("greta")
    assert greta.get("/audit/cases/01J00000000000000000000000/proof").status_code == 404


def test_the_head_of_the_log_can_be_printed(shipped_world: World) -> None:
    greta = shipped_world.browser("greta")
    assert "The log has no signed head yet." in greta.get("/audit/head").text
    begun(shipped_world)
    with shipped_world.database.transaction(write=False) as tx:
        kept = checkpoints.newest(tx)
    assert kept is not None
    page = greta.get("/audit/head").text
    assert html.escape(kept.note, quote=False) in page
    root = parse(kept.note).root.hex()
    assert " ".join(root[at : at + 4] for at in range(0, 64, 4)) in page
    assert shipped_world.browser("sara").get("/audit/head").status_code == 404
