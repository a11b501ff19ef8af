"""A form session of a test."""

from __future__ import annotations

from service.casework.tasks.form_session import FormSession, TaskFormTarget
from service.casework.tasks.task_page import open_task_page
from service.store.transaction import Tx
from tests.support.world import World


def session(
    tx: Tx, desk: World, case: str, element: str = "a", *, by: str = "sara"
) -> FormSession[TaskFormTarget]:
    """The form of an open task for one person."""
    key, viewer = desk.key(case, element), desk.viewer(by)
    return open_task_page(tx, desk.program.services, viewer, key, desk.clock.now())
