"""Numbers of cases, keys and parts of documents follow from other rows."""

from __future__ import annotations

from collections.abc import Iterable

import pytest

from service.audit.checks import derived_rows
from service.casework.history.chain_checks import load_stream
from service.casework.history.violations import Violation
from service.store.casefile import documents
from service.store.installation import installation_values
from tests.support.damaged_case import DamagedCase
from tests.support.world import NOON


def places(faults: Iterable[Violation]) -> list[tuple[str, str]]:
    return [(fault.invariant, fault.place) for fault in faults]


def numbers(damaged: DamagedCase) -> list[tuple[str, str]]:
    system = load_stream(damaged.tx, "system")
    return places(derived_rows.check_case_numbers(damaged.tx, system))


@pytest.mark.parametrize(
    ("change", "year"),
    [
        ("UPDATE case_number SET last = last + 1", 2026),
        ("UPDATE case_number SET last = 1", 2026),
        ("DELETE FROM case_number", 2026),
        ("INSERT INTO case_number VALUES (2025, 3)", 2025),
    ],
)
def test_a_counter_is_the_highest_number(damaged: DamagedCase, change: str, year: int) -> None:
    assert numbers(damaged) == []
    damaged.change(change)
    assert numbers(damaged) == [("I12", f"case_number {year}")]


def test_a_key_that_does_not_open_is_named(damaged: DamagedCase) -> None:
    services = damaged.desk.program.services
    assert places(derived_rows.check_keys(damaged.tx, services)) == []
    damaged.flip("vault_key", "wrapped", "owner = 'person:p_sara'")
    damaged.change("UPDATE vault_key SET epoch = epoch + 1 WHERE owner = 'case:' || :case")
    found = places(derived_rows.check_keys(damaged.tx, services))
    assert found == [
        ("I11", f"vault_key case:{damaged.case}"),
        ("I11", "vault_key person:p_sara"),
    ]


def test_another_keyrings_fingerprint_is_named(damaged: DamagedCase) -> None:
    installation_values.put(damaged.tx, derived_rows.KEYRING, "another")
    found = places(derived_rows.check_keys(damaged.tx, damaged.desk.program.services))
    assert found == [("I11", "setting keyring")]


@pytest.mark.parametrize(
    ("state", "number", "named"),
    [("unscanned", 0, []), ("unscanned", 1, ["d"]), ("dropped", 0, ["d"])],
)
def test_a_document_has_its_parts_and_no_others(
    damaged: DamagedCase, state: str, number: int, named: list[str]
) -> None:
    documents.add(damaged.tx, document(damaged.case, state), [b"part"])
    damaged.change("UPDATE document_chunk SET nth = :number", number=number)
    found = places(derived_rows.check_chunks(damaged.tx))
    assert found == [("I11", f"document_chunk {id_}") for id_ in named]


def document(case: str, state: str) -> documents.Document:
    return documents.Document(
        "d", case, "", "field", "C2", b"name", "pdf", 4, 1, "p_sara", "social", NOON, state
    )
