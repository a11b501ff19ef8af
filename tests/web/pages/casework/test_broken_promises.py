"""A broken promise is an alert on the page of the case, and stands in the auditor's replay beside
an unbroken history.
"""

from __future__ import annotations

from service.release.bundle import Bundle
from service.workshop.publish import prepare_bundle, publish_bundle
from tests.support.world import NOON, SEED, World, shipped

FILE = "workflows/return_case.bpmn"
FIRST = '<zeebe:property name="promise.1" '


def stricter() -> Bundle:
    """The shipped release with one promise more, which nothing but people can keep."""
    promise = "Start_Step1 always followed by Task_OfferReturnInformation within 1 day"
    more = f'<zeebe:property name="promise.40" value="{promise}"/>'
    named = (
        shipped()
        .text(FILE)
        .replace('id="Start_Step1">', 'id="Start_Step1" name="The talk begins">', 1)
    )
    return shipped().with_file(FILE, named.replace(FIRST, more + FIRST, 1).encode())


def test_a_broken_promise_is_an_alert_and_stands_in_the_replay(world: World) -> None:
    prepared = prepare_bundle(world.program.services, stricter())
    with world.program.database.transaction() as tx:
        publish_bundle(tx, world.program.services, by=SEED, now=NOON, prepared=prepared)
    case = world.start_case().case_id
    told = "after “The talk begins” always comes “New case: offer information” in time"
    assert "promise" not in world.browser("sara").get(f"/cases/{case}").text
    assert (
        "The promise was broken"
        not in world.browser("greta").get(f"/audit/cases/{case}/replay").text
    )
    world.clock.set(NOON.replace(day=5))
    page = world.browser("sara").get(f"/cases/{case}").text
    assert f"A promise was broken on 2026-03-02: {told}." in page
    replay = world.browser("greta").get(f"/audit/cases/{case}/replay").text
    assert f"The promise was broken: {told}." in replay
    assert "unbroken" in replay
