"""A case is loaded in one statement, saved once, and listed without what is sealed."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from service.errors import CaseMoved
from service.security.records import LedgerEntry, WrappedKey
from service.store.casefile import cases, facts, grants
from service.store.database import Database
from service.store.installation import keys, ledger_entries
from service.store.transaction import Tx
from service.store.work import jobs, tasks
from tests.store.sample_rows import SampleRows

NO = "00" * 32


def fact(samples: SampleRows, rev: int, **change: object) -> facts.Fact:
    row = facts.Fact(
        case_id="c000",
        rev=rev,
        at=samples.noon,
        actor="p-north",
        office="north",
        kind="complete",
        element=f"Task_{rev}",
        nth=1,
        work_id=f"{rev}.1",
        form="form",
        release_id=samples.release,
        engine="tresteg",
        turn=facts.Turn({"kind": "complete"}, [["left", "Task_A", 1, []]], [["task", "Task_B", 1]]),
        state=NO[:32],
    )
    return replace(row, **change)  # type: ignore[arg-type]  # the test hands in fields of the row


def add(tx: Tx, samples: SampleRows, rev: int, **change: object) -> None:
    """A fact that answered in three classes."""
    sealed = facts.FactPayload("c000", rev, routing=b"routing", c1=b"one", c2=b"two", c3=b"three")
    facts.add(tx, fact(samples, rev, **change), sealed)


def begin(tx: Tx, samples: SampleRows) -> None:
    samples.found(tx, cases_=1)
    sealed = (1, b"wrapped", b"check", "c000")
    own = WrappedKey("case:c000", "11" * 8, *sealed, "", "")
    theirs = WrappedKey("records:c000:north:C2", "22" * 8, *sealed, "north", "C2")
    keys.add(tx, own, theirs, stream="case/c000")
    add(tx, samples, 1)
    ledger_entries.add(
        tx,
        LedgerEntry("case/c000", 1, NO, "start", samples.noon, "", "", "{}"),
        LedgerEntry("case/c000", 2, "22" * 32, "note", samples.noon, "", "", "{}"),
    )
    tasks.sync(tx, "c000", [samples.task("c000", "1.1")], {})
    jobs.sync(tx, "c000", [samples.job("c000", "1.2")], {}, now=samples.noon)


def test_a_turn_reads_all_that_it_needs_in_one_statement(
    database: Database, samples: SampleRows, statements: list[str]
) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
    with database.transaction() as tx:
        del statements[:]
        loaded = cases.load(tx, "c000")
        by_task = cases.of_task(tx, cases.read_of_task(tx, "k-c000-1.1"))
        by_job = cases.load_for_job(tx, "c000:1.2")
        assert len([s for s in statements if not s.startswith("BEGIN")]) == 3
    assert loaded is not None
    assert loaded.case == samples.case("c000")
    assert loaded.end == (2, "22" * 32)
    assert by_task == (samples.task("c000", "1.1"), replace(loaded, may_have_unsent=False))
    assert by_job is not None
    assert (by_job[0].work_id, by_job[1]) == ("1.2", loaded)


def test_what_was_erased_of_a_case_has_no_key(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
        own, theirs = keys.of_case(tx, "c000")
        assert (own.owner, theirs.owner) == ("case:c000", "records:c000:north:C2")
        assert keys.of_cases(tx, ["c000", "gone"]) == {"c000": [own, theirs]}
        assert keys.drop(tx, theirs.owner, stream="case/c000")
        assert keys.of_case(tx, "c000") == [own]
        assert keys.drop(tx, own.owner, stream="case/c000")
        assert keys.of_cases(tx, ["c000"]) == {}
        assert cases.load(tx, "gone") is None


def test_writing_a_turn_takes_few_statements_in_a_long_case_too(
    database: Database, samples: SampleRows, statements: list[str]
) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
        for rev in range(2, 30):
            add(tx, samples, rev)
    counts = []
    for rev in (2, 3):
        with database.transaction() as tx:
            sums = samples.sums(tx, "c000")
            del statements[:]
            cases.save(tx, replace(samples.case("c000"), rev=rev), sums=sums)
            add(tx, samples, 28 + rev)
            ledger_entries.add(
                tx,
                LedgerEntry("case/c000", rev + 1, NO, "complete", samples.noon, "", "", "{}"),
            )
            counts.append(len(statements))
    assert counts[0] == counts[1]
    assert counts[0] <= 6


def test_facts_come_back_in_order_and_whole(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
        add(tx, samples, 2)
        assert facts.of_case(tx, "c000") == [fact(samples, 1), fact(samples, 2)]
        assert facts.of_case(tx, "c000", after=1, upto=2) == [fact(samples, 2)]
        assert [payload.c2 for payload in facts.payloads(tx, ["c000"]).values()] == [b"two", b"two"]
        assert facts.who_completed(tx, "c000", ["Task_1", "Task_9"]) == {"Task_1": {"p-north"}}


def test_two_facts_of_one_number_are_a_lost_race(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
    with pytest.raises(CaseMoved), database.transaction() as tx:
        add(tx, samples, 1, kind="due")


def test_answers_of_other_classes_are_not_even_fetched(
    database: Database, samples: SampleRows, statements: list[str]
) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
        tx.settle()
        statements.clear()
        found = facts.answers(tx, "c000", classes={"C1", "C2"})
        assert [(row.klass, row.sealed, row.rev) for row in found] == [
            ("C1", b"one", 1),
            ("C2", b"two", 1),
        ]
        assert not any("c3" in statement for statement in statements)
        assert facts.answers(tx, "c000", classes=()) == []
        assert facts.answers(tx, "c000", classes={"C1"}, upto=0) == []
        assert facts.answers(tx, "c000", classes={"C1"}, forms={"another"}) == []
        assert facts.classes_answered(tx, "c000") == {1: ["C1", "C2", "C3"]}


def test_answers_come_of_what_was_read_whole(
    database: Database, samples: SampleRows, statements: list[str]
) -> None:
    narrowed: list[dict[str, Any]] = [
        {"classes": classes, **more}
        for classes in ((), {"C1"}, {"C0", "C1", "C2", "C3"})
        for more in ({}, {"upto": 1}, {"forms": {"another"}}, {"forms": {fact(samples, 1).form}})
    ]
    with database.transaction() as tx:
        begin(tx, samples)
        add(tx, samples, 2)
        wanted = [facts.answers(tx, "c000", **one) for one in narrowed]
        answered = facts.classes_answered(tx, "c000")
    with database.transaction(write=False) as tx:
        every = facts.read_of_case("c000", after=facts.LOWEST)
        at_hand = tx.read(every, facts.read_of_payloads(["c000"]))
        statements.clear()
        assert [facts.answers(at_hand, "c000", **one) for one in narrowed] == wanted
        assert facts.classes_answered(at_hand, "c000") == answered
        assert not statements
        assert len(wanted[-1]) == 6


def test_a_fact_of_any_number_is_read_after_another_reading(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        begin(tx, samples)
        add(tx, samples, 0)
    with database.transaction(write=False) as tx:
        assert [one.rev for one in facts.of_case(tx, "c000")] == [1]
        assert [one.rev for one in facts.of_case(tx, "c000", after=facts.LOWEST)] == [0, 1]


def test_answers_of_several_cases_are_read_at_once(database: Database, samples: SampleRows) -> None:
    given: dict[str, Any] = {"classes": ("C1",), "forms": {fact(samples, 1).form}}
    with database.transaction() as tx:
        begin(tx, samples)
        found = facts.answers_of_cases(tx, ["c000"], **given)
        assert [row.sealed for row in found] == [b"one"]


def test_an_office_lists_the_cases_it_holds_a_grant_on_once_each(
    database: Database, samples: SampleRows
) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=5)
        for nth, (case_id, until, ended) in enumerate(
            [
                ("c000", None, None),
                ("c000", None, None),
                ("c001", samples.later(days=1), None),
                ("c002", samples.noon, None),
                ("c003", None, samples.noon),
            ]
        ):
            grants.add(
                tx,
                grants.GrantRow(
                    f"g{nth}",
                    case_id,
                    "north",
                    "Helper",
                    "G1",
                    "C0",
                    "own",
                    "",
                    samples.noon,
                    until,
                    ended,
                ),
            )
        assert [
            case.id
            for case in cases.visible(tx, office="north", roles={"Helper"}, now=samples.noon)
        ] == [
            "c001",
            "c000",
        ]
        assert [
            case.id
            for case in cases.visible(
                tx, office="north", roles={"Helper"}, now=samples.noon, limit=1
            )
        ] == ["c001"]
        assert [
            case.id
            for case in cases.visible(
                tx, office="north", roles={"Helper"}, now=samples.noon, after="c001"
            )
        ] == ["c000"]
        assert (
            cases.visible(tx, office="north", roles={"Helper"}, now=samples.noon, stage="3") == []
        )
        assert cases.visible(tx, office="south", roles={"Helper"}, now=samples.noon) == []
        assert cases.visible(tx, office="north", roles={"Other"}, now=samples.noon) == []


def test_a_case_is_found_by_pseudonym_and_number(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=2)
        for word in ("ref-c001", "2026-c001"):
            found = cases.find(tx, word)
            assert found is not None
            assert found.id == "c001"
        assert [case.id for case in cases.listed(tx, after="c000", status="open")] == ["c001"]


def test_a_rebuilt_snapshot_does_not_move_the_case(database: Database, samples: SampleRows) -> None:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
        cases.rebuild(tx, "c000", 1, b"new box")
        cases.set_marking(tx, "c000", 1, "PROGRAMME_PROTECTED")
        loaded = cases.load(tx, "c000")
        assert loaded is not None
        assert (loaded.case.rev, loaded.case.snapshot, loaded.case.marking) == (
            1,
            b"new box",
            "PROGRAMME_PROTECTED",
        )
        with pytest.raises(CaseMoved):
            cases.rebuild(tx, "c000", 7, b"late")
