"""Permission to correct an answer that was sent."""

from __future__ import annotations

from collections.abc import Mapping

from service.access import Viewer
from service.casework.cases.given_answers import CORRECTED_KINDS
from service.engine import Element
from service.store.casefile import facts


def may_correct(
    viewer: Viewer, fact: facts.Fact, element: Element | None, holders: Mapping[str, str]
) -> bool:
    """Whether a person may correct what a fact answered: her office sent it and has the role of the
    step still, and she holds that role.

    Args:
        element: the step, as the case's release has it.
        holders: role to office.
    """
    if (
        element is None
        or fact.kind not in CORRECTED_KINDS
        or not fact.form
        or fact.office != viewer.office
    ):
        return False
    return any(
        role in viewer.lane_roles and holders.get(role) == viewer.office for role in element.roles
    )
