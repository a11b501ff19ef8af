"""A release, read for where its data goes."""

from __future__ import annotations

from service.release.bundle import Bundle
from service.workshop.data_flow.sides import ANY_OFFICE, FlowSide
from tests.support.world import shipped
from tests.workshop.data_flow.test_wider import services

ROLES, TYPES = "workflows/config/roles.toml", "workflows/config/types.toml"


def side(bundle: Bundle | None = None) -> FlowSide:
    return FlowSide(
        services(), bundle or shipped(), services().programme.configuration.matrix, "en"
    )


def test_a_step_comes_to_the_role_of_its_lane() -> None:
    steps = {step.node.id: step for step in side().steps()}
    assert steps["Task_DecideReferral"].roles == {"CaseApprover"}
    assert steps["Task_DecideReferral"].file == "workflows/return_case.bpmn"


def test_fields_routing_names_and_their_classes_are_one_list() -> None:
    fields = side().fields
    assert (fields["givenNames"].klass, fields["givenNames"].routing) == ("C1", False)
    assert fields["interestInReturn"].routing


def test_names_are_those_of_people() -> None:
    shown = side()
    assert shown.role_name("IomMedical") == "IOM medical"
    assert shown.role_name("Nobody") == "Nobody"
    assert shown.field_name("nothing") == "nothing"
    assert shown.roles_named(()) == "nobody but who writes it"


def test_a_role_without_kinds_of_offices_is_any_offices() -> None:
    assert side().offices_of("owner") == {ANY_OFFICE}
    assert side().offices_of("CaseApprover") == {"MYNDIGHET"}


def test_tables_that_cannot_be_read_say_nothing() -> None:
    broken = shipped().with_file(ROLES, b"= broken").with_file(TYPES, b"= broken")
    shown = side(broken)
    assert shown.roles == {}
    assert "givenNames" in shown.fields
