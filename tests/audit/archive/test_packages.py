"""A package for an archive: what an office keeps of an ended case, and nobody else's; as E-ARK has
it, readable, and written down before it leaves.
"""

from __future__ import annotations

import io
import json
import shlex
import subprocess
import sys
import zipfile
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

import pytest
from lxml import etree

from service.access import CLASSES
from service.audit.archive.package_content import load_content
from service.audit.archive.package_file import make_package
from service.audit.archive.packaging import load_package, record_package
from service.casework.approvals import requests
from service.casework.casefile import documents, given_by_duty, notes
from service.casework.casefile.documents import CheckedFile
from service.casework.cases import protection
from service.casework.commands import late_withdrawal
from service.casework.retention import early, handing_over, left, retention_tasks
from service.casework.retention.retention_tasks import ArchiveReceipt
from service.casework.subject_requests import asking
from service.errors import (
    ApprovalNeeded,
    InvalidAnswers,
    NotFound,
    NotPackable,
    Stale,
)
from service.records.context import Actor
from service.records.ledger_append import append_entry, seal_reason
from service.sandbox.paper_compilers import PaperCompilers
from service.security.keyring import Keyring
from service.standalone.verify import Verifier
from service.store.casefile import cases, retention_acts
from service.store.casefile.retention_acts import DESTROY, HAND_OVER, RetentionAct
from service.store.installation import ledger_entries
from service.text import say
from tests.audit.archive import eark_check
from tests.audit.archive.conftest import MARK, PLAN, Desk, filled, unpacked, world_of
from tests.support.directory import BOARD, OFFICE
from tests.support.filled_case import erased, fill_case
from tests.support.pdf_standards import BOTH, standards_of
from tests.support.pdf_text import pages_of
from tests.support.plans import rule, signed
from tests.support.small_plan import HEAD, work

DATA = "representations/rep1/data"
LINK = "{http://www.w3.org/1999/xlink}href"
METS = "{http://www.loc.gov/METS/}"
CANNOT_BE_MET = {"SIP14"}
"""The one rule of the validator that no package can keep: it asks the note of the software for an
attribute NOTETYPE without a namespace, which METS forbids; CSIP16 asks for the one of E-ARK."""


def acts(desk: Desk, does: str) -> list[RetentionAct]:
    with desk.world.database.transaction(write=False) as tx:
        return [act for act in retention_acts.of_case(tx, desk.case) if act.does == does]


def entries(desk: Desk, stream: str, kind: str) -> list[dict[str, object]]:
    with desk.world.database.transaction(write=False) as tx:
        found = ledger_entries.latest(tx, f"{stream}/{desk.case}", kinds=[kind])
    return [json.loads(entry.body) for entry in found]


def words(files: dict[str, bytes], name: str) -> str:
    """What a paper of a package says, without spaces."""
    return "".join(pages_of(files[f"{DATA}/{name}"]))


def test_eark_validator_finds_it_valid(desk: Desk, tmp_path: Path) -> None:
    made = desk.package()
    file = tmp_path / made.name
    file.write_bytes(made.content)
    run = [sys.executable, eark_check.__file__, str(file)]
    found = json.loads(subprocess.run(run, check=True, capture_output=True).stdout)
    assert found["structure"]["status"] == "WellFormed"
    assert found["metadata"]["schema_results"] == {"status": "VALID", "messages": []}
    rules = found["metadata"]["schematron_results"]["messages"]
    wrong = {one["rule_id"] for one in rules if one["severity"] in ("Error", "Warn")}
    assert wrong == CANNOT_BE_MET
    assert found["inner"] == []
    assert found["package"]["details"]["oaispackagetype"] == "SIP"


def test_every_file_is_listed_with_its_sum(desk: Desk) -> None:
    made = desk.package()
    files = unpacked(made)
    listed = set()
    for place in ("", "representations/rep1/"):
        tree = etree.fromstring(files[f"{place}METS.xml"])
        for one in [*tree.iter(f"{METS}file"), *tree.iter(f"{METS}mdRef")]:
            where = one if one.tag.endswith("mdRef") else one[0]
            name = place + str(where.get(LINK))
            listed.add(name)
            assert one.get("CHECKSUM") == sha256(files[name]).hexdigest(), name
            assert one.get("SIZE") == str(len(files[name]))
    assert listed | {"METS.xml"} == files.keys()
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        assert {name.partition("/")[0] for name in archive.namelist()} == {made.id}


def test_what_a_duty_in_law_gave_goes_with_the_records_of_who_gave_it(desk: Desk) -> None:
    """The history says of another office's that it is a note."""
    world, stream = desk.world, f"case/{desk.case}"
    said = {"ground": "UPPGIFTSSKYLDIGHET_10_28", "to": "Polisen", "what": "Adressen", "know": "no"}
    for who, office in (("p_sara", OFFICE), ("p_omar", BOARD)):
        with world.database.transaction() as tx:
            key = world.program.services.case_keys(tx, desk.case).for_writing(tx, office, "C3")
            text = json.dumps({**said, "to": f"Polisen{office}", "day": "2026-03-02"})
            body = {"to": office, "word": seal_reason(key, stream, who, text)}
            by, now = Actor(who, office), world.clock.now()
            append_entry(tx, stream, given_by_duty.GIVEN, by=by, now=now, body=body)
    files = unpacked(desk.package())
    answers, history = words(files, "answers.pdf"), words(files, "history.pdf")
    assert f"Polisen{OFFICE}" in answers
    assert "10kap.28§OSL),skabekräftasavenjurist" in answers
    assert f"Polisen{BOARD}" not in answers
    assert history.count("lämnatenligtlag") == 1
    assert "Omarskrevenanteckning" in history


def test_its_papers_say_what_the_office_kept_and_are_made_to_be_kept(desk: Desk) -> None:
    files = unpacked(desk.package())
    for name in ("contents.pdf", "answers.pdf", "history.pdf"):
        assert standards_of(files[f"{DATA}/{name}"]) == BOTH, name
    answers, contents = words(files, "answers.pdf"), words(files, "contents.pdf")
    assert f"telefon,vardagareftertio{MARK}" in answers
    assert f"Ringhem{MARK}" in answers, "notes are records too"
    assert "Contact" in answers, "the question as it was worded"
    assert f"intyg{MARK}.pdf" in contents
    (paper,) = [name for name in files if name.startswith(f"{DATA}/documents/")]
    assert files[paper] == b"%PDF" + MARK.encode()
    assert paper.rpartition("/")[2] in contents
    assert "Saraöppnadeärendet" in words(files, "history.pdf")


def test_what_was_said_after_the_end_is_in_it(desk: Desk) -> None:
    """A consent that was taken back, and what the person asked for: erased with the rest."""
    world, sara, now = desk.world, desk.world.viewer("sara"), desk.world.clock.now()
    services = world.program.services
    told, wish = f"heard{MARK}", f"mend{MARK}"
    said = late_withdrawal.Withdrawal(("REFER",), "SELF", sara.day(now), "PHONE", told)
    with world.database.transaction() as tx:
        case = world.case(desk.case)
        late_withdrawal.withdraw_after_end(tx, services, by=sara, now=now, case=case, said=said)
        asking.ask(
            *(tx, services, sara, now),
            case_id=desk.case,
            kind="correct",
            who="herself",
            proven="document",
            everywhere=False,
            person=False,
            wish=wish,
        )
    files = unpacked(desk.package())
    answers = words(files, "answers.pdf")
    for one in (told, wish, say("withdrawal.how_PHONE", "sv").replace(" ", "")):
        assert one in answers


def test_sums_can_be_checked_with_what_every_machine_has(desk: Desk, tmp_path: Path) -> None:
    """With the one command that its README names, in the folder that the package unpacks into."""
    made = desk.package()
    with zipfile.ZipFile(io.BytesIO(made.content)) as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / made.id
    read_me = (folder / "documentation/README.txt").read_text("utf-8")
    assert max(map(len, read_me.splitlines())) <= 120
    for said in (made.id, "2026-0001", "Social", "ARCHIVE", "2026-"):
        assert said in read_me, said
    assert not [line for line in read_me.splitlines() if line.endswith("-")], "ids stay whole"
    (command,) = {line.strip() for line in read_me.splitlines() if "sha256sum" in line}
    check = shlex.split(command)
    assert subprocess.run(check, cwd=folder, check=True, capture_output=True).stdout
    listed = (folder / "documentation/checksums.txt").read_text("utf-8").splitlines()
    every = {str(one.relative_to(folder)) for one in folder.rglob("*") if one.is_file()}
    assert {line[66:] for line in listed} == every - {"METS.xml", "documentation/checksums.txt"}
    (folder / DATA / "history.pdf").write_bytes(b"another")
    assert subprocess.run(check, cwd=folder, check=False, capture_output=True).returncode == 1


def test_it_names_who_hands_it_over(desk: Desk) -> None:
    """E-ARK SIP 2.1, SIP15 to SIP18: an organisation submits it, besides the one whose it is."""
    for place in ("", "representations/rep1/"):
        tree = etree.fromstring(unpacked(desk.package())[f"{place}METS.xml"])
        agents = [(one.get("ROLE"), one.get("OTHERROLE")) for one in tree.iter(f"{METS}agent")]
        assert agents == [("CREATOR", None), ("ARCHIVIST", None), ("OTHER", "SUBMITTER")]


def test_nothing_personal_is_in_names_and_metadata(desk: Desk) -> None:
    made = desk.package()
    files = unpacked(made)
    assert made.name.startswith("2026-0001-social-")
    for name, content in files.items():
        assert MARK not in name
        if name.endswith((".xml", ".txt")):
            assert MARK.encode() not in content, name
            assert b"Sara" not in content, name


def test_the_proof_holds_without_any_content(desk: Desk) -> None:
    with zipfile.ZipFile(io.BytesIO(unpacked(desk.package())[f"{DATA}/proof.zip"])) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    assert "boxes.jsonl" not in files
    assert not [name for name, content in files.items() if MARK.encode() in content]
    found = Verifier(files)
    found.verify(head={})
    assert found.faults == []


def test_what_another_office_wrote_is_not_in_it(desk: Desk) -> None:
    world, omar, now = desk.world, desk.world.viewer("omar"), desk.world.clock.now()
    foreign = "of-the-board"
    with world.database.transaction() as tx:
        services = world.program.services
        notes.write(tx, services, by=omar, case_id=desk.case, text=foreign, now=now)
        about = {"case_id": desk.case, "task_key": "", "field": "note", "klass": "C2"}
        clean = CheckedFile(f"{foreign}.pdf", "pdf", foreign.encode())
        documents.attach(tx, services, by=omar, clean=clean, now=now, **about)
    desk.sequence()
    files = unpacked(desk.package())
    assert foreign not in words(files, "answers.pdf") + words(files, "contents.pdf")
    assert not [name for name, content in files.items() if foreign.encode() in content]
    desk.sequence()
    with world.database.transaction(write=False) as tx:
        case = world.case(desk.case)
        order = handing_over.HandOver(case, BOARD, CLASSES, ("X",))
        theirs = load_content(tx, services, omar, order, now)
    assert theirs.steps == (), "the answers are the social services'"
    assert [step.rows[0][1] for step in theirs.notes] == [foreign]


def test_only_classes_that_the_plan_hands_over_are_in_it(
    database_url: str, keyring: Keyring, compilers: PaperCompilers
) -> None:
    some = HEAD + rule("ARCHIVE", HAND_OVER, "P1M", classes=["C0", "C1"], owner=["SOCIALTJANST"])
    world = world_of(database_url, keyring, signed(some, "SOCIALTJANST"))
    desk = Desk(world, filled(world), compilers)
    answers = words(unpacked(desk.package()), "answers.pdf")
    assert f"telefon,vardagareftertio{MARK}" in answers
    assert f"Stockholm,mottagningen{MARK}" not in answers
    assert f"Ringhem{MARK}" not in answers
    world.database.close()


def test_it_is_in_the_history_and_in_the_log_of_who_looked(desk: Desk) -> None:
    made = desk.package()
    (said,) = entries(desk, "case", "case_packaged")
    assert said["digest"] == sha256(made.content).hexdigest()
    assert (said["to"], said["package"], said["rule"]) == (OFFICE, made.id, "ARCHIVE")
    assert (said["documents"], said["files"]) == (1, len(unpacked(made)))
    (look,) = [body for body in entries(desk, "reads", "read") if body["purpose"] == "export"]
    assert look["classes"] == ["C0", "C1", "C2", "C3"]
    with desk.world.database.transaction(write=False) as tx:
        left_there = {(one.office, one.what): one.number for one in left.what_left(tx, desk.case)}
    assert left_there[OFFICE, left.ARCHIVE] == 1
    assert desk.world.faults() == []


def test_only_a_records_officer_of_an_office_that_was_asked_makes_one(desk: Desk) -> None:
    for stranger, fault in (("stina", NotFound), ("greta", NotFound), ("omar", NotFound)):
        with pytest.raises(fault):
            desk.package(stranger)
    case = desk.world.start().case_id
    with pytest.raises(NotPackable) as refused:
        replace(desk, case=case).package()
    assert refused.value.facts["why"] == "open"
    assert entries(desk, "case", "case_packaged") == []


def test_before_the_plan_asks_there_is_none(
    database_url: str, keyring: Keyring, compilers: PaperCompilers
) -> None:
    world = world_of(database_url, keyring, PLAN)
    desk = Desk(world, fill_case(world), compilers)
    with pytest.raises(NotPackable) as refused:
        desk.package()
    assert refused.value.facts["why"] == "not_asked"
    world.database.close()


def test_what_has_no_place_in_the_log_yet_waits(desk: Desk) -> None:
    desk.package()
    viewer, now = desk.world.viewer("sara"), desk.world.clock.now()
    with (
        pytest.raises(NotPackable) as refused,
        desk.world.database.transaction(write=False) as tx,
    ):
        load_package(tx, desk.world.program.services, viewer, now, case_id=desk.case)
    assert refused.value.facts["why"] == "no_log", "the line of the first one"


def test_of_a_protected_identity_a_second_person_is_asked(desk: Desk) -> None:
    world = desk.world
    protect(desk)
    with pytest.raises(ApprovalNeeded):
        desk.package()
    assert entries(desk, "case", "case_packaged") == []
    assert second(desk) == "ask"
    with world.database.transaction() as tx:
        id_ = handing_over.ask_second(
            *(tx, world.program.services, world.viewer("sara"), world.clock.now()),
            case_id=desk.case,
            why="The archive takes it over",
        )
    assert second(desk) == "asked"
    with world.database.transaction() as tx:
        requests.decide(
            *(tx, world.program.services),
            by=world.viewer("stina"),
            now=world.clock.now(),
            id_=id_,
            approve=True,
        )
    assert second(desk) == "approved"
    desk.package()
    with pytest.raises(ApprovalNeeded):
        desk.package()
    assert len(entries(desk, "case", "case_packaged")) == 1


def second(desk: Desk) -> str:
    viewer, now = desk.world.viewer("sara"), desk.world.clock.now()
    with desk.world.database.transaction(write=False) as tx:
        order = handing_over.require_hand_over(tx, viewer, desk.case)
        return handing_over.second_person(tx, viewer, order, now)


def protect(desk: Desk) -> None:
    """Mark the identity as protected."""
    with desk.world.database.transaction() as tx:
        case = desk.world.case(desk.case)
        cases.set_marking(tx, case.id, case.rev, protection.MARKINGS[-1])


def test_what_was_erased_meanwhile_is_not_handed_out(desk: Desk) -> None:
    world, viewer, now = desk.world, desk.world.viewer("sara"), desk.world.clock.now()
    desk.sequence()
    with world.database.transaction(write=False) as tx:
        content = load_package(tx, world.program.services, viewer, now, case_id=desk.case)
    erased(world, desk.case, ["C3"])
    with pytest.raises(Stale), world.database.transaction() as tx:
        record_package(tx, viewer, now, content=content, made=make_package(content, {}))
    assert entries(desk, "case", "case_packaged") == []


def test_nothing_is_erased_before_the_receipt_is_entered(desk: Desk) -> None:
    world, viewer = desk.world, desk.world.viewer("sara")
    work(world, 60)
    assert acts(desk, DESTROY) == []
    with world.database.transaction(write=False) as tx:
        choice = early.load_choice(
            tx, world.program.services, OFFICE, world.case(desk.case), world.clock.now()
        )
    assert choice.to_archive == {*CLASSES}
    with pytest.raises(InvalidAnswers), world.database.transaction() as tx:
        early.ask_early(
            *(tx, world.program.services, viewer, world.clock.now()),
            case_id=desk.case,
            classes=["C1"],
            why="x",
        )
    (task,) = acts(desk, HAND_OVER)
    for receipt in (None, ArchiveReceipt("Stadsarkivet"), ArchiveReceipt("", "17")):
        with pytest.raises(InvalidAnswers):
            answer(desk, task.id, receipt)
    answer(desk, task.id, ArchiveReceipt("Stadsarkivet", "17"))
    work(world, 1)
    assert [act.classes for act in acts(desk, DESTROY)] == [[*CLASSES]]
    assert desk.world.faults() == []


def answer(desk: Desk, task: str, receipt: ArchiveReceipt | None) -> None:
    world = desk.world
    with world.database.transaction() as tx:
        retention_tasks.answer_task(
            *(tx, world.program.services, world.viewer("sara"), world.clock.now()),
            act=task,
            reason="",
            receipt=receipt,
        )
