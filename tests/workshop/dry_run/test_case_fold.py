"""What would have become of one case on a draft."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest
from sqlalchemy import text

from service.release.bundle import Bundle
from service.store.row_scope import as_system
from service.workshop.dry_run import verdicts
from tests.support import small
from tests.workshop.dry_run.conftest import (
    BREAKS,
    CALLS,
    CHOICE,
    LONGER,
    SENDS,
    SHORTER,
    SWAPPED,
    Trial,
)


def test_an_unchanged_draft_changes_nothing(trial: Trial) -> None:
    ended, going = trial.case("a", "b"), trial.case("a")
    for case in (ended, going):
        assert trial.fold(CHOICE, case).verdict == verdicts.SAME
    assert "move" not in trial.fold(CHOICE, ended).detail
    assert trial.fold(CHOICE, going).detail["move"] == {"verdict": "moves", "notes": 0}


@pytest.mark.parametrize(
    ("draft", "verdict", "element"),
    [
        (SWAPPED, verdicts.DECIDES, "g"),
        (LONGER, verdicts.ASKS, "x"),
        (CALLS, verdicts.WAITS, "j"),
        (SENDS, verdicts.OTHER_WAY, "j"),
        (BREAKS, verdicts.SAME, ""),
    ],
)
def test_a_change_has_its_verdict(trial: Trial, draft: Bundle, verdict: str, element: str) -> None:
    found = trial.fold(draft, trial.case("a", "b"))
    assert (found.verdict, found.element) == (verdict, element)


def test_a_gateway_that_decides_otherwise_names_both_ways(trial: Trial) -> None:
    found = trial.fold(SWAPPED, trial.case("a", "b"))
    flows = found.detail["flows"]
    assert [len(flows["was"]), len(flows["becomes"])] == [1, 1]
    assert flows["was"] != flows["becomes"]
    assert found.detail["then"] == ["c"]
    assert (found.detail["gained"], found.detail["lost"]) == (["c"], ["b", "e"])


def test_a_step_that_is_gone_is_lost_on_the_way_to_the_same_end(trial: Trial) -> None:
    trial.desk.publish(LONGER)
    found = trial.fold(CHOICE, trial.case("a", "x", "b"))
    assert (found.verdict, found.detail["lost"]) == (verdicts.OTHER_WAY, ["x"])
    assert (found.detail["was"], found.detail["becomes"]) == (["e"], ["e"])


def test_a_gateway_without_a_way_breaks(trial: Trial) -> None:
    found = trial.fold(BREAKS, trial.case("a", "c", answer="NO"))
    assert (found.verdict, found.element) == (verdicts.BREAKS, "g")
    assert found.detail["stop"] == "no_way_out"


def test_an_answer_of_a_handler_is_not_guessed(trial: Trial) -> None:
    found = trial.fold(CALLS, trial.case("a", "b"))
    assert (found.detail["kind"], found.detail["what"]) == ("job", "letters.count")


def test_a_new_required_field_is_named(trial: Trial) -> None:
    asks = json.loads(CHOICE.files["forms/ask.form"])
    new = small.field("phone", "textfield", "C1", validate={"required": True})
    maybe = small.field("city", "textfield", "C1")
    asks["components"] += [new, maybe]
    draft = Bundle({**CHOICE.files, "forms/ask.form": json.dumps(asks).encode()})
    found = trial.fold(draft, trial.case("a", "b"))
    assert (found.verdict, found.element) == (verdicts.ASKS, "a")
    assert found.detail["fields"] == ["phone"]


def test_an_open_case_whose_step_is_gone_needs_a_choice(trial: Trial) -> None:
    found = trial.fold(SHORTER, trial.case("a", answer="NO"))
    assert found.detail["open"] is True
    assert found.detail["move"]["verdict"] == "choice"
    assert found.detail["move"]["element"] == "c"


def test_a_case_of_an_earlier_release_is_followed_first(trial: Trial) -> None:
    """What the release in force changed is not laid at the door of the draft."""
    case = trial.case("a", "b")
    trial.desk.publish(SWAPPED)
    found = trial.fold(SWAPPED, case)
    assert (found.verdict, found.detail["earlier"], found.detail["partly"]) == ("same", True, True)
    assert trial.fold(CHOICE, case).verdict == verdicts.DECIDES


def test_another_process_breaks(trial: Trial) -> None:
    drawn = CHOICE.files["workflows/0.bpmn"].replace(b'"p"', b'"other"')
    found = trial.fold(Bundle({**CHOICE.files, "workflows/0.bpmn": drawn}), trial.case("a"))
    assert (found.verdict, found.detail["stop"]) == (verdicts.BREAKS, "no_process")


@pytest.mark.parametrize(
    ("table", "verdict"), [("vault_key", verdicts.ERASED), ("fact_payload", verdicts.UNREADABLE)]
)
def test_a_case_that_does_not_open_is_counted_and_not_guessed(
    trial: Trial, table: str, verdict: str
) -> None:
    case = trial.case("a")
    column = "owner" if table == "vault_key" else "case_id"
    value = f"case:{case}" if table == "vault_key" else case
    gone = text(f"DELETE FROM {table} WHERE {column} = :value")  # noqa: S608 - names of our own
    with trial.desk.database.transaction() as tx:
        tx.run(as_system("schema", gone), {"value": value})
    assert trial.fold(CHOICE, case).verdict == verdict


def test_no_answer_leaves_the_fold(trial: Trial) -> None:
    case = trial.case("a", "b")
    for draft in (CHOICE, SWAPPED, LONGER, SHORTER, CALLS):
        kept = json.dumps(asdict(trial.fold(draft, case)))
        assert "qzkanariefagel" not in kept
        assert "YES" not in kept
