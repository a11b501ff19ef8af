"""Whatever somebody changes behind the program's back, `verify` names it: which case, which fact,
which row.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from service import cli
from service.actions.commands import case_commands as case_verbs
from service.actions.context import Actor
from service.actions.history import narrative, rebuild, verify
from service.actions.history.violations import Violation
from service.binding import Answer, Letter
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.demo.scenarios import ScenarioStep
from service.security.keyring import Keyring, write_keyring
from service.store.casefile import cases
from service.store.database import Database
from service.store.installation import ledger_entries
from service.store.row_scope import as_system
from service.store.tables.triggers import APPEND_ONLY
from service.store.transaction import Tx
from tests.conftest import KINDS, new_database
from tests.engine.lint import drawing as d
from tests.support import small
from tests.support.desk import NOON, ROLE, Desk, open_desk, rooms, settle
from tests.support.shipped import publish_shipped

STORY = small.one(
    small.person("a", "ask")
    + d.job("j")
    + small.person("b")
    + d.border("w", "b", d.timer("Duration", "P5D"))
    + d.end("late"),
    "s>a a>j j>b b>e w>late",
)
FACT = "case_id = :case AND rev = 2"


@dataclass
class Told:
    """A case with three facts (started, a task done, a handler's answer) and a task and a timer
    that wait; and somebody with a screwdriver.

    All that is changed is changed in one transaction, in which verify looks, and which is never
    committed.
    """

    desk: Desk
    case: str
    old: bytes
    """The snapshot of one turn before."""
    tx: Tx

    def change(self, statement: str, **values: object) -> None:
        """Change rows as a person could who has the database: triggers in the way are switched off."""
        for table in (name for name in APPEND_ONLY if f" {name} " in statement):
            for act in ("update", "delete"):
                self.tx.conn.execute(
                    as_system(
                        "schema",
                        text(
                            f"DROP TRIGGER IF EXISTS {table}_no_{act}"
                            + (f" ON {table}" if self.tx.postgres else "")
                        ),
                    )
                )
        changed = self.tx.conn.execute(
            as_system("schema", text(statement)), {**self.names(statement), **values}
        ).rowcount
        assert changed == 1, statement

    def names(self, statement: str) -> dict[str, str]:
        known = {"case": self.case, "stream": f"case/{self.case}"}
        return {name: value for name, value in known.items() if f":{name}" in statement}

    def value(self, question: str) -> object:
        """One stored value."""
        return self.tx.conn.execute(
            as_system("schema", text(question)), self.names(question)
        ).scalar()

    def flip(self, table: str, column: str, where: str) -> None:
        """Flip the last bit of a box."""
        kept = self.value(f"SELECT {column} FROM {table} WHERE {where}")
        assert isinstance(kept, bytes | memoryview)
        box = bytearray(kept)
        box[-1] ^= 1
        self.change(f"UPDATE {table} SET {column} = :box WHERE {where}", box=bytes(box))

    def faults(self) -> tuple[Violation, ...]:
        return verify.verify_all(
            self.tx, self.desk.program.services, now=self.desk.clock.now()
        ).faults

    def places(self) -> set[tuple[str, str]]:
        """Invariant and place of what verify finds."""
        found = self.faults()
        assert {f.case for f in found} <= {self.case}
        return {(f.invariant, f.place) for f in found}


@pytest.fixture(scope="module", params=KINDS)
def story(
    request: pytest.FixtureRequest, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[Desk, str, bytes]]:
    """Three cases, two of them ended, in a database of its own for all tests of this file."""
    with new_database(request, tmp_path_factory.mktemp("verify")) as url:
        desk = open_desk(
            url,
            keyring,
            STORY,
            functions={"letters.send": lambda _: Answer(letters=(Letter(ROLE, "news"),))},
        )
        worker = desk.worker()
        ended = [desk.start(small.ANSWERS).case_id for _ in range(2)]
        for case in ended:
            desk.do(case, "a", small.ANSWERS)
        settle(worker)
        desk.do(ended[0], "b")
        desk.later(days=5)
        settle(worker)
        assert [[f.kind for f in desk.facts(case)] for case in ended] == [
            ["start", "complete", "answer", kind] for kind in ("complete", "due")
        ]
        case = desk.start(small.ANSWERS).case_id
        desk.do(case, "a", small.ANSWERS)
        with desk.database.transaction(write=False) as tx:
            loaded = cases.load(tx, case)
        settle(worker)
        assert desk.faults() == []
        assert loaded is not None
        yield desk, case, loaded.case.snapshot or b""
        desk.database.close()


class TakenBack(Exception):
    """Nothing of it is kept."""


@pytest.fixture
def told(story: tuple[Desk, str, bytes]) -> Iterator[Told]:
    desk, case, old = story
    with suppress(TakenBack), desk.database.transaction() as tx:
        yield Told(desk, case, old, tx)
        raise TakenBack


@pytest.mark.parametrize(
    "change",
    [
        "element = 'b'",
        "actor = 'p_stina'",
        "office = 'other'",
        "kind = 'answer'",
        "nth = 2",
        "work_id = '1.1'",
        "engine = 'another'",
        "stimulus = replace(CAST(stimulus AS TEXT), '\"id\"', '\"ie\"')",
        "steps = replace(CAST(steps AS TEXT), '\"a\"', '\"b\"')",
        "steps = replace(CAST(steps AS TEXT), '[', '{')",
        "open_after = '[]'",
    ],
)
def test_a_changed_fact_is_named(told: Told, change: str) -> None:
    told.change(f"UPDATE fact SET {change} WHERE {FACT}")
    found = told.places()
    assert ("I3", "fact 2") in found
    assert {place for _, place in found} <= {
        "fact 2",
        "answers C0 of fact 2",
        "answers C1 of fact 2",
        "answers C2 of fact 2",
        "answers C3 of fact 2",
    }


@pytest.mark.parametrize("column", ["state_sha256", "definition", "hash", "prev_hash"])
def test_one_bit_of_a_facts_hash_is_named(told: Told, column: str) -> None:
    told.flip("fact", column, FACT)
    found = told.places()
    assert ("I3", "fact 2") in found
    assert {place for _, place in found} <= {"fact 2", "fact 3"}


def test_a_fact_that_is_gone_is_named(told: Told) -> None:
    told.change(f"DELETE FROM fact WHERE {FACT}")
    found = told.places()
    assert {("I3", "fact 2"), ("I10", "fact 2")} <= found


def test_the_last_fact_cannot_be_taken_away_unseen(told: Told) -> None:
    told.change("DELETE FROM fact WHERE case_id = :case AND rev = 3")
    assert {("I10", "fact 3"), ("I3", "case"), ("I3", "snapshot")} <= told.places()


def test_one_bit_of_a_snapshot_is_named(told: Told) -> None:
    told.flip("cases", "snapshot", "id = :case")
    assert told.places() == {("I11", "snapshot")}


def test_an_old_snapshot_does_not_pass(told: Told) -> None:
    told.change("UPDATE cases SET snapshot = :old WHERE id = :case", old=told.old)
    assert told.places() == {("I11", "snapshot")}


@pytest.mark.parametrize("klass", ["C0", "C1", "C2", "C3"])
def test_one_bit_of_an_answer_is_named(told: Told, klass: str) -> None:
    told.flip("answers", "sealed", f"{FACT} AND klass = '{klass}'")
    assert told.places() == {("I11", f"answers {klass} of fact 2")}


def test_an_answer_that_is_gone_is_named(told: Told) -> None:
    told.change(f"DELETE FROM answers WHERE {FACT} AND klass = 'C2'")
    assert told.places() == {("I11", "answers C2 of fact 2")}


def test_an_answer_under_another_name_is_named(told: Told) -> None:
    told.change(f"UPDATE answers SET by = 'p_stina' WHERE {FACT} AND klass = 'C2'")
    assert told.places() == {("I11", "answers C2 of fact 2")}


def test_one_bit_of_a_payload_is_named(told: Told) -> None:
    told.flip("fact_payload", "sealed", FACT)
    assert told.places() == {("I11", "payload of fact 2")}


def test_a_payload_that_is_gone_is_named(told: Told) -> None:
    told.change(f"DELETE FROM fact_payload WHERE {FACT}")
    assert told.places() == {("I11", "payload of fact 2")}


def test_one_bit_of_the_cases_key_is_named(told: Told) -> None:
    told.flip("vault_key", "wrapped", "owner = 'case:' || :case")
    assert told.places() == {("I11", "vault_key")}


LINE = "stream = :stream AND seq = 2"


@pytest.mark.parametrize(
    "change",
    [
        "actor = 'p_stina'",
        "kind = 'answer'",
        "office = ''",
        "body = replace(body, '\"element\"', '\"elemend\"')",
        "body = '{}'",
    ],
)
def test_a_changed_line_is_named(told: Told, change: str) -> None:
    told.change(f"UPDATE line SET {change} WHERE {LINE}")
    found = told.places()
    assert ("I10", "line 2") in found
    assert {place for _, place in found} - {"line 2", "fact 2"} == (
        {"payload of fact 2", *(f"answers C{n} of fact 2" for n in range(4))}
        if "{}" in change
        else set()
    )


def test_one_bit_of_a_lines_hash_is_named(told: Told) -> None:
    told.flip("line", "hash", LINE)
    assert told.places() == {("I10", "line 2"), ("I10", "line 3")}


def test_a_line_that_is_gone_is_named(told: Told) -> None:
    told.change(f"DELETE FROM line WHERE {LINE}")
    found = told.places()
    assert {("I10", "line 3"), ("I10", "fact 2")} <= found


def test_a_line_of_another_stream_is_named_by_its_stream(told: Told) -> None:
    told.change("UPDATE line SET actor = 'nobody' WHERE stream = 'office/social' AND seq = 1")
    assert [(f.invariant, f.case, f.place) for f in told.faults()] == [
        ("I10", "office/social", "line 1")
    ]


@pytest.mark.parametrize(
    ("statement", "invariant", "what"),
    [
        ("DELETE FROM task WHERE case_id = :case AND element = 'b'", "I3", "task"),
        ("UPDATE task SET nth = 7 WHERE case_id = :case AND element = 'b'", "I3", "task"),
        ("DELETE FROM job WHERE case_id = :case AND element = 'w'", "I4", "job"),
        ("UPDATE job SET nth = 7 WHERE case_id = :case AND element = 'w'", "I4", "job"),
    ],
)
def test_a_row_that_waits_no_more_or_otherwise_is_named(
    told: Told, statement: str, invariant: str, what: str
) -> None:
    told.change(statement)
    [(found, place)] = told.places()
    assert (found, place.split()[0]) == (invariant, what)


@pytest.mark.parametrize("table", ["task", "job"])
def test_a_changed_due_is_named(told: Told, table: str) -> None:
    element = {"task": "b", "job": "w"}[table]
    other = told.value("SELECT opened_at FROM cases WHERE id = :case")
    told.change(
        f"UPDATE {table} SET due = :other WHERE case_id = :case AND element = '{element}'",
        other=other,
    )
    [(_, place)] = told.places()
    assert place.startswith(table)


@pytest.mark.parametrize(
    ("change", "invariant"),
    [
        ("status = 'ended'", "I8"),
        ("stage = '3'", "I3"),
        ("station = 'home'", "I3"),
        ("next_due = NULL", "I3"),
        ("\"end\" = 'e'", "I3"),
    ],
)
def test_a_changed_case_is_named(told: Told, change: str, invariant: str) -> None:
    told.change(f"UPDATE cases SET {change} WHERE id = :case")
    assert told.places() == {(invariant, "case")}


BY = Actor("cli")


def rebuilt(told: Told) -> rebuild.RebuildReport:
    return rebuild.rebuild_snapshot(
        told.tx, told.desk.program.services, case_id=told.case, by=BY, now=told.desk.clock.now()
    )


@pytest.mark.parametrize("damage", ["a bit", "an old one", "none"])
def test_a_snapshot_is_folded_anew_from_the_facts_and_a_line_says_so(
    told: Told, damage: str
) -> None:
    before = (
        told.value("SELECT count(*) FROM fact WHERE case_id = :case"),
        told.value("SELECT hash FROM fact WHERE case_id = :case AND rev = 3"),
    )
    if damage == "a bit":
        told.flip("cases", "snapshot", "id = :case")
    else:
        told.change(
            "UPDATE cases SET snapshot = :old WHERE id = :case",
            old=told.old if damage == "an old one" else None,
        )
    assert told.places() == {("I3" if damage == "none" else "I11", "snapshot")}
    assert rebuilt(told) == rebuild.RebuildReport(changed=True)
    assert told.places() == set()
    assert (
        told.value("SELECT count(*) FROM fact WHERE case_id = :case"),
        told.value("SELECT hash FROM fact WHERE case_id = :case AND rev = 3"),
    ) == before
    last = ledger_entries.latest(told.tx, f"case/{told.case}", limit=1)[0]
    assert (last.kind, last.actor) == ("snapshot_rebuilt", "cli")
    entry = list(narrative.load_history(told.tx, told.desk.program.services, told.case, "en"))[-1]
    assert (
        entry.text
        == "The stored state was folded anew from the history; nothing in the case has changed"
    )


def test_a_snapshot_that_is_right_is_left_alone(told: Told) -> None:
    before = (
        told.value("SELECT snapshot FROM cases WHERE id = :case"),
        told.value("SELECT max(seq) FROM line WHERE stream = :stream"),
    )
    assert rebuilt(told) == rebuild.RebuildReport(changed=False)
    assert (
        told.value("SELECT snapshot FROM cases WHERE id = :case"),
        told.value("SELECT max(seq) FROM line WHERE stream = :stream"),
    ) == before


@pytest.mark.parametrize(
    "change",
    [
        f"UPDATE fact SET actor = 'p_stina' WHERE {FACT}",
        f"DELETE FROM fact_payload WHERE {FACT}",
        "DELETE FROM fact WHERE case_id = :case AND rev = 3",
        "DELETE FROM vault_key WHERE owner = 'case:' || :case",
        f"UPDATE fact SET steps = '[' WHERE {FACT}",
    ],
)
def test_nothing_is_folded_from_a_history_that_does_not_hold(told: Told, change: str) -> None:
    told.change("UPDATE cases SET snapshot = :old WHERE id = :case", old=told.old)
    told.change(change)
    before = told.value("SELECT max(seq) FROM line WHERE stream = :stream")
    done = rebuilt(told)
    assert not done.changed
    assert done.faults
    assert told.value("SELECT snapshot FROM cases WHERE id = :case") == told.old
    assert told.value("SELECT max(seq) FROM line WHERE stream = :stream") == before


def test_a_case_goes_on_after_its_snapshot_was_folded_anew(told: Told) -> None:
    told.flip("cases", "snapshot", "id = :case")
    assert rebuilt(told).changed
    task = told.desk.key(told.case, "b")
    case_verbs.complete_task(
        told.tx,
        told.desk.program.services,
        by=told.desk.viewer(),
        task_key=task,
        answers={},
        now=told.desk.clock.now(),
    )
    assert told.places() == set()


def test_some_cases_are_verified_without_the_others(told: Told) -> None:
    every = verify.case_ids(told.tx)
    assert len(every) == 3
    told.flip("cases", "snapshot", "id = :case")
    some = verify.verify_some(
        told.tx,
        told.desk.program.services,
        [id_ for id_ in every if id_ != told.case],
        now=told.desk.clock.now(),
    )
    assert (some.cases, some.faults) == (2, ())


def test_the_command_prints_one_line_a_fault_and_exits_with_one(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keyring(keyring, tmp_path / "keys")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys"))
    program, run = replace(rooms(keyring), database=Database(database_url)), CliRunner().invoke
    people = seed.seed_directory(program, NOON)
    publish_shipped(program, NOON)
    case = make_player(program, SetClock(NOON), people).act(
        ScenarioStep(by="sara", start="Start_PersonIdentified"), ""
    )
    assert run(cli.main, ["verify"]).stdout.endswith("1 cases: unbroken\n")
    with program.database.transaction() as tx:
        Told(Desk(program, SetClock(NOON), {}), case, b"", tx).flip(
            "fact_payload", "sealed", "case_id = :case AND rev = 1"
        )
    found = run(cli.main, ["verify"])
    assert found.exit_code == 1
    said = found.stdout.splitlines()
    assert (
        said[0]
        == f"{case} payload of fact 1: I11: expected a box that opens, found one that does not"
    )
    assert said[1].endswith(": 1 faults")
    assert len(said) == 2
    kept = run(cli.main, ["verify", "--rebuild", case])
    assert kept.exit_code == 1
    assert kept.stdout.endswith("stays as it is: its history does not hold\n")
    program.database.close()


def test_the_command_folds_one_case_anew_or_looks_at_some(
    database_url: str, keyring: Keyring, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_keyring(keyring, tmp_path / "keys")
    monkeypatch.setenv("TRESTEG_DATABASE_URL", database_url)
    monkeypatch.setenv("TRESTEG_KEYS_FILE", str(tmp_path / "keys"))
    desk, run = open_desk(database_url, keyring, small.row_of_tasks(1)), CliRunner().invoke
    case = desk.start().case_id
    desk.start()
    with desk.database.transaction() as tx:
        Told(desk, case, b"", tx).flip("cases", "snapshot", "id = :case")
    assert run(cli.main, ["verify", "--case", case]).exit_code == 1
    done = run(cli.main, ["verify", "--rebuild", case, "--json"])
    assert (json.loads(done.stdout), done.exit_code) == (
        {"case": case, "rebuilt": True, "faults": []},
        0,
    )
    again = run(cli.main, ["verify", "--rebuild", desk.case(case).ref])
    assert again.stdout.endswith("was right already; nothing was written\n")
    assert [
        run(cli.main, ["verify", *words]).exit_code
        for words in (["--case", case], ["--all"], ["--sample", "1"], ["--sample", "9"])
    ] == [0, 0, 0, 0]
    assert " of 1 cases: " in run(cli.main, ["verify", "--sample", "1"]).stdout
    assert " of 2 cases: " in run(cli.main, ["verify", "--sample", "9"]).stdout
    assert run(cli.main, ["verify", "--rebuild", "nobody"]).exit_code == 2
    assert run(cli.main, ["verify", "--sample", "1", "--all"]).exit_code == 2
    desk.database.close()


def test_verify_never_prints_an_answer(told: Told) -> None:
    told.change(f"UPDATE fact SET steps = '[]', stimulus = '{{}}' WHERE {FACT}")
    said = "\n".join(map(str, told.faults()))
    assert said
    for typed in ("ringer", "telefon", "Stockholm", base64.b64encode(b"ringer").decode()):
        assert typed not in said
