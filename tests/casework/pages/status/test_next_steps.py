"""The named steps that follow an element, on the shipped process."""

from __future__ import annotations

from service.casework.pages.case_status import next_steps
from service.engine import Definition
from tests.support.world import World


def definition(world: World) -> Definition:
    with world.database.transaction(write=False) as tx:
        return world.program.services.current(tx).definitions["return_case"]


def test_every_way_out_of_a_step_is_named(shipped_world: World) -> None:
    steps = next_steps(definition(shipped_world), "Task_CheckDocument", "sv")
    assert steps == {
        "Task_CollectEvidence": "Giltig? Nej",
        "Call_HealthCheck": "Giltig? Ja",
        "Task_ClearHolds": "Giltig? Ja",
    }, "also the ways that leave the frame, each by the answer that leads to it"


def test_a_moment_leads_to_the_steps_that_it_opens(shipped_world: World) -> None:
    assert set(next_steps(definition(shipped_world), "Tmr_WindowOpens", "sv")) >= {"Task_FollowUp"}
