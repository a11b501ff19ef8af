"""A role's Swedish name is that of its lanes: both change together."""

from __future__ import annotations

from service.release.bundle import ROLES, Bundle
from service.workshop.configuration import roles

DIAGRAM = "workflows/p.bpmn"
BUNDLE = Bundle(
    {
        ROLES: b'[A]\nsv = "Ett"\nen = "One"\noffices = ["NGO"]\n'
        b'[own]\nhouse = true\nsv = "E"\nen = "O"\n',
        DIAGRAM: b'<bpmn:lane id="l" name="Ett"/><bpmn:task name="Ett"/><bpmn:laneSet name="Ett"/>',
    }
)


def test_lanes_get_the_new_name_and_nothing_else_does() -> None:
    sent = {"A.sv": ["Tv\u00e5 & tre"], "was.A.sv": ["Ett"]}
    changed = roles.save_roles(BUNDLE, sent).changed
    assert b'sv = "Tv\xc3\xa5 & tre"' in (changed[ROLES] or b"")
    diagram = (changed[DIAGRAM] or b"").decode()
    assert diagram.startswith('<bpmn:lane id="l" name="Två &amp; tre"/><bpmn:task name="Ett"/>')
    assert diagram.endswith('<bpmn:laneSet name="Ett"/>')


def test_kinds_of_office_change_alone() -> None:
    sent = {"A.offices": ["NGO", "POLIS"], "was.A.offices": ["NGO"]}
    changed = roles.save_roles(BUNDLE, sent).changed
    assert list(changed) == [ROLES]
    assert roles.save_roles(BUNDLE, {"A.en": [""], "was.A.en": ["One"]}).faults


def test_a_new_role_has_an_id_that_nobody_has() -> None:
    new = {"new.id": ["Nurse"], "new.sv": ["Skötare"], "new.en": ["Nurse"], "new.offices": ["NGO"]}
    made = roles.add_role(BUNDLE, new).changed[ROLES]
    rows = roles.read_roles(Bundle({ROLES: made or b""}))
    assert [row.id for row in rows] == ["A", "Nurse", "own"]
    for wrong in ("a", "A-1", ""):
        assert "new.id" in roles.add_role(BUNDLE, {**new, "new.id": [wrong]}).faults
