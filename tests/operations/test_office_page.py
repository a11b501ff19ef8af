"""The figures of an office's page."""

from __future__ import annotations

from service.casework.tasks import claims
from service.operations.office_page import OfficePage, PersonLoad, load_office_page, office_page
from tests.support.world import World


def figures(desk: World) -> OfficePage:
    services, viewer, now = desk.program.services, desk.viewer(), desk.clock.now()
    with desk.database.transaction(write=False) as tx:
        at_hand = load_office_page(tx, services, viewer, now)
    return office_page(at_hand, services, viewer, now, least=11)


def test_tasks_and_cases_of_the_office_are_counted(desk: World, case_id: str) -> None:
    desk.start(element="Start_PersonIdentified")
    with desk.database.transaction() as tx:
        claims.claim(
            tx,
            desk.program.services,
            by=desk.viewer(),
            now=desk.clock.now(),
            task_key=desk.key(case_id, "a"),
        )
    found = figures(desk)
    assert (found.tasks["office"], found.tasks["unclaimed"], found.tasks["late"]) == (2, 1, 0)
    assert sum(found.stages.values()) == 2
    assert found.loads == (
        PersonLoad("p_sara", "Sara", 1, 1, 0, None),
        PersonLoad("p_stina", "Stina", 0, 0, 0, None),
    )


def test_an_office_without_cases_has_no_rows(desk: World) -> None:
    found = figures(desk)
    assert (found.waits, found.follow_ups, found.ending_consents) == ((), {}, ())
    assert (found.answer_times, found.stopped) == ((), 0)
