"""A new rule and a new diagram are files that the editor opens and the linter reads."""

from __future__ import annotations

import pytest

from service.engine import survey
from service.release.prepared import files_of, findings_of
from service.workshop.new_files import POLICIES, empty_diagram, empty_rule
from tests.support.local_handlers import TOPICS
from tests.support.world import shipped

UNREADABLE = {"X101", "X102", "X103", "X104", "X105", "X110"}


@pytest.mark.parametrize("policy", POLICIES)
def test_a_new_rule_is_a_table_with_nothing_in_it(policy: str) -> None:
    made, faults = empty_rule(shipped(), {"name": 'Stöd & "råd"', "policy": policy})
    assert (list(made), faults) == (["workflows/stod_rad.dmn"], {})
    bundle = shipped().with_file(*next(iter(made.items())))
    found = {f.code for f in findings_of(bundle, TOPICS) if "stod_rad" in f.file}
    assert not found & UNREADABLE
    table = survey(files_of(bundle, TOPICS)[0]).tables["stod_rad"]
    assert (table.name, len(table.rows)) == ('Stöd & "råd"', 0)


def test_a_new_diagram_is_a_process_that_begins_and_ends() -> None:
    typed = {"name": "Ny väg", "name_en": "New way", "id": "new_way"}
    made, faults = empty_diagram(shipped(), typed)
    assert faults == {}
    bundle = shipped().with_file(*next(iter(made.items())))
    process = survey(files_of(bundle, TOPICS)[0]).model.processes["new_way"]
    assert process.names == {"sv": "Ny väg", "en": "New way"}
    found = {f.code for f in findings_of(bundle, TOPICS) if "new_way" in f.file}
    assert not found & UNREADABLE


@pytest.mark.parametrize(
    ("typed", "fault"),
    [
        ({"name": ""}, {"name": "fault_name"}),
        ({"name": "!"}, {"id": "fault_id"}),
        ({"name": "a", "id": "Ä"}, {"id": "fault_id"}),
        ({"name": "a", "id": "eligibility"}, {"id": "fault_taken"}),
        ({"name": "a", "policy": "NONE"}, {"policy": "fault_policy"}),
    ],
)
def test_what_is_missing_or_taken_is_named(typed: dict[str, str], fault: dict[str, str]) -> None:
    assert empty_rule(shipped(), typed) == ({}, fault)


def test_a_diagram_is_never_written_over_another() -> None:
    assert empty_diagram(shipped(), {"name": "a", "id": "ceiling"}) == ({}, {"id": "fault_taken"})
