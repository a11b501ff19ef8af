"""What an office wrote in an ended case is erased, alone or with everything else."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from service.audit.proof.proof_bundle import ProofOrder, make_bundle
from service.casework.casefile import documents as case_documents
from service.casework.cases import given_answers
from service.errors import CannotOpen, NotErasable, NotFound
from service.operations.sequencer import sequence_all
from service.records.case_keys import own_name
from service.security.keyring import Keyring
from service.security.records import WrappedKey
from service.security.vault import Vault
from service.standalone import verify
from service.store.casefile import cases, documents, erasing, retention_acts
from service.store.installation import keys, ledger_entries
from tests.support.directory import OFFICE
from tests.support.filled_case import TWO, erased, fill_case, sealed_values
from tests.support.world import World, open_world


@pytest.fixture
def desk(database_url: str, keyring: Keyring) -> Iterator[World]:
    made = open_world(database_url, keyring, TWO)
    yield made
    made.database.close()


@pytest.fixture
def case(desk: World) -> str:
    return fill_case(desk)


def test_everything_that_is_sealed_goes_and_the_path_stays(desk: World, case: str) -> None:
    assert sealed_values(desk).keys() >= {
        *("fact_payload.c0", "fact_payload.c1", "fact_payload.c2", "fact_payload.c3"),
        *("document.name", "document_chunk.sealed", "note.sealed", "consent.detail"),
        *("cases.snapshot", "fact_payload.routing", "unsent.sealed"),
    }
    before = [fact.state for fact in desk.facts(case)]
    act = erased(desk, case)
    assert sealed_values(desk) == {}
    assert [fact.state for fact in desk.facts(case)] == before
    with desk.database.transaction(write=False) as tx:
        assert keys.of_case(tx, case) == []
        assert retention_acts.of_case(tx, case) == [act]
        (entry,) = ledger_entries.latest(tx, f"case/{case}", kinds=["erased"])
    assert f'"act":"{act.id}"' in entry.body
    assert (act.rule, act.office_id, len(act.keys)) == ("R6", OFFICE, 5)
    assert desk.faults() == []


def test_a_class_goes_alone_and_the_others_are_read_still(desk: World, case: str) -> None:
    erased(desk, case, ["C3"])
    with desk.database.transaction(write=False) as tx:
        of_case = desk.program.services.case_keys(tx, case)
        answers = given_answers.load_answers(tx, of_case, case)
        (document,) = documents.of_case(tx, case)
        assert case_documents.open_name(of_case, document) == "intyg.pdf"
        with pytest.raises(CannotOpen):
            of_case.of(OFFICE, "C3")
    assert {answer.klass for answer in answers} == {"C0", "C1", "C2"}
    assert desk.faults() == []
    erased(desk, case, ["C0", "C1", "C2"])
    assert sealed_values(desk) == {}
    assert desk.faults() == []


def test_what_was_erased_is_not_erased_again(desk: World, case: str) -> None:
    erased(desk, case)
    with pytest.raises(NotFound):
        erased(desk, case)


def test_an_open_case_is_not_erased(desk: World) -> None:
    case = desk.start().case_id
    with pytest.raises(NotErasable):
        erased(desk, case)
    assert desk.faults() == []


def test_no_column_of_a_case_is_forgotten() -> None:
    assert list(erasing.forgotten()) == []


def test_a_column_that_no_erasure_knows_stops_it(
    desk: World, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = {place: how for place, how in erasing.HOW.items() if place != ("note", "sealed")}
    monkeypatch.setattr(erasing, "HOW", known)
    with pytest.raises(NotErasable):
        erased(desk, case)


def bundle(desk: World, case: str) -> bytes:
    """A proof bundle of the case, with every answer that an auditor may be shown."""
    sequence_all(desk.program)
    with desk.database.transaction() as tx:
        found = cases.get(tx, case)
        assert found is not None
        viewer = replace(desk.viewer(), roles=frozenset({"auditor"}))
        order = ProofOrder((found,), answers=True)
        made = make_bundle(tx, desk.program.services, order, viewer=viewer, now=desk.clock.now())
        tx.changes.entries.clear()
    return made.content


def test_a_proof_says_what_was_erased_and_one_of_before_still_holds(
    desk: World, case: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = bundle(desk, case)
    act = erased(desk, case)
    after = bundle(desk, case)
    said = {}
    for name, content in (("before", before), ("after", after)):
        (tmp_path / name).write_bytes(content)
        assert verify.main([str(tmp_path / name), "--lang", "en"]) == 0
        said[name] = capsys.readouterr().out
    line = f"{act.at:%Y-%m-%d}: what {OFFICE} wrote was erased under the rule R6 (C0, C1, C2, C3)"
    assert line in said["after"]
    assert line not in said["before"]
    assert "Opened values" in said["before"]
    assert "Opened values" not in said["after"]


@pytest.fixture
def older(monkeypatch: pytest.MonkeyPatch) -> None:
    """Cases begin as before offices had keys of their own: one key opens everything."""
    made = Vault.new_key

    def one_key(vault: Vault, owner: str, **found_by: str | None) -> WrappedKey:
        key = made(vault, owner, **found_by)
        whole = owner.startswith("case:")
        return replace(key, office_id=None, klass=keys.WHOLE) if whole else key

    monkeypatch.setattr(Vault, "new_key", one_key)


@pytest.mark.usefixtures("older")
def test_a_case_from_before_keeps_its_one_key_until_the_last_of_it_goes(
    desk: World, request: pytest.FixtureRequest
) -> None:
    case: str = request.getfixturevalue("case")
    first = erased(desk, case, ["C2", "C3"])
    with desk.database.transaction(write=False) as tx:
        (left,) = keys.of_case(tx, case)
        of_case = desk.program.services.case_keys(tx, case)
        answers = given_answers.load_answers(tx, of_case, case)
    assert (left.owner, first.keys) == (own_name(case), [])
    assert {answer.klass for answer in answers} == {"C0", "C1"}
    assert desk.faults() == []
    last = erased(desk, case, ["C0", "C1"])
    assert last.keys == [left.key_id]
    assert sealed_values(desk) == {}
    assert desk.faults() == []
