"""What somebody has just sent, and where its case is then: said to her once, above her inbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from service.access import Viewer
from service.actions.cases import case_visibility
from service.actions.context import Services
from service.actions.releases.labels import element_name
from service.errors import NotFound
from service.store.casefile import cases, facts
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import tasks


@dataclass(frozen=True, slots=True)
class SentTask:
    """A step that was sent, and where its case is now."""

    step: str
    ref: str
    ended: bool
    offices: tuple[str, ...]
    """Names of the offices that have something to do in it; none when it waits for something
    else, or when the sender may know nothing more of it."""
    seen: bool
    """Whether the sender may know where the case is."""


def load_sent_task(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, rev: int, now: datetime
) -> SentTask | None:
    """What a person sent with this fact of a case; None when it was not she.

    Args:
        rev: number of the fact.
    """
    case = cases.get(tx, case_id)
    found = facts.of_case(tx, case_id, after=rev - 1, upto=rev) if case is not None else []
    fact = next((f for f in found if f.kind == "complete" and f.actor == viewer.person), None)
    if case is None or fact is None:
        return None
    definition = services.release(tx, fact.release_id).definitions[case.process]
    element = definition.elements.get(fact.element)
    seen = _is_seen(tx, services, viewer, case, now)
    names = offices.names(tx)
    waiting = {task.office_id for task in tasks.of_case(tx, case_id) if task.office_id}
    return SentTask(
        step=element_name(element, viewer.lang) if element is not None else fact.element,
        ref=case.ref,
        ended=case.status == "ended",
        offices=tuple(sorted(names.get(id_, "") for id_ in waiting)) if seen else (),
        seen=seen,
    )


def _is_seen(
    tx: Tx, services: Services, viewer: Viewer, case: cases.CaseSummary, now: datetime
) -> bool:
    """Whether the case still exists for a person: with what she sent it may have closed to her."""
    try:
        case_visibility.load_unexplained_visibility(tx, services, viewer, case, now)
    except NotFound:
        return False
    return True
