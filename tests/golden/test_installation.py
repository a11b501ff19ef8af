"""The golden installations of released versions are opened, verified and worked in by this one.

No kept byte may change because a class, a field, a function or a module got another name. Until
this version is released its own installation is made here, by `make_installation`.
"""

from __future__ import annotations

import gzip
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from service import fault_points
from service.access import Viewer
from service.application.container import Tresteg
from service.application.submit import submit
from service.application.unit_of_work import run
from service.audit import verify
from service.casework.commands.case_start import start_case
from service.casework.commands.task_completion import complete_task
from service.casework.history import replay as case_replay
from service.clock import SetClock
from service.demo.player import make_player
from service.engine import Definition
from service.engine.spiff import codec
from service.engine.spiff.patches import turn
from service.operations import moved_passwords
from service.operations.backup_file import BackupManifest, write_backup
from service.operations.start_checks import check_installation
from service.operations.upgrade import upgrade
from service.people import accounts, sessions
from service.records import ledger_kinds
from service.records.fact_format import fact_hash
from service.release.bundle import unpack as unpack_release
from service.security.backup_cipher import read_public_key
from service.security.keyring import parse_keyring
from service.security.purposes import STATE
from service.settings import Settings
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.database import Database
from service.store.read_models import whole_rows
from service.store.tables import release
from service.web.application import create_app
from tests.faults.test_upgrade_kills import at_point, killed
from tests.golden.copying import copy_to_postgres, revision_of
from tests.golden.kept import NEVER_WRITTEN, digests, lines, rows, sealed_columns, sha
from tests.golden.make_installation import OPENAPI, described
from tests.support.backups import backup_files
from tests.support.browser import PASSWORD, Browser
from tests.support.programs import make_program
from tests.support.world import NOON, START

SECOND = timedelta(seconds=1)
SINCE_0_3 = {
    "program_added",
    "program_ended",
    "way_added",
    "way_ended",
    "proof_given",
    "way_renamed",
    "passkey_counter_back",
    "invitation_made",
    "invitation_mailed",
    "second_factor_grace",
    "provider_unknown",
    "erased",
    "erased_again",
    "erasure_confirmed",
    "hold_set",
    "hold_ended",
    "hold_lengthened",
    "glass_reviewed",
    "glass_told",
    "glass_tried",
    "duty_given",
    "duty_wrong",
    "request_asked",
    "request_identity",
    "request_longer",
    "request_read",
    "request_answered",
    "request_given",
    "document_asked",
    "document_decided",
    "document_given",
    "document_disclosed",
    "document_words_ended",
    "retention_asked",
    "retention_answered",
    "records_locked",
    "case_packaged",
    "office_contact",
    "words_given",
    "words_ended",
    "barred",
    "left_case",
    "country_state",
    "paper_made",
    "draft_reopen",
    "release_current",
    "correction",
    "officer",
    "absence_set",
    "absence_ended",
    "dry_run_begun",
    "dry_run_ended",
    "follow_up_ended",
    "letter_gathered",
    "keys_epoch_added",
    "keys_rotation_begun",
    "keys_rotated",
    "keys_retired",
}
"""Kinds that an installation of 0.2.0 did not write, and one of 0.3.0 does."""
NOT_THERE = {
    "part_failing",
    "part_over",
    "configuration_noted",
    "entries_removed",
    "log_review_begun",
    "log_review_look",
    "log_review_judged",
    "log_review_asked",
    "log_review_answered",
    "log_review_closed",
    "log_review_signed",
    "log_review_letter",
    "audit_matter",
    "audit_search",
    "approval_ended",
    "move",
    "restore",
    "claim_ended",
    "migration_planned",
    "migration_started",
    "migration_ended",
    "migration_undone",
    "report_begun",
    "report",
    "report_exported",
    "sessions_ended",
    "letter_held",
    "letter_picked",
    "letters_chosen",
    "consent_withdrawn",
    "backup_made",
    "restored",
    "restore_gap",
    "restore_confirmed",
    "paper_signed",
    "unnamed",
    "reveal",
    "export",
    "verify_begun",
    "verified",
}
"""Kinds of entries that no golden installation holds: nobody has moved a case between
releases or made a programme report there, the rest is of backups, of copies, of people who end
their own sessions, of papers, of letters whose consent is not live any more, of a name that was
taken back, of answers that were shown by group, of what an
auditor verified or handed out, and of consents that were taken back beside a case."""


@dataclass
class Golden:
    """The installation at the moment at which it was left, and what its maker wrote down."""

    program: Tresteg
    clock: SetClock
    about: dict[str, Any]
    digests: dict[str, Any]


def opened(kept: Path, folder: Path, postgres: str = "") -> Golden:
    """A golden installation, copied to a folder and brought up to date.

    Args:
        postgres: a database of tests that it is copied to, instead of staying a file.
    """
    about = json.loads((kept / "about.json").read_text(encoding="utf-8"))
    path = folder / "tresteg.db"
    path.write_bytes(gzip.decompress((kept / "tresteg.db.gz").read_bytes()))
    clock = SetClock(datetime.fromisoformat(about["now"]) + SECOND)
    keyring = parse_keyring((kept / "keyring.json").read_text(encoding="utf-8"))
    settings = Settings(
        database_url=postgres or f"sqlite:///{path}",
        base_url="http://localhost",
        secret_key="golden",
    )
    program = make_program(settings, keyring, clock)
    if postgres:
        copy_to_postgres(path, program.database)
    done = upgrade(program.database, lambda: program)
    assert (done.faults, done.upgraded, done.folded > 0) == ((), True, True)
    check_installation(program)
    kept_digests = json.loads((kept / "digests.json").read_text(encoding="utf-8"))
    return Golden(program, clock, about, kept_digests)


@pytest.fixture(scope="module")
def golden(kept: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Golden]:
    """One copy for all tests that only read; its release is read, linted and built once."""
    made = opened(kept, tmp_path_factory.mktemp("golden"))
    yield made
    made.program.database.close()


def test_every_sealed_column_holds_something(golden: Golden) -> None:
    with golden.program.database.transaction(write=False) as tx:
        empty = {
            (t, c)
            for t, c in sealed_columns()
            if t in golden.digests["rows"]
            if not any(row[c] is not None for row in rows(tx, t))
        }
    assert empty == NEVER_WRITTEN.keys()


def test_every_kind_of_ledger_line_is_there_with_keys_of_its_own(golden: Golden) -> None:
    with golden.program.database.transaction(write=False) as tx:
        found = [(row["kind"], json.loads(row["body"])) for row in lines(tx)]
    for kind, body in found:
        ledger_kinds.check(kind, body)
    assert ledger_kinds.KINDS.keys() - {kind for kind, _ in found} - SINCE_0_3 == NOT_THERE


FILLED = {"case_access", "credential", "open_case_count", "release_case_count"}
"""Tables of 0.3.0 that its upgrade fills from the others."""


def test_every_kept_byte_reads_as_it_was_written(golden: Golden) -> None:
    """Tables that a later version made are empty, besides those that its migration fills."""
    with golden.program.database.transaction(write=False) as tx:
        found = digests(tx, golden.program, golden.about["secrets"])
        later = set(found["rows"].keys() - golden.digests["rows"].keys())
        assert {name for name in later if whole_rows.stored(tx, name)} == FILLED & later
    found["rows"] = {name: found["rows"][name] for name in found["rows"].keys() - later}
    for part, stored in golden.digests.items():
        assert found[part] == stored, part


def test_verify_finds_nothing(golden: Golden) -> None:
    with golden.program.database.transaction(write=False) as tx:
        result = verify.verify_all(tx, golden.program.services, now=golden.clock.now())
        moved = sum(row["actor"] == moved_passwords.UPGRADE.id for row in lines(tx))
    assert (result.faults, result.breaches) == ((), ())
    cases_of_facts = {key.partition(" ")[0] for key in golden.digests["facts"]}
    assert (result.cases, result.facts, result.lines) == (
        len(cases_of_facts),
        len(golden.digests["facts"]),
        len(golden.digests["lines"]) + moved,
    )


def again(definition: Definition, state: bytes) -> bytes:
    """A state, decoded and encoded again."""
    with turn(NOON, "x"):
        return codec.encode(codec.decode(definition, codec.unpack(state)))


def test_each_state_of_each_case_encodes_to_the_same_bytes(golden: Golden) -> None:
    services, seen = golden.program.services, 0
    with golden.program.database.transaction(write=False) as tx:
        for case_id in verify.case_ids(tx):
            for turned in case_replay.replay_turns(tx, services, case_id):
                state = turned.outcome.state
                assert turned.key.digest(STATE, state) == turned.fact.state
                assert again(turned.definition, state) == state
                seen += 1
    assert seen == len(golden.digests["facts"])


def test_each_stored_snapshot_is_encoded_again_to_the_same_bytes(golden: Golden) -> None:
    services = golden.program.services
    with golden.program.database.transaction(write=False) as tx:
        for row in rows(tx, "cases"):
            definition = services.release(tx, row["release_id"]).definitions[row["process"]]
            key = services.key(tx, f"case:{row['id']}")
            assert key is not None
            extra = f"{row['rev']}|{row['release_id']}"
            state = key.open(
                "snapshot",
                row["snapshot"],
                table="cases",
                column="snapshot",
                row=row["id"],
                extra=extra,
            )
            assert again(definition, state) == state
            assert sha(state) == golden.digests["sealed"][f"cases.snapshot {row['id']}"]


def test_each_facts_hash_comes_from_its_fields(golden: Golden) -> None:
    with golden.program.database.transaction(write=False) as tx:
        every = [fact for case in verify.case_ids(tx) for fact in facts.of_case(tx, case)]
    stored = {f"{fact.case_id} {fact.rev}": fact_hash(fact) for fact in every}
    assert stored == golden.digests["facts"]


def test_each_releases_digest_comes_from_its_files(golden: Golden) -> None:
    with golden.program.database.transaction(write=False) as tx:
        for id_, packed in tx.conn.execute(select(release.c.id, release.c.files)):
            bundle = unpack_release(packed)
            assert bundle.digest == id_
            assert bundle.pack() == packed
            assert {
                name: one.digest
                for name, one in golden.program.services.release(tx, id_).definitions.items()
            } == golden.digests["releases"][id_]


def test_the_openapi_document_is_the_same_byte_for_byte() -> None:
    assert described() == OPENAPI.read_text(encoding="utf-8")


def test_the_session_still_holds_and_its_person_signs_in_again(golden: Golden) -> None:
    now, limits = (
        golden.clock.now(),
        sessions.SessionLimits(timedelta(minutes=30), timedelta(hours=12)),
    )
    with golden.program.database.transaction(write=False) as tx:
        session = sessions.find_session(
            tx, golden.program.services, golden.about["token"], limits=limits, now=now
        )
    assert session is not None
    assert session.viewer.person == golden.about["people"]["sara"]
    app = create_app(golden.program)
    browser = Browser(app.test_client())
    browser.client.set_cookie("tresteg_demo", golden.about["token"], domain="localhost")
    assert browser.get(f"/cases/{golden.about['task']['case']}").status_code == 200
    assert Browser(app.test_client()).sign_in("sara@demo", PASSWORD).status_code == 303


def test_an_open_case_goes_on_on_both_databases(
    kept: Path, tmp_path: Path, database_url: str
) -> None:
    copy = opened(kept, tmp_path, database_url if database_url.startswith("postgresql") else "")
    program, task = copy.program, copy.about["task"]
    with program.database.transaction(write=False) as tx:
        before = case_rows.get(tx, task["case"])
        viewer = accounts.load_viewer(tx, copy.about["people"]["sara"])
    assert before is not None
    assert viewer is not None
    now = copy.clock.now()
    done = {
        "by": viewer,
        "task_key": task["key"],
        "answers": task["answers"],
        "now": now,
        "end_confirmed": True,
    }
    run(
        program.database,
        program.services,
        lambda tx: complete_task(tx, program.services, **done),
        now=now,
    )
    with program.database.transaction(write=False) as tx:
        after = case_rows.get(tx, task["case"])
        assert after is not None
        assert after.rev == before.rev + 1
        assert verify.verify_all(tx, program.services, now=now).faults == ()
    begun_after(copy, viewer)
    assert (program.database.wrong(), program.database.differences()) == ([], [])
    program.database.close()


def test_an_upgrade_with_cases_that_is_killed_is_run_again(
    kept: Path, tmp_path: Path, database_url: str
) -> None:
    file = tmp_path / "killed.db"
    file.write_bytes(gzip.decompress((kept / "tresteg.db.gz").read_bytes()))
    url, before = f"sqlite:///{file}", revision_of(file)
    if database_url.startswith("postgresql"):
        url, database = database_url, Database(database_url)
        copy_to_postgres(file, database)
        database.close()
    for point in fault_points.SCHEMA:
        assert killed(url, at_point(point))
    database = Database(url)
    database.upgrade()
    with database.transaction(write=False) as tx:
        assert len(verify.case_ids(tx)) > 0
    assert (database.wrong(), database.differences(), database.damage()) == ([], [], []), before
    database.close()


def begun_after(copy: Golden, viewer: Viewer) -> None:
    """One more case begins, whose number is the next one."""
    program, now = copy.program, copy.clock.now()
    player = make_player(program, copy.clock, copy.about["people"])
    answers = player.answers("start_case", {}, viewer, now)
    player.close()
    command = partial(start_case, element=START, answers=answers)
    done = submit(program.database, program.services, command, by=viewer, now=now)
    with program.database.transaction(write=False) as tx:
        assert verify.verify(tx, program.services, done.case_id, now=now).faults == ()
        numbers = {case.id: case.number for case in case_rows.listed(tx)}
    mine = numbers.pop(done.case_id)
    of_year = [n for n in numbers.values() if n.startswith(f"{now.year}-")]
    assert mine == f"{now.year}-{len(of_year) + 1:04d}"


def test_a_backup_of_an_older_program_is_restored_whole(kept: Path, tmp_path: Path) -> None:
    """Its rows get their MACs, and its entries need none."""
    here = opened(kept, tmp_path)
    here.program.database.close()
    copy, files = tmp_path / "copy.db", backup_files(tmp_path / "backups")
    copy.write_bytes(gzip.decompress((kept / "tresteg.db.gz").read_bytes()))
    manifest = BackupManifest(
        made_at=here.clock.now().isoformat(),
        program="",
        schema=revision_of(copy),
        database="sqlite",
        keyring=here.program.services.vault.fingerprint(),
        size=copy.stat().st_size,
        sha256=hashlib.sha256(copy.read_bytes()).hexdigest(),
        rows={},
        streams=0,
        ledger="",
    )
    public, vault = read_public_key(files.public.read_bytes()), here.program.services.vault
    with (files.folder / "one.backup").open("wb") as out:
        write_backup(out, manifest, copy, public, vault)
    back = files.restore(here.program, f"sqlite:///{tmp_path / 'back.db'}")
    back.database.row_mac = vault.row_mac
    with back.database.transaction(write=False) as tx:
        assert verify.verify_all(tx, back.services, now=here.clock.now()).faults == ()
    back.database.close()
