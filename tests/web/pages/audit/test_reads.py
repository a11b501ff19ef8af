"""Who looked: every look in words, no word that a reader typed, and an extract without staff."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta

import pytest

from service.casework.casefile import read_log
from service.store.installation import ledger_entries
from tests.support.world import World

SECRET = "kanariefagel"


@pytest.fixture
def case(shipped_world: World) -> str:
    """A case that Omar opened without a task."""
    started = shipped_world.start_case()
    by, now = shipped_world.loaded_viewer("omar"), shipped_world.clock.now()
    with shipped_world.program.database.transaction() as tx:
        read_log.record_lookup_reason(
            tx,
            shipped_world.program.services,
            by=by,
            now=now,
            case_id=started.case_id,
            purpose="OTHER",
            reason=SECRET,
        )
        read_log.record_read(
            tx, by=by, now=now, case_id=started.case_id, purpose="case", classes=("C0", "C2")
        )
    return started.case_id


def test_a_look_is_told_in_words(shipped_world: World, case: str) -> None:
    for path in (f"/audit/cases/{case}/reads", "/audit/reads"):
        page = shipped_world.browser("greta").get(path).text
        assert "Omar" in page
        assert "The case, without a task" in page
        assert "Other · and own words (sealed)" in page
        assert "process facts, sensitive facts" in page
        assert SECRET not in page


def test_a_look_says_by_which_role(shipped_world: World) -> None:
    started, now = shipped_world.start_case(), shipped_world.clock.now()
    path = f"/audit/cases/{started.case_id}/reads"
    rows = {}
    for who, later in (("sara", 0), ("omar", 0), ("sara", -1)):
        with shipped_world.program.database.transaction() as tx:
            at, by = now + timedelta(days=later), shipped_world.loaded_viewer(who)
            read_log.record_read(
                tx, by=by, now=at, case_id=started.case_id, purpose="case", classes=("C0",)
            )
    browser = shipped_world.browser("greta")
    browser.get(path)
    file = browser.get(f"{path}?as=csv").text.lstrip("\ufeff")
    for row in csv.DictReader(io.StringIO(file)):
        rows[row["Who"], row["When"][:10]] = row["By which role"]
    assert rows["Sara", "2026-03-02"] == "Referring partner"
    assert rows["Sara", "2026-03-01"] == ""
    assert rows["Greta", "2026-03-02"] == "Auditor"


def test_reading_the_read_log_is_a_look_itself(shipped_world: World, case: str) -> None:
    browser = shipped_world.browser("greta")
    browser.get(f"/audit/cases/{case}/reads")
    assert "Review of who looked" in browser.get(f"/audit/cases/{case}/reads").text
    browser.get("/audit/reads")
    with shipped_world.program.database.transaction(write=False) as tx:
        looks = ledger_entries.of_stream(tx, f"reads/{case}")
        office = shipped_world.loaded_viewer("greta").office
        (search,) = ledger_entries.latest(tx, f"office/{office}", kinds=["audit_search"])
    assert [json.loads(one.body)["purpose"] for one in looks[2:]] == ["log_review"] * 2
    assert "reads" in json.loads(search.body)["by"]


@pytest.mark.usefixtures("case")
def test_the_read_log_is_filtered(shipped_world: World) -> None:
    browser = shipped_world.browser("greta")
    office = f"office={shipped_world.loaded_viewer('omar').office}"
    for query in ("kind=lookup", office, f"{office}&person=p_omar"):
        assert "without a task" in browser.get(f"/audit/reads?{query}").text, query
    for query in ("kind=print", "until=2020-01-01", "person=p_maja"):
        assert "Nobody has looked" in browser.get(f"/audit/reads?{query}").text, query
    assert browser.get("/audit/reads?since=nonsense").status_code == 422


def test_the_read_log_is_a_file_for_spreadsheets(shipped_world: World, case: str) -> None:
    answer = shipped_world.browser("greta").get(f"/audit/cases/{case}/reads?as=csv")
    assert answer.mimetype == "text/csv"
    rows = [*csv.reader(io.StringIO(answer.text.removeprefix("\ufeff")))]
    assert rows[0][:3] == ["When", "Who", "Office"]
    assert any("Omar" in row[1] for row in rows[1:])
    assert SECRET not in answer.text


def test_the_extract_names_offices_and_no_staff(shipped_world: World, case: str) -> None:
    browser = shipped_world.browser("greta")
    for form in ("", "?as=text", "?as=csv"):
        answer = browser.get(f"/audit/cases/{case}/reads/extract{form}")
        assert "2026-03-02" in answer.text, form
        assert "Opened without a task" in answer.text, form
        assert "Omar" not in answer.text, form
    assert browser.get(f"/audit/cases/{case}/reads/extract?as=text").mimetype == "text/plain"


def test_nobody_else_reads_the_read_log(shipped_world: World, case: str) -> None:
    for name in ("sara", "maja", "omar"):
        browser = shipped_world.browser(name)
        for path in ("/audit/reads", f"/audit/cases/{case}/reads"):
            assert browser.get(path).status_code == 404
    assert shipped_world.browser("greta").get("/audit/cases/none/reads").status_code == 404
