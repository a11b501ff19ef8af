"""A damaged snapshot is folded anew from the facts, unless the history itself is damaged."""

from __future__ import annotations

import pytest

from service.audit import rebuild
from service.casework.commands.task_completion import complete_task
from service.casework.history import narrative
from service.records.context import Actor
from service.store.installation import ledger_entries
from service.store.writing import write_last
from tests.support.damaged_case import FACT, DamagedCase

BY = Actor("p_sara", "social")


def rebuilt(damaged: DamagedCase) -> rebuild.RebuildReport:
    done = rebuild.rebuild_snapshot(
        damaged.tx,
        damaged.desk.program.services,
        case_id=damaged.case,
        by=BY,
        now=damaged.desk.clock.now(),
    )
    write_last(damaged.tx)
    return done


@pytest.mark.parametrize("damage", ["a bit", "an old one", "none"])
def test_a_snapshot_is_folded_anew_with_an_entry(damaged: DamagedCase, damage: str) -> None:
    before = (
        damaged.value("SELECT count(*) FROM fact WHERE case_id = :case"),
        damaged.value("SELECT state FROM fact WHERE case_id = :case AND rev = 3"),
    )
    if damage == "a bit":
        damaged.flip("cases", "snapshot", "id = :case")
    else:
        damaged.update(
            "cases",
            "snapshot = :old",
            "id = :case",
            old=damaged.old if damage == "an old one" else None,
        )
    assert damaged.places() == {("I3" if damage == "none" else "I11", "snapshot")}
    assert rebuilt(damaged) == rebuild.RebuildReport(changed=True)
    assert damaged.places() == set()
    assert (
        damaged.value("SELECT count(*) FROM fact WHERE case_id = :case"),
        damaged.value("SELECT state FROM fact WHERE case_id = :case AND rev = 3"),
    ) == before
    last = ledger_entries.latest(damaged.tx, f"case/{damaged.case}", limit=1)[0]
    assert (last.kind, last.actor) == ("snapshot_rebuilt", "p_sara")
    entry = list(
        narrative.load_history(damaged.tx, damaged.desk.program.services, damaged.case, "en")
    )[-1]
    assert (
        entry.text
        == "Sara folded the stored state anew from the history; nothing in the case has changed"
    )


def test_a_snapshot_that_is_right_is_left_alone(damaged: DamagedCase) -> None:
    before = (
        damaged.value("SELECT snapshot FROM cases WHERE id = :case"),
        damaged.value("SELECT max(seq) FROM line WHERE stream = :stream"),
    )
    assert rebuilt(damaged) == rebuild.RebuildReport(changed=False)
    assert (
        damaged.value("SELECT snapshot FROM cases WHERE id = :case"),
        damaged.value("SELECT max(seq) FROM line WHERE stream = :stream"),
    ) == before


@pytest.mark.parametrize(
    ("table", "change", "where"),
    [
        ("fact", "actor = 'p_stina'", FACT),
        ("fact_payload", "", FACT),
        ("fact", "", "case_id = :case AND rev = 3"),
        ("vault_key", "", "owner = 'case:' || :case"),
        ("fact", "turn = fact.state", FACT),
    ],
)
def test_nothing_is_folded_from_a_history_that_does_not_hold(
    damaged: DamagedCase, table: str, change: str, where: str
) -> None:
    damaged.update("cases", "snapshot = :old", "id = :case", old=damaged.old)
    if change:
        damaged.update(table, change, where)
    else:
        damaged.delete(table, where)
    before = damaged.value("SELECT max(seq) FROM line WHERE stream = :stream")
    done = rebuilt(damaged)
    assert not done.changed
    assert done.faults
    assert damaged.value("SELECT snapshot FROM cases WHERE id = :case") == damaged.old
    assert damaged.value("SELECT max(seq) FROM line WHERE stream = :stream") == before


def test_a_case_goes_on_after_its_snapshot_was_folded_anew(damaged: DamagedCase) -> None:
    damaged.flip("cases", "snapshot", "id = :case")
    assert rebuilt(damaged).changed
    task = damaged.desk.key(damaged.case, "b")
    complete_task(
        damaged.tx,
        damaged.desk.program.services,
        by=damaged.desk.viewer(),
        task_key=task,
        answers={},
        now=damaged.desk.clock.now(),
        end_confirmed=True,
    )
    write_last(damaged.tx)
    assert damaged.places() == set()
