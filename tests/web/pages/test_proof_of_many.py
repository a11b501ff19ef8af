"""A bundle of several cases and of streams of the installation, chosen on a page."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.operations.sequencer import Sequencer
from service.standalone import verify
from service.standalone.verify import Verifier, unzipped
from service.store.installation import ledger_entries
from tests.support.browser import Browser
from tests.support.log_reviews import look
from tests.support.world import World

REASON = "Supervision 12/2026"


@pytest.fixture
def greta(shipped_world: World) -> Browser:
    """The auditor, on the page."""
    browser = shipped_world.browser("greta")
    browser.get("/audit/bundle")
    return browser


def begun(world: World, many: int) -> list[str]:
    """Cases whose lines have their places in the log: their ids."""
    found = [world.start_case().case_id for _ in range(many)]
    for case in found:
        look(world, "sara", case, at=world.clock.now())
    Sequencer(world.database, world.program.services, world.clock).run()
    return found


def test_chosen_cases_and_streams_prove_themselves_outside(
    shipped_world: World, greta: Browser, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    one, other, third = begun(shipped_world, 3)
    office = shipped_world.loaded_viewer("omar").office
    named = f"{shipped_world.case(one).ref},\r\n{shipped_world.case(other).number}"
    form = {"cases": named, "stream": ["release", "system", f"office/{office}"], "reason": REASON}
    answer = greta.post("/audit/bundle", {**form, "with": "reads"})
    assert answer.status_code == 200, answer.text
    assert "tresteg-2026-03-02.proof.zip" in answer.headers["Content-Disposition"]
    (tmp_path / "x.zip").write_bytes(answer.data)
    assert verify.main([str(tmp_path / "x.zip"), "--lang", "en"]) == 0
    assert "left-out.txt says what, and why" in capsys.readouterr().out
    files = unzipped(answer.data)
    found = Verifier(files)
    assert found.streams.keys() >= {
        *(f"case/{one}", f"case/{other}", f"reads/{one}", "system", f"office/{office}"),
        "release/return_case",
    }
    assert third not in answer.data.decode(errors="replace")
    left = files["left-out.txt"].decode()
    assert "Open answers (process facts, class C0): they were not chosen." in left
    assert "Who has looked" not in left, "that was chosen"
    assert "Vilka som har läst" not in left
    with shipped_world.database.transaction(write=False) as tx:
        for case in (one, other):
            (entry,) = ledger_entries.latest(tx, f"reads/{case}", kinds=["export"])
            assert json.loads(entry.body)["scope"] == ["case", "reads", "release"]
        board = shipped_world.loaded_viewer("greta").office
        (entry,) = ledger_entries.latest(tx, f"office/{board}", kinds=["export"])
        assert json.loads(entry.body)["items"] == 2
        assert REASON not in entry.body
        assert ledger_entries.latest(tx, f"reads/{third}", kinds=["export"]) == []


def test_streams_are_handed_out_without_a_case(shipped_world: World, greta: Browser) -> None:
    begun(shipped_world, 1)
    answer = greta.post("/audit/bundle", {"stream": ["release"], "reason": REASON})
    found = Verifier(unzipped(answer.data))
    found.verify()
    assert (found.faults, [*found.streams]) == ([], ["release/return_case"])


@pytest.mark.parametrize(
    ("form", "said"),
    [
        ({}, "Write at least one case, or tick a history below."),
        ({"cases": "no-such, klar-lind"}, "No case is called: no-such, klar-lind."),
        ({"stream": "office/nowhere"}, "One of the ticked histories does not exist."),
        ({"stream": "system", "reason": " "}, "Write why the bundle is handed out."),
        ({"stream": "system", "head": "nothing"}, "no signed head of this log"),
    ],
)
def test_what_cannot_be_made_is_a_sentence(
    shipped_world: World, greta: Browser, form: dict[str, str], said: str
) -> None:
    begun(shipped_world, 1)
    answer = greta.post("/audit/bundle", {"reason": REASON, **form})
    assert answer.status_code == 422
    assert said in answer.text
    assert form.get("cases", "") in answer.text, "nothing typed is lost"


def test_find_hands_its_cases_over(shipped_world: World, greta: Browser) -> None:
    (case,) = begun(shipped_world, 1)
    assert f"/audit/bundle?case={case}" in greta.get("/audit").text
    assert shipped_world.case(case).ref in greta.get(f"/audit/bundle?case={case}&case=none").text


def test_only_auditors_hand_out_cases(shipped_world: World) -> None:
    for name in ("sara", "maja", "omar"):
        browser = shipped_world.browser(name)
        assert browser.get("/audit/bundle").status_code == 404
        assert browser.post("/audit/bundle", {"reason": REASON}).status_code == 404
