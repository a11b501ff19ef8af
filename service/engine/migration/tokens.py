"""Tokens of a stored state: where a case stands."""

from __future__ import annotations

from dataclasses import dataclass

from service.engine.migration.stored_rows import element_of, is_token
from service.engine.spiff import codec


@dataclass(frozen=True, slots=True, order=True)
class Token:
    """One live token: the scope, the element at which it waits, and its id."""

    scope: str
    element: str
    way: str
    """Of a token that has arrived at a join: the element that it came from."""
    is_item: bool
    """Whether it is one instance of an activity that is repeated; the activity has a token too."""
    id: str


def tokens(state: bytes) -> tuple[Token, ...]:
    """The tokens of a case, by place; boundary events follow their activity and are none.

    Raises:
        WrongDefinition: not a state.
    """
    stored = codec.unpack(state)
    return tuple(
        sorted(
            Token(
                name,
                element_of(row),
                str(row[7].get("from", "")),
                element_of(row) != row[2],
                row[0],
            )
            for _, name, rows in stored.scopes
            for row in rows
            if is_token(row)
        )
    )
