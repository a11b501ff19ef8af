"""Rows that decide bear a MAC: one that somebody else has written is never used, nor made true."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from typing import Any, Final

import pytest
from sqlalchemy import CompoundSelect, Select, delete, insert, select, update
from sqlalchemy.sql import visitors

import service.store
from service.errors import CaseMoved, RowRefused
from service.store.casefile import (
    approvals,
    case_bars,
    cases,
    consents,
    documents,
    grants,
    named_persons,
    parties,
    referrals,
)
from service.store.casefile.approvals import Approval
from service.store.casefile.case_bars import CaseBar
from service.store.casefile.consents import Consent
from service.store.casefile.grants import GrantRow
from service.store.casefile.named_persons import NamedPerson
from service.store.checked_rows import FORMS, CheckedRows
from service.store.database import Database
from service.store.installation import absences, people, releases
from service.store.installation.absences import Absence
from service.store.keyset import PageRequest
from service.store.lists import open_work_ids, visibility_rows
from service.store.lists.visibility_rows import VisibilityRows
from service.store.prepared import PreparedStatement
from service.store.read_models import inbox, whole_rows
from service.store.read_models.list_reader import InboxReader
from service.store.row_mapping import values
from service.store.row_scope import as_system
from service.store.tables import metadata
from service.store.tables.metadata import DECIDES
from service.store.transaction import Tx
from service.store.work import batches, incidents, jobs, letters, tasks
from service.store.work.batches import Batch
from service.store.work.incidents import Incident
from tests.store.sample_rows import NOON, SampleRows

CASE, BY = "c000", "p-north"
DAY = date(2026, 3, 2)
SAMPLES: Final[dict[str, tuple[CheckedRows[Any], Any]]] = {
    "party": (parties.ROWS, parties.Party(CASE, "Helper", "north")),
    "consent": (
        consents.ROWS,
        Consent("k1", CASE, "HEALTH", "her", "signed", DAY, None, b"box", 1, BY, NOON),
    ),
    "case_grant": (
        grants.ROWS,
        GrantRow("g1", CASE, "north", "Helper", "G1", "C0 C1", "law", "", NOON),
    ),
    "case_bar": (
        case_bars.ROWS,
        CaseBar("b1", CASE, "north", "", "", "about", BY, NOON),
    ),
    "named_person": (named_persons.ROWS, NamedPerson(CASE, BY, BY, NOON)),
    "approval": (
        approvals.ROWS,
        Approval("a1", CASE, "export", {"n": 1}, "ab" * 32, "asked", BY, "north", NOON, NOON),
    ),
    "referral": (
        referrals.ROWS,
        referrals.Referral(
            "r1", CASE, "north", "south", "SHELTER", 1, ["f"], "cd" * 32, BY, "sent"
        ),
    ),
    "incident": (incidents.ROWS, Incident("i1", None, "", "A", "handler", "t", "fault", NOON)),
    "absence": (absences.ROWS, Absence("p-north", "p-south", DAY, DAY, BY, NOON)),
    "batch": (
        batches.ROWS,
        Batch("b1", "migration", "plan", {"target": "x"}, batches.RUNNING, 1, BY, NOON),
    ),
    "document": (
        documents.ROWS,
        documents.Document(
            "d1", CASE, "k", "f", "C2", b"box", "pdf", 3, 1, BY, "north", NOON, "unscanned"
        ),
    ),
    "release": (
        releases.ROWS,
        releases.Release(
            *("12" * 32, "p", 9, "34" * 32, {"t": "f"}, "withdrawn", "n"),
            *(BY, NOON, None, BY, NOON, b"zip"),
        ),
    ),
    "draft": (releases.DRAFTS, releases.Draft("d1", "p", None, "v9", 1, b"zip", BY, NOON)),
    "task": (tasks.ROWS, SampleRows().task(CASE, "1.1")),
    "job": (jobs.ROWS, SampleRows().job(CASE, "1.2")),
    "letter": (
        letters.ROWS,
        replace(SampleRows().letter(CASE, 1), state="held", error="consent is not live"),
    ),
}
FINDS: Final = {
    "offices.OF_PARTIES": "which offices a case has to do with: whoever acts for one is checked",
    "people.LOCK": "a lock",
    "people.WITH_PASSWORD": "whose passwords the upgrade moves: each is read again",
    "people.LOCK_OFFICE": "a lock",
    "people.ROLES_OF_OFFICES": "a list of the roles that are held, to choose an office from",
    "people.COUNTS_OF_OFFICES": "how many people an office has",
    "absences.OF_OFFICE": "whether a person is closed: absences themselves are checked",
    "barred_people.BARRED_TO": "which cases lists leave out: of one case its bars are checked",
    "credentials.WITH_PROGRAM": "which cases lists leave out: of one case its bars are checked",
    "sessions.WITH_PERSON": "which cases lists leave out: of one case its bars are checked",
    "sessions.OF_PERSON": "her own list of sign-ins",
    "sessions.EVERY": "who has a sign-in at all",
    "documents.COUNT": "a number: how many more a case may have",
    "documents.COUNT_MADE": "as above",
    "releases.HIGHEST": "which number is free",
    "releases.PUBLISHED_AT": "a date that a page of a case shows",
    "facts.OF_CASE": "the number of the release that a fact names by its id",
    "facts.OF_CASES": "as above",
    "facts.OF_CASE_UPTO": "as above",
    "case_access.STOPS": "since when a case is stopped, for lists",
    "office_stats.ANSWERED": "figures of an office",
    "cases.REFS": "pseudonyms for lists",
    "cases.TAKEN": "which pseudonyms are taken",
    "audit_search.NAMED": "finds a case, which is read once more before it is shown",
    "tasks.LISTED": "of the case what lists show; its task is checked",
    "tasks.DUE_BETWEEN": "as above",
    "retention_acts.IDS": "which acts a list need not name again; what is done is checked first",
    "retention_acts.LAST_OF_PATH": "rule and month for one sentence: nothing opens by it",
    "batches.NEXT": "whether there is work: what is taken is checked",
    "batches.COUNTS": "figures of a batch: before it ends, its cases are checked",
    "batches.POSTPONED": "which lease lasts too long",
    "batches.OVER": "what is old enough to be deleted",
    "documents.UNTOUCHED": "files at an open task in which nobody types any more",
    "inbox.MARKS": "what stands beside rows of a list whose tasks are checked",
    "incidents.STOPPED": "which cases have an incident, for lists",
    "incidents.OF_CASE": "a list: a forged incident is seen, and cannot be retried",
    "incidents.STILL_OPEN": "as above",
    "incidents.OPEN_OF_INSTALLATION": "as above",
    "jobs.LEVELS": "which priorities are due: what is taken is checked",
    "jobs.POSTPONED": "what waits too long, whoever wrote it: it is made due, and then checked",
    "open_work_ids.OF_CASE": "of jobs which there are, which the turn sets to what it says",
    "letters.COUNT_OF_CASE": "a number on a tab",
    "letters.EXISTING": "which keys are taken: no second letter can have one",
    "letters.NEXT": "when there is work: what is taken is checked",
    "letters.POSTPONED": "what waits too long, whoever wrote it: it is made due, and then checked",
}
"""Statements that read rows which decide without their MAC, and what they find."""


def other(value: Any) -> Any:
    """Another value of the same kind."""
    if isinstance(value, str):
        return "ef" * 32 if len(value) == 64 else f"{value}x"
    if isinstance(value, int):
        return value + 1
    if isinstance(value, bytes):
        return value + b"x"
    if isinstance(value, list):
        return [*value, "x"]
    if isinstance(value, dict):
        return {**value, "more": 1}
    if value is None:
        return NOON
    return value + timedelta(days=1)


@pytest.fixture
def found(database: Database, samples: SampleRows) -> Database:
    with database.transaction() as tx:
        samples.found(tx, cases_=1)
    return database


def forge(tx: Tx, table: str, row: object, mac: bytes | None) -> None:
    """Put in a row as somebody who has the database could."""
    given = {**values(row), "mac": mac}
    if table == "task":
        given |= {"sort_due": NOON, "sort_rank": 0}
    tx.run(as_system("verify", insert(metadata.tables[table]).values(given)))


def access_rows(tx: Tx) -> VisibilityRows:
    """What access to the case is decided from, for a helper of the northern office."""
    asked = visibility_rows.of_cases(tx, [CASE], office="north", roles=["Helper"], now=NOON)
    return asked[CASE]


@pytest.mark.parametrize("table", SAMPLES)
def test_a_row_without_the_right_mac_is_not_used(found: Database, table: str) -> None:
    rows, row = SAMPLES[table]
    same = [key == values(row)[key.name] for key in metadata.tables[table].primary_key]
    read: Select[Any] = as_system("verify", select(*rows.columns).where(*same))
    empty = (None,) * bool(metadata.tables[table].c.mac.nullable)
    for mac in (*empty, b"", bytes(16)):
        with found.transaction() as tx:
            forge(tx, table, row, mac)
            assert rows.all(tx, read, listed=True) == []
            if table in ("party", "consent", "approval", "batch", "release", "draft"):
                with pytest.raises(RowRefused):
                    rows.all(tx, read)
            else:
                assert rows.all(tx, read) == []
            tx.run(as_system("verify", delete(metadata.tables[table]).where(*same)))


@pytest.mark.parametrize("table", SAMPLES)
def test_every_column_that_decides_is_in_the_mac(found: Database, table: str) -> None:
    rows, row = SAMPLES[table]
    exempt = metadata.tables[table].info[DECIDES]
    assert all(exempt.values())
    covered = [name for name in values(row) if name in FORMS[table].names]
    assert covered
    with found.transaction(write=False) as tx:
        for name in covered:
            changed = replace(row, **{name: other(getattr(row, name))})
            assert rows.mac(tx, changed) != rows.mac(tx, row), name
        for name in set(values(row)) - set(covered):
            changed = replace(row, **{name: other(getattr(row, name))})
            assert rows.mac(tx, changed) == rows.mac(tx, row), name


def test_a_change_needs_the_row_as_it_was_read(found: Database) -> None:
    rows, row = SAMPLES["batch"]
    stopped = replace(row, state=batches.STOPPED)
    with found.transaction() as tx:
        rows.add(tx, row)
    with found.transaction() as tx:
        rows.change(tx, row, stopped)
        assert batches.get(tx, row.id) == stopped
    with pytest.raises(CaseMoved), found.transaction() as tx:
        rows.change(tx, row, replace(row, total=2))
    with pytest.raises(CaseMoved), found.transaction() as tx:
        rows.drop(tx, row)
    with found.transaction() as tx:
        rows.drop(tx, stopped)
        assert batches.get(tx, row.id) is None


def test_a_forged_row_does_not_become_true_by_being_changed(found: Database) -> None:
    rows, row = SAMPLES["batch"]
    with found.transaction() as tx:
        forge(tx, "batch", row, bytes(16))
    with pytest.raises(CaseMoved), found.transaction() as tx:
        rows.change(tx, row, replace(row, total=2))


def test_a_batch_that_nobody_began_is_worked_on_by_nobody(found: Database) -> None:
    _, row = SAMPLES["batch"]
    with found.transaction() as tx:
        forge(tx, "batch", row, bytes(16))
    with pytest.raises(RowRefused), found.transaction() as tx:
        batches.lease(tx, now=NOON, who="w", until=NOON + timedelta(minutes=1))


def known(tx: Tx) -> dict[str, tasks.Task | None]:
    return open_work_ids.known(tx, CASE).tasks


def test_a_task_that_nobody_opened_is_seen_and_done_by_nobody(
    found: Database, samples: SampleRows
) -> None:
    real, forged = samples.task(CASE, "1.1"), samples.task(CASE, "1.2", due=NOON)
    with found.transaction() as tx:
        tasks.sync(tx, CASE, [real], {})
        forge(tx, "task", forged, bytes(16))
    with found.transaction() as tx:
        assert tasks.of_case(tx, CASE) == access_rows(tx).waiting == [real]
        assert cases.of_task(tx, cases.read_of_task(tx, forged.key)) is None
        assert tasks.get(tx, forged.key) is None
        assert tasks.listed(tx, forged.key) is None
        assert not tasks.claim(tx, forged.key, BY, NOON)
        assert not tasks.put_back(tx, forged.key)
        assert not tasks.hide(tx, forged.key, NOON)
        assert tasks.due_between(tx, NOON - timedelta(days=1), NOON + timedelta(days=1)) == []
        reader = InboxReader(BY, "north", frozenset({"Helper"}), NOON)
        shown = inbox.page(tx, reader, inbox.InboxFilter(), PageRequest(), limit=5)
        assert [row.task for row in shown.rows] == [real]


def test_a_turn_neither_makes_a_forged_task_true_nor_keeps_it(
    found: Database, samples: SampleRows
) -> None:
    """Where it is to be open, it stays as bad as it is; where not, its row is gone."""
    row = samples.task(CASE, "1.1", due=NOON)
    later = replace(row, due=NOON + timedelta(days=1))
    with found.transaction() as tx:
        tasks.sync(tx, CASE, [row], {})
        changed = update(metadata.tables["task"]).values(office_id="south", claimed_by="p-south")
        tx.run(as_system("verify", changed))
    with found.transaction() as tx:
        assert known(tx) == {row.id: None}
        tasks.sync(tx, CASE, [later], known(tx))
        [stored] = whole_rows.stored(tx, "task")
        assert (stored["office_id"], stored["due"]) == ("south", NOON)
        assert tasks.of_case(tx, CASE) == []
    with found.transaction() as tx:
        tasks.sync(tx, CASE, [samples.task(CASE, "2")], known(tx))
        assert tasks.of_case(tx, CASE) == [samples.task(CASE, "2")]


def test_whatever_is_done_to_a_task_it_stays_ours(found: Database, samples: SampleRows) -> None:
    row = samples.task(CASE, "1.1")
    with found.transaction() as tx:
        tasks.sync(tx, CASE, [row], {})
        assert tasks.claim(tx, row.key, BY, NOON)
        assert tasks.hide(tx, row.key, NOON)
        claimed = replace(row, claimed_by=BY, claimed_at=NOON, hidden_until=NOON)
        assert tasks.of_case(tx, CASE) == [claimed]
        dated = replace(claimed, due=NOON, follow_up=NOON)
        tasks.sync(tx, CASE, [dated], known(tx))
        assert tasks.of_case(tx, CASE) == [dated]
        fitted = replace(dated, role="Reader", element="Task_B", priority=80)
        tasks.refit(tx, dated, fitted)
        assert tasks.of_case(tx, CASE) == [fitted]
        assert tasks.bind(tx, [fitted], "Reader", "south") == tasks.of_case(tx, CASE)
        assert tasks.put_back(tx, row.key)
        tx.changes.bound.clear()
        assert [task.office_id for task in tasks.of_case(tx, CASE)] == ["south"]


def test_a_turn_that_read_a_task_before_somebody_claimed_it_begins_anew(
    found: Database, samples: SampleRows
) -> None:
    row = samples.task(CASE, "1.1")
    with found.transaction() as tx:
        tasks.sync(tx, CASE, [row], {})
        assert tasks.claim(tx, row.key, BY, NOON)
        tx.changes.bound.clear()
    with pytest.raises(CaseMoved), found.transaction() as tx:
        tasks.sync(tx, CASE, [replace(row, due=NOON)], {row.id: row})


@pytest.mark.parametrize("kind", jobs.ALL)
def test_a_job_that_nobody_began_is_never_done(
    found: Database, samples: SampleRows, kind: str
) -> None:
    until: dict[str, Any] = {"now": NOON, "who": "w", "seconds": 60}
    forged = replace(samples.job(CASE, "1.2", kind=kind), not_before=NOON)
    with found.transaction() as tx:
        jobs.arm(tx, samples.job(CASE, "1.1"))
        forge(tx, "job", forged, bytes(16))
    with found.transaction() as tx:
        assert cases.load_for_job(tx, forged.key) is None
        assert [row.work_id for row in jobs.lease(tx, **until)] == ["1.1"]
        assert [refused.facts["table"] for refused in tx.refused] == ["job", "job"]
    with found.transaction() as tx:
        left = whole_rows.one(tx, "job", {"key": forged.key})
        assert left is not None
        assert (left["state"], left["error"]) == ("stopped", jobs.NOT_OURS)
        assert left["mac"] == bytes(16)
        assert jobs.resume(tx, forged.key, at=NOON)
        assert jobs.lease(tx, **until) == []


@pytest.mark.parametrize(
    "changed",
    [{"due": NOON - timedelta(days=9)}, {"topic": "letters.other"}, {"element": "B"}, {"nth": 2}],
    ids=str,
)
def test_a_job_that_was_changed_is_not_done(
    found: Database, samples: SampleRows, changed: dict[str, Any]
) -> None:
    with found.transaction() as tx:
        jobs.sync(tx, CASE, [samples.job(CASE, "1.2")], {}, now=NOON)
        tx.run(as_system("verify", update(metadata.tables["job"]).values(changed)))
    with found.transaction() as tx:
        assert jobs.lease(tx, now=NOON, who="w", seconds=60) == []


def test_a_job_that_moves_or_is_drawn_anew_is_done(found: Database, samples: SampleRows) -> None:
    row, later = samples.job(CASE, "1.2", kind="timer"), NOON + timedelta(hours=1)
    fitted = replace(row, element="B", priority=7)
    with found.transaction() as tx:
        jobs.sync(tx, CASE, [row], {}, now=NOON)
        jobs.refit(tx, fitted)
        jobs.sync(tx, CASE, [replace(fitted, due=later)], {row.work_id: row.due}, now=NOON)
    with found.transaction() as tx:
        [leased] = jobs.lease(tx, now=later, who="w", seconds=60)
        assert (leased.due, leased.element, leased.priority) == (later, "B", 7)


def test_a_letter_that_nobody_made_is_left_alone(found: Database, samples: SampleRows) -> None:
    """Nobody leases it, sets it going, or gives it a MAC; those beside it go."""
    until: dict[str, Any] = {"now": NOON, "who": "w", "seconds": 60}
    with found.transaction() as tx:
        letters.add(tx, [samples.letter(CASE, 1)])
        tx.changes.bound.clear()
        forge(tx, "letter", replace(samples.letter(CASE, 2), not_before=NOON), bytes(16))
    with found.transaction() as tx:
        leased = letters.lease(tx, **until)
        assert [(row.key, row.state) for row in leased] == [(f"{CASE}:1", "leased")]
        assert [refused.facts["table"] for refused in tx.refused] == ["letter"]
    with found.transaction() as tx:
        row = replace(samples.letter(CASE, 2), state="held", error=jobs.NOT_OURS)
        assert whole_rows.one(tx, "letter", {"key": row.key}) == {**values(row), "mac": bytes(16)}
        assert not letters.resume(tx, row.key, at=NOON)
        assert letters.lease(tx, **until) == []


@pytest.mark.parametrize(
    "changed",
    [{"office_id": "north"}, {"params": {"count": 9}}, {"needs_consent": ""}, {"channel": "x"}],
    ids=str,
)
def test_a_letter_that_was_changed_is_not_sent(
    found: Database, samples: SampleRows, changed: dict[str, Any]
) -> None:
    with found.transaction() as tx:
        letters.add(tx, [replace(samples.letter(CASE, 1), needs_consent="HEALTH")])
        tx.changes.bound.clear()
    with found.transaction() as tx:
        assert letters.lease(tx, now=NOON, who="w", seconds=60)
        tx.run(as_system("verify", update(metadata.tables["letter"]).values(changed)))
        assert letters.lease(tx, now=NOON + timedelta(minutes=1), who="w", seconds=60) == []


def test_a_letter_that_was_held_does_not_go_because_somebody_says_so(
    found: Database, samples: SampleRows
) -> None:
    with found.transaction() as tx:
        letters.add(tx, [replace(samples.letter(CASE, 1), state="held")])
        tx.changes.bound.clear()
        tx.run(
            as_system(
                "verify",
                update(metadata.tables["letter"]).values(state="waiting", not_before=NOON),
            )
        )
    with found.transaction() as tx:
        assert letters.lease(tx, now=NOON, who="w", seconds=60) == []


def test_a_lease_or_a_try_leaves_the_mac_of_a_letter_as_it_is(samples: SampleRows) -> None:
    row, form = samples.letter(CASE, 1), FORMS["letter"]
    row = replace(row, not_before=NOON)
    tried: dict[str, Any] = {
        "tries": 3,
        "not_before": NOON + timedelta(days=1),
        "error": "451",
        "state": "leased",
    }
    again = replace(row, **tried, lease_until=NOON, leased_by="w")
    assert form.mac(bytes, values(again)) == form.mac(bytes, values(row))


def test_a_case_that_was_put_into_a_batch_is_left_alone(found: Database) -> None:
    _, row = SAMPLES["batch"]
    with found.transaction() as tx:
        batches.add(tx, row, [])
        forge(tx, "batch_case", batches.OrderedCase(row.id, CASE, 1), bytes(16))
        assert batches.left(tx, row.id, limit=5) == []


def test_a_name_that_was_put_in_opens_nothing(found: Database) -> None:
    with found.transaction() as tx:
        forge(tx, "named_person", SAMPLES["named_person"][1], bytes(16))
        assert access_rows(tx).named == set()
        named_persons.add(tx, NamedPerson(CASE, "p-south", BY, NOON))
        tx.changes.bound.clear()
        assert access_rows(tx).named == {"p-south"}


@pytest.mark.parametrize("valid_to", [None, date(2026, 12, 31)])
def test_access_is_decided_from_rows_that_are_checked(
    found: Database, valid_to: date | None
) -> None:
    _, consent = SAMPLES["consent"]
    with found.transaction() as tx:
        consents.add(tx, replace(consent, valid_to=valid_to))
        parties.bind(tx, CASE, {"Helper": "north"}, parties.of_case(tx, CASE))
        tx.changes.bound.clear()
        rows = access_rows(tx)
        assert (rows.purposes, rows.parties) == ({"HEALTH": "her"}, {"Helper": "north"})
    with found.transaction() as tx:
        longer = update(metadata.tables["consent"]).values(valid_to=date(2099, 1, 1))
        tx.run(as_system("verify", longer))
    with pytest.raises(RowRefused), found.transaction(write=False) as tx:
        access_rows(tx)


def test_a_consent_is_withdrawn_as_it_was_read(found: Database) -> None:
    _, consent = SAMPLES["consent"]
    with found.transaction() as tx:
        consents.add(tx, consent, replace(consent, id="k2", purpose="TRAVEL"))
        for rev in (2, 3):
            rows = consents.of_case(tx, CASE)
            after = consents.withdraw(tx, rows, {"HEALTH"}, on=DAY, rev=rev, withdrawal=None)
            assert [one.rev_withdrawn for one in after] == [2, None]
        tx.changes.bound.clear()
        assert [one.live(DAY) for one in consents.of_case(tx, CASE)] == [False, True]


def test_every_table_says_whether_its_rows_decide() -> None:
    """The MAC of an entry is of its place and its hash (`ledger_entries.entry_mac`)."""
    for table in metadata.sorted_tables:
        said = table.info[DECIDES]
        bears = "mac" in table.c and table.name != "line"
        assert (isinstance(said, str) and bool(said)) != bears, table.name


def test_every_statement_reads_rows_that_decide_with_their_mac() -> None:
    """Those that do not find something, and stand here with what it is."""
    without = {
        f"{module.rpartition('.')[2]}.{name}"
        for module, name, select in selects()
        if tables_without_mac(select)
    }
    assert without == FINDS.keys()
    assert all(FINDS.values())


def selects() -> Iterator[tuple[str, str, Select[Any]]]:
    """Every prepared question of the store, by module and name."""
    walk: Callable[..., Iterator[Any]] = pkgutil.walk_packages
    for found_ in walk(service.store.__path__, "service.store."):
        if "migrations" in found_.name:
            continue
        module = importlib.import_module(found_.name)
        for name, value in vars(module).items():
            if isinstance(value, PreparedStatement):
                statement = value.statement
                parts = statement.selects if isinstance(statement, CompoundSelect) else [statement]
                yield from ((found_.name, name, one) for one in parts if isinstance(one, Select))


def tables_without_mac(select: Select[Any]) -> set[str]:
    """Tables that decide, of which a question reads columns but no MAC."""
    parts: Iterator[Any] = visitors.iterate(select)
    read = [
        (part.table.name, part.name)
        for part in parts
        if getattr(getattr(part, "table", None), "name", None) in FORMS
    ]
    decided = {(table, name) for table, name in read if name in FORMS[table].names}
    decided -= {("cases", "id")}  # what joins the row of a case reads nothing of it by that
    return {table for table, _ in decided} - {table for table, name in read if name == "mac"}


def test_a_role_that_was_put_in_can_be_given_and_then_holds(found: Database) -> None:
    with found.transaction() as tx:
        forge(tx, "membership", people.Membership(BY, "Approver"), bytes(16))
        known = people.get(tx, BY)
        assert known is not None
        assert known.roles == {"Helper", "Reader"}
        people.set_roles(tx, known, known.roles | {"Approver"})
        tx.changes.bound.clear()
        given = people.get(tx, BY)
        assert given is not None
        assert given.roles == {"Helper", "Reader", "Approver"}


def test_a_forged_incident_is_seen_and_not_acted_on(found: Database) -> None:
    _, row = SAMPLES["incident"]
    with found.transaction() as tx:
        forge(tx, "incident", row, bytes(16))
        assert [one.id for one in incidents.still_open(tx)] == [row.id]
        assert incidents.get(tx, row.id) is None
        assert not incidents.close(tx, row.id, at=NOON, by=BY)


@pytest.mark.parametrize("column", ["marking", "started_by", "kind", "process"])
def test_a_case_whose_row_was_changed_is_loaded_by_nobody(found: Database, column: str) -> None:
    """Such as one whose protection was taken away."""
    with found.transaction() as tx:
        assert cases.get(tx, CASE) == cases.stored(tx, CASE)
    with found.transaction() as tx:
        other_value = "south" if column == "started_by" else "OTHER"
        changed = update(metadata.tables["cases"]).values({column: other_value})
        tx.run(as_system("verify", changed))
    for look in (cases.get, cases.load):
        with pytest.raises(RowRefused) as refused, found.transaction() as tx:
            look(tx, CASE)
        assert refused.value.facts == {"table": "cases", "case": CASE}
    with pytest.raises(RowRefused), found.transaction() as tx:
        cases.set_marking(tx, CASE, 1, "NONE")
    with found.transaction(write=False) as tx:
        assert cases.of_ids(tx, [CASE]) == []
        assert getattr(cases.stored(tx, CASE), column) == other_value


def test_a_marking_that_was_taken_away_meanwhile_is_not_given_back(found: Database) -> None:
    with found.transaction() as tx:
        cases.set_marking(tx, CASE, 1, "SEKRETESSMARKERING")
        tx.changes.bound.clear()
        case = cases.get(tx, CASE)
        assert case is not None
        assert case.marking == "SEKRETESSMARKERING"
    with pytest.raises(CaseMoved), found.transaction() as tx:
        cases.set_marking(tx, CASE, 7, "NONE")
