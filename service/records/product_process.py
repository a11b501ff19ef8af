"""Processes of the product: what is drawn in the program itself, so that who draws the process of
the programme cannot draw away what a law or an auditor asks for.

Their diagrams lie next to the module that uses them, numbered: what has begun on one goes on by it.
No state is stored. Rows and entries say what was answered, and the few turns are run when somebody
looks.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from importlib.resources import files
from typing import Any, Final

from service.access import RECORDS_OFFICER
from service.engine import (
    Complete,
    Definition,
    Files,
    FormFacts,
    Open,
    RoleFacts,
    Start,
    guarded,
    read,
)
from service.errors import NotFound

RECORDS: Final = RoleFacts(RECORDS_OFFICER, {"sv": "Arkivansvarig", "en": "Records officer"})
"""The role of the steps that a records officer does."""


def read_product_process(
    package: str, name: str, version: int, *, forms: Iterable[FormFacts], roles: Iterable[RoleFacts]
) -> Definition:
    """Read one version of a process of the product.

    Args:
        package: where its diagram lies, as `<name>_<version>.bpmn`.
        name: id of the process.
    Raises:
        NotFound: this program has no such diagram; a later one may.
    """
    drawn = files(package) / f"{name}_{version}.bpmn"
    if not drawn.is_file():
        raise NotFound
    facts = Files(
        {drawn.name: drawn.read_bytes()},
        forms={form.id: form for form in forms},
        roles={role.id: role for role in roles},
    )
    return read(facts)[name]


def waiting_step(
    made: Definition,
    begins: Mapping[str, Any],
    begun: datetime,
    answered: Iterable[tuple[Mapping[str, Any], datetime]] = (),
) -> Open | None:
    """The step that waits in a process in which one step follows the other; None when it has ended.

    Args:
        begins: what the start event is given.
        answered: what was answered at each step that is done, in their order, and when.
    """
    turn = guarded(made, b"", Start({**begins}), now=begun, seed="1")
    for number, (answers, at) in enumerate(answered, 2):
        (step,) = turn.open
        done = Complete(step.id, {**answers})
        turn = guarded(made, turn.state, done, now=at, seed=str(number))
    return next(iter(turn.open), None)


def is_late(step: Open | None, now: datetime) -> bool:
    """Whether a step waits after the moment by which its diagram wants it."""
    return step is not None and step.due is not None and step.due < now
