"""What a draft takes away from open cases: steps on which some stand, as warnings (D107)."""

from __future__ import annotations

from collections.abc import Iterable

from service.actions.context import Services
from service.actions.publishing.drafts import UNREADABLE
from service.actions.releases.bundle import Bundle
from service.engine import Files, removed, survey
from service.errors import Finding, NotFound
from service.store.lists import open_work
from service.store.transaction import Tx

BORDER = "boundaryEvent"
"""What waits on the border of a step goes with it, and is named with it."""
NOT_READ = UNREADABLE | {"X120", "X122", "X124"}
"""Findings after which nobody may read the files again in this process."""


def open_case_findings(tx: Tx, services: Services, bundle: Bundle) -> tuple[Finding, ...]:
    """The steps of the current release that a draft no longer has and at which open cases wait.

    Cases are counted on whatever release they run.
    """
    process = services.programme.process
    try:
        live = services.current(tx)
    except NotFound:
        return ()
    definition = live.definitions.get(process)
    elements = definition.elements if definition is not None else {}
    standing = {
        id_: (elements[id_].names.get("sv") or id_, n)
        for id_, n in sorted(open_work.standing(tx, process).items())
        if id_ in elements and elements[id_].kind != BORDER
    }
    if not standing:
        return ()
    diagrams = bundle.under("workflows", ".bpmn")
    model, found = survey(Files(diagrams)).model, list[Finding]()
    for id_, counted in standing.items():
        in_process = elements[id_].process
        file = live.drawn_in[in_process]
        # a diagram that cannot be read is a finding of its own
        if in_process in model.processes or file not in diagrams:
            found += removed(model, {id_: counted}, file)
    return tuple(found)


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
