"""Warnings for open cases: steps that a draft takes away while cases stand on them (D107)."""

from __future__ import annotations

from collections.abc import Iterable
from functools import lru_cache

from service.engine import Element, Files, Model, removed, survey
from service.errors import Finding, NotFound
from service.records.context import Services
from service.release.bundle import Bundle
from service.release.prepared import PreparedRelease
from service.store.read_models import oversight
from service.store.transaction import Tx
from service.workshop.drafts import UNREADABLE

BORDER = "boundaryEvent"
"""Kind of events on the border of a step: they go with the step, and are named with it."""
KEPT = 4
"""Drafts whose drawings are kept."""
NOT_READ = UNREADABLE | {"X120", "X122", "X124"}
"""Findings after which nobody may read the files again in this process."""


def open_case_findings(tx: Tx, services: Services, bundle: Bundle) -> tuple[Finding, ...]:
    """The steps of the current release that a draft no longer has and at which open cases wait.

    Cases are counted on whatever release they run, up to a thousand at each step.
    """
    process = services.programme.process
    try:
        live = services.current(tx)
    except NotFound:
        return ()
    definition = live.definitions.get(process)
    elements = definition.elements if definition is not None else {}
    diagrams = bundle.under("workflows", ".bpmn")
    model, steps = _drawn(tuple(diagrams.items()))
    gone = [
        id_
        for id_, element in elements.items()
        if element.kind != BORDER
        and id_ not in steps
        # a diagram that cannot be read is a finding of its own
        and (element.process in model.processes or _file(live, element) not in diagrams)
    ]
    standing = oversight.standing(tx, process, gone)
    return tuple(
        one
        for id_, n in standing.items()
        for one in removed(
            model, {id_: (elements[id_].names.get("sv") or id_, n)}, _file(live, elements[id_])
        )
    )


def _file(live: PreparedRelease, element: Element) -> str:
    return live.drawn_in.get(element.process, "")


@lru_cache(KEPT)
def _drawn(diagrams: tuple[tuple[str, bytes], ...]) -> tuple[Model, frozenset[str]]:
    """What a draft's diagrams draw, and the ids of all steps in it; kept, since most pages of a
    draft ask for it.
    """
    model = survey(Files(dict(diagrams))).model
    nodes = (node for process in model.processes.values() for _, node in process.scope.walk())
    return model, frozenset(node.id for node in nodes)


def with_open_cases(
    tx: Tx, services: Services, bundle: Bundle, found: Iterable[Finding]
) -> tuple[Finding, ...]:
    """The findings of a draft together with what it takes away from open cases.

    Of a draft with a file that could not be read there is nothing to add: it is not read again.
    """
    found = tuple(found)
    if any(one.severity == "E" and one.code in NOT_READ for one in found):
        return found
    return (*found, *open_case_findings(tx, services, bundle))
