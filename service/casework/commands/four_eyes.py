"""The four-eyes rule: who may not do a step because she did another one of the same case."""

from __future__ import annotations

from service.access import Viewer
from service.casework.cases.loaded_case import LoadedCase
from service.engine import Element
from service.errors import FourEyes, NotAllowed
from service.store.at_hand import Read, Reader
from service.store.casefile import facts

PROPERTY = "not_same_person_as"
"""Property of a user task: ids of other steps, separated by commas."""


def named_steps(element: Element) -> list[str]:
    """The steps that an element names: not for whoever did one of them."""
    return [id_.strip() for id_ in element.properties.get(PROPERTY, "").split(",") if id_.strip()]


def reads_of_four_eyes(case_id: str, element: Element) -> list[Read]:
    """What `blocking_step` reads."""
    named = named_steps(element)
    return [facts.read_of_who(case_id, named)] if named else []


def blocking_step(reader: Reader, case_id: str, element: Element, by: Viewer) -> str:
    """The id of a step that the viewer did, or corrected, and that forbids her this one; empty when
    none does.
    """
    named = named_steps(element)
    done = facts.who_completed(reader, case_id, named) if named else {}
    return next((other for other, persons in done.items() if by.person in persons), "")


def require_four_eyes(loaded: LoadedCase, element: Element, by: Viewer) -> None:
    """Refuse a step that names others to whoever did one of them, and to a program.

    Raises:
        FourEyes: with the id of that step.   NotAllowed: it is a program's, which is no second
            person.
    """
    if by.is_program and named_steps(element):
        raise NotAllowed(why="program")
    other = blocking_step(loaded.at_hand, loaded.case.id, element, by)
    if other:
        raise FourEyes(why="four_eyes", element=other)
