"""Readers of an answer after it is sent, from the visibility matrix of the installation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from service.access import CLASSES, ENDED, FULL, NOTHING, OWN, OWN_OFFICE, Matrix, Resource
from service.forms import Field, Form


@dataclass(frozen=True, slots=True)
class ReaderOfAnswer:
    """A role that sees an answer, and when."""

    role: str
    modes: Mapping[str, str]
    """Stage to how it sees the answer: F full, S as a headline, O what its own office wrote."""

    @property
    def is_always(self) -> bool:
        """Whether it sees the answer in full in every stage, of ended cases too."""
        return all(mode == FULL for mode in self.modes.values())


def readers_of(
    matrix: Matrix, roles: Iterator[str] | tuple[str, ...], stages: tuple[str, ...], field: Field
) -> tuple[ReaderOfAnswer, ...]:
    """The roles that see the answer to a question in some stage, in this order.

    An answer of no class is as little seen as one of the narrowest. What a grant has to open first
    is not known here: it narrows this further.
    """
    found = []
    for role in roles:
        modes = {stage: mode_of(matrix, role, stage, field) for stage in (*stages, ENDED)}
        if set(modes.values()) != {NOTHING}:
            found.append(ReaderOfAnswer(role, modes))
    return tuple(found)


def mode_of(matrix: Matrix, role: str, stage: str, field: Field) -> str:
    """How a role sees the answer to a question in a stage; a headline only of what is one."""
    klass = field.data_class if field.data_class in CLASSES else CLASSES[-1]
    resource = Resource(klass, field.key, field.group, headline=field.headline)
    mode = matrix.mode(role, stage, resource, manager=False)
    if mode == "S" and not field.headline:
        return NOTHING
    if field.group == OWN_OFFICE and mode != NOTHING:
        return OWN
    return mode


def seen_by(form: Form, matrix: Matrix, role: str, stage: str) -> Form:
    """The form with those outermost questions alone whose answers a role sees in a stage."""
    hidden = [f.key for f in form.fields if mode_of(matrix, role, stage, f) == NOTHING]
    return form.without(hidden)
