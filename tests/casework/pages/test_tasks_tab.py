"""The tab with the tasks of a case."""

from __future__ import annotations

from service.casework.pages.tasks_tab import all_tasks, open_tasks
from service.casework.tasks import claims
from tests.casework.pages.views import view
from tests.support.world import World


def test_an_open_task_names_who_has_claimed_it(desk: World, case: str) -> None:
    key = desk.key(case, "a")
    with desk.database.transaction() as tx:
        claims.claim(
            tx, desk.program.services, by=desk.viewer("stina"), now=desk.clock.now(), task_key=key
        )
    with desk.database.transaction(write=False) as tx:
        (task,) = open_tasks(view(tx, desk, case), {})
    assert (task.id, task.at, task.claimed_by, task.usual) == (key, "Social", "Stina", "")


def test_finished_tasks_are_listed_newest_first(desk: World, case: str) -> None:
    desk.do(case, "a")
    desk.do(case, "b", {"answer": ["YES"]}, by="stina")
    with desk.database.transaction(write=False) as tx:
        values = all_tasks(tx, view(tx, desk, case)).values
    assert [(task.name, task.by) for task in values["finished"]] == [
        ("B", "Stina, Social"),
        ("A", "Sara, Social"),
    ]
    assert (values["open"], values["waits"]) == ((), ())
