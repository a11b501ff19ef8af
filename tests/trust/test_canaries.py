"""T6: a stolen database, journal, letter or log says nothing that was typed about anybody."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from service.access import Viewer
from service.application.container import Tresteg
from service.audit.case_replay import load_case_replay
from service.audit.exports.event_export import FORMATS, ExportOrder, export_cases
from service.audit.printed.case_report import compose_case_report
from service.audit.proof.proof_bundle import ProofOrder, make_bundle
from service.casework.cases import given_answers
from service.casework.letters import letter_mail
from service.clock import SetClock
from service.demo import seed
from service.demo.player import make_player
from service.operations.sequencer import sequence_all
from service.people import accounts
from service.release.bundle import unpack
from service.security.keyring import Keyring
from service.settings import Settings
from service.standalone.verify import unzipped
from service.store.casefile import cases
from service.store.work import letters
from service.workshop import drafts
from service.workshop.trial.scenario_file import ScenarioStep
from tests.conftest import new_database
from tests.support.dry_runs import dry_run
from tests.support.kinds import KINDS
from tests.support.programs import make_program
from tests.support.shipped import publish_shipped
from tests.support.world import NOON
from tests.trust.canaries import MARK, WALK, CanaryPlayer, hits, spellings
from tests.trust.traces import WATCHED, files_of, rows_of, written_down

pytestmark = pytest.mark.both_kinds

CASES, CANARIES = 9, 440
DIAGRAM = "workflows/return_case.bpmn"


Played: TypeAlias = tuple[Tresteg, Path, list[str]]


@pytest.fixture(scope="module", params=KINDS)
def played(
    request: pytest.FixtureRequest, keyring: Keyring, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Played]:
    """Whole cases of the shipped process, once in a database of each kind, and what was left on the
    machine meanwhile.
    """
    folder = tmp_path_factory.mktemp("canaries")
    with new_database(request, folder) as url:
        with written_down(folder):
            program, canaries = live(url, keyring)
        yield program, folder, canaries
        program.database.close()


def live(url: str, keyring: Keyring) -> tuple[Tresteg, list[str]]:
    """Play the cases; every word that was typed."""
    clock = SetClock(NOON)
    program = make_program(Settings(database_url=url), keyring, clock)
    people = seed.seed_directory(program, clock.now())
    publish_shipped(program, clock.now())
    like = make_player(program, clock, people)
    player = CanaryPlayer(program, clock, people, like.usual, like.calendars)
    for _ in range(CASES):
        case = ""
        for who, what, after in WALK:
            if after:
                player.pass_time(clock.now() + timedelta(hours=after))
            step = ScenarioStep(by=who, task=what) if case else ScenarioStep(by=who, start=what)
            case = player.act(step, case)
            player.settle()
    player.close()
    try_draft(program, people["maja"])
    return program, [one.word for one in player.canaries]


def try_draft(program: Tresteg, owner: str) -> None:
    """A dry run of a draft on which every case goes another way."""
    services, now = program.services, program.clock.now()
    with program.database.transaction() as tx:
        maja = accounts.load_viewer(tx, owner)
        assert maja is not None
        row = drafts.open_draft(tx, services, by=maja, now=now)
        drawn = unpack(row.files).files[DIAGRAM]
        changed = drawn.replace(b'= interestInReturn = "YES"', b'= interestInReturn = "NO"', 1)
        assert changed != drawn
        about: dict[str, Any] = {"by": maja, "now": now, "draft_id": row.id, "rev": row.rev}
        drafts.save_files(tx, services, changed={DIAGRAM: changed}, found=(), **about)
    dry_run(program, row.id, maja)


def test_no_canary_stands_in_the_database_or_its_journal(played: Played) -> None:
    program, folder, canaries = played
    assert len(canaries) >= CANARIES
    files = files_of(program.database, folder)
    journal = [file for file in files if file.name.endswith("-wal") or file.parent.name == "pg_wal"]
    assert journal
    assert sum(file.stat().st_size for file in set(files) - set(journal)) > 500_000, (
        "the rows are there"
    )
    assert [file.name for file in files if hits(file.read_bytes())] == []


def test_no_row_holds_one_however_a_server_keeps_it(played: Played) -> None:
    program, _, _ = played
    if program.database.postgres:
        rows = rows_of(program.database)
        assert b"Task_MakePlan" in rows
        assert hits(rows) == []


def test_nothing_that_was_said_or_laid_aside_meanwhile_holds_one(played: Played) -> None:
    _, folder, _ = played
    assert (folder / "log").read_text("utf-8").count(WATCHED) == 2, "our log and what goes past it"
    left = [file for file in (folder / "log", *(folder / "temp").rglob("*")) if file.is_file()]
    assert [file.name for file in left if hits(file.read_bytes())] == []


def test_no_letter_holds_one(played: Played) -> None:
    program, _, _ = played
    with program.database.transaction(write=False) as tx:
        written = letters.latest(tx, limit=10_000)
        assert len(written) > 20
        for letter in written:
            words = letter_mail.letter_text(letter, "klar-vag", "Kontor", "https://example.invalid")
            assert hits((letter_mail.subject(letter.language) + words).encode()) == []


def test_no_bundle_and_no_export_holds_one(played: Played) -> None:
    """But for open answers (class C0), which an auditor reads anyway, where she asks for them."""
    program, services = played[0], played[0].services
    sequence_all(program)
    auditor = Viewer("p_auditor", "audit", frozenset({"auditor"}), "sv", "Europe/Stockholm")
    now, out = program.clock.now(), io.BytesIO()
    with program.database.transaction(write=False) as tx:
        every = cases.listed(tx)
        for case in every:
            order = ProofOrder((case,), reads=True, answers=True)
            made = make_bundle(tx, services, order, viewer=auditor, now=now)
            assert made.verifier is not None
            assert made.verifier.faults == []
            files = unzipped(made.content)
            assert {name for name in files if hits(files[name])} <= {"boxes.jsonl"}
            opened = [json.loads(row)["open"] for row in files["boxes.jsonl"].splitlines()]
            assert opened
            assert all(set(row) == {"c0"} for row in opened)
        for what in FORMATS:
            order_of_all = ExportOrder(what, pseudonyms=True, shifted=False, rare=True)
            report = export_cases(tx, services, order_of_all, out, least=1)
            assert report.cases + report.left_out.total() == len(every)
    assert hits(out.getvalue()) == []


def test_a_printed_report_holds_what_its_replay_shows(played: Played) -> None:
    """That is open answers (class C0) at the line where each was given, and nothing else."""
    program, services = played[0], played[0].services
    auditor = Viewer("p_auditor", "audit", frozenset({"auditor"}), "sv", "Europe/Stockholm")
    now = program.clock.now()
    with program.database.transaction(write=False) as tx:
        for case in cases.listed(tx):
            made = compose_case_report(tx, services, auditor, case.id, now, by_name="Greta")
            replay = load_case_replay(tx, services, auditor, case.id, now)
            lines, rows = json.dumps(made.data["lines"]), json.dumps(replay.rows())
            rest = {key: part for key, part in made.data.items() if key != "lines"}
            assert hits(json.dumps(rest, ensure_ascii=False).encode()) == [], case.ref
            word = re.compile(rf"{MARK}\d+", re.IGNORECASE)
            assert set(word.findall(lines)) <= set(word.findall(rows)), case.ref
            assert made.data["classes"]


def test_the_program_itself_still_reads_every_one(played: Played) -> None:
    program, _, canaries = played
    with program.database.transaction(write=False) as tx:
        answers = ""
        for brief in cases.listed(tx):
            keys = program.services.case_keys(tx, brief.id)
            answers += "".join(
                str(one.value) for one in given_answers.load_answers(tx, keys, brief.id)
            )
    kept = [bird for bird in canaries if bird in answers]
    assert len(kept) >= CANARIES


@pytest.mark.parametrize("spelling", sorted(spellings(MARK)))
def test_the_scan_would_find_it(spelling: bytes) -> None:
    assert spelling in hits(b"before " + spelling + b" after")
