"""Standing of open cases: those with the same tokens on the same release are planned together."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from service.casework.cases.loaded_case import snapshot_binding
from service.engine import tokens
from service.errors import CannotOpen
from service.records.context import Services
from service.security.records import WrappedKey
from service.store.casefile import cases
from service.store.installation import keys
from service.store.read_models import oversight
from service.store.transaction import Tx

DIGITS = 16
"""Hexadecimal digits that tell two places apart: some hundreds of them, never secret."""
PAGE = 200
"""Cases that are read at once."""


@dataclass(frozen=True, slots=True)
class StandingCase:
    """An open case with its state, and where it stands."""

    case: cases.Case
    state: bytes
    key: str
    places: tuple[tuple[str, str], ...]
    """(scope, element) of every token, in order."""


def standing_key(release_id: str, state: bytes) -> str:
    """Where a case stands, as a short digest: its release, and the place of every token."""
    places = [[at.scope, at.element, at.way] for at in tokens(state)]
    text = json.dumps([release_id, places])
    return hashlib.sha256(text.encode()).hexdigest()[:DIGITS]


def standing_cases(
    tx: Tx, services: Services, process: str, release_ids: Collection[str]
) -> Iterator[StandingCase]:
    """Every open case of some releases, oldest first.

    One that cannot be opened is left out: it can neither be moved nor shown, and `verify` names it.
    """
    after = ""
    while True:
        page = oversight.open_cases(tx, process, release_ids, after=after, limit=PAGE)
        wrapped = keys.of_owners(tx, [f"case:{case.id}" for case in page])
        for case in page:
            if (found := _standing(services, case, wrapped)) is not None:
                yield found
        if len(page) < PAGE:
            return
        after = page[-1].id


def _standing(
    services: Services, case: cases.Case, wrapped: Mapping[str, WrappedKey]
) -> StandingCase | None:
    key = wrapped.get(f"case:{case.id}")
    if key is None or case.snapshot is None:
        return None
    try:
        state = services.open(key).open("snapshot", case.snapshot, **snapshot_binding(case))
    except CannotOpen:
        return None
    places = tuple((at.scope, at.element) for at in tokens(state))
    return StandingCase(case, state, standing_key(case.release_id, state), places)
