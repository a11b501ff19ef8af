"""What waits for whoever runs the installation: a restored copy, what stands still, epochs of the
keyring, erasures. Pseudonyms and numbers, nothing that is in a case.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Final

from service.access import Viewer, can_act
from service.application.container import Tresteg
from service.casework import clock_guard, restored_copy
from service.casework.history.step_letters import letter_kind
from service.casework.restored_copy import NotLostThen, OutsideHeads, RestoreGap
from service.errors import FieldFault, InvalidAnswers, NotFound, Stale
from service.operations import background, key_epochs
from service.operations.erased_again import erased_again
from service.operations.restore import confirm_copy
from service.records.context import Services, actor
from service.store.casefile import cases, retention_acts
from service.store.installation import offices
from service.store.transaction import Tx
from service.text import say

OPERATE: Final = "operate"
"""The act of whoever runs the installation."""
MOST: Final = 100
"""Most rows of one list; a command names the rest."""
MOMENT: Final = "%Y-%m-%d %H:%M"
"""How a moment is typed, in UTC."""
CASE: Final = "case/"


@dataclass(frozen=True, slots=True)
class MissingEntries:
    """Entries of one stream that a restored copy lacks, by their numbers."""

    stream: str
    """The stream; of a case that the copy knows, its pseudonym."""
    first: int
    last: int


@dataclass(frozen=True, slots=True)
class WaitingCopy:
    """A restored copy that nobody has confirmed."""

    gap: RestoreGap
    missing: tuple[MissingEntries, ...]
    """At most `MOST`."""
    letters: tuple[tuple[str, int], ...]
    """Kind of letter, in words and as `--kind` takes it, to how many may have left."""
    jobs: tuple[tuple[str, int], ...]
    """Kind of work in words to how much of it may have been done."""
    erased_again: tuple[str, ...]
    """Sentences without a full stop."""


@dataclass(frozen=True, slots=True)
class UnconfirmedErasure:
    """An erasure of which nobody knows yet that no file holds its keys."""

    at: datetime
    ref: str
    office: str


@dataclass(frozen=True, slots=True)
class OperationsPage:
    """The page, as the template names it."""

    copy: WaitingCopy | None
    held_letters: int
    """Letters that may have left before a restore that was confirmed, and that nobody has picked.
    """
    stops: tuple[str, ...]
    epochs: tuple[str, ...]
    turn_keys: bool
    """Whether something is to be done about the epochs."""
    erasures: tuple[UnconfirmedErasure, ...]
    """At most `MOST`."""
    more_erasures: int


def load_operations(
    tx: Tx,
    program: Tresteg,
    viewer: Viewer,
    *,
    now: datetime,
    wall: datetime,
    outside: OutsideHeads | None,
) -> OperationsPage:
    """Load the page.

    Args:
        now: by the clock that cases go by.
        wall: by the wall clock, which signs of life go by.
        outside: the newest checkpoint outside the database, for a restored copy.
    Raises:
        NotFound: it is not for her.
    """
    if not can_act(viewer, OPERATE):
        raise NotFound
    epochs = key_epochs.load_status(tx, program, now=wall)
    unconfirmed = retention_acts.unconfirmed(tx)
    shown = unconfirmed[:MOST]
    refs = cases.refs(tx, {act.case_id for act in shown})
    places = offices.names(tx)
    return OperationsPage(
        copy=_waiting_copy(tx, viewer.lang, now, outside) if restored_copy.is_held(tx) else None,
        held_letters=len(restored_copy.held_letters(tx)),
        stops=tuple(
            stop.sentence(viewer.lang)
            for stop in background.load_stops(tx, now=wall)
            if stop.part != clock_guard.RESTORED
        ),
        epochs=(*key_epochs.status_sentences(epochs, viewer.lang, now=wall),),
        turn_keys=_is_to_be_turned(epochs, wall),
        erasures=tuple(
            UnconfirmedErasure(
                act.at,
                refs.get(act.case_id, act.case_id),
                places.get(act.office_id) or say("case.erased_program", viewer.lang),
            )
            for act in shown
        ),
        more_erasures=len(unconfirmed) - len(shown),
    )


def _is_to_be_turned(epochs: key_epochs.EpochStatus, now: datetime) -> bool:
    may_retire = epochs.retire_from is not None and now >= epochs.retire_from
    return bool(epochs.older) or epochs.too_old or epochs.waiting is not None or may_retire


def _waiting_copy(tx: Tx, lang: str, now: datetime, outside: OutsideHeads | None) -> WaitingCopy:
    gap = restored_copy.find_gap(tx, now=now, outside=outside)
    streams = gap.streams[:MOST]
    refs = cases.refs(
        tx, {one.stream.removeprefix(CASE) for one in streams if one.stream.startswith(CASE)}
    )
    return WaitingCopy(
        gap,
        missing=tuple(
            MissingEntries(
                refs.get(one.stream.removeprefix(CASE), one.stream), one.copied + 1, one.named
            )
            for one in streams
        ),
        letters=_counted(
            f"{letter_kind(letter.template, lang)}, `{letter.template}`" for letter in gap.letters
        ),
        jobs=_counted(say(f"operations.job_{job.kind}", lang) for job in gap.jobs),
        erased_again=(*erased_again(tx).lines(lang),),
    )


def _counted(kinds: Iterable[str]) -> tuple[tuple[str, int], ...]:
    return (*sorted(Counter(kinds).items()),)


def confirm_typed(
    tx: Tx,
    services: Services,  # noqa: ARG001 - a command takes them
    by: Viewer,
    now: datetime,
    *,
    program: Tresteg,
    outside: OutsideHeads | None,
    lost_at: str,
    last_number: str,
) -> None:
    """Let a restored copy work, as `tresteg restore confirm` does.

    Args:
        lost_at: when the installation of before stopped, in UTC as `MOMENT` writes it; or "".
        last_number: highest case number that was given; or "".
    Raises:
        NotFound: she may not.   Stale: nothing waits; somebody was faster.
        InvalidAnswers: the moment or the number is none, or the installation still worked then.
    """
    if not can_act(by, OPERATE):
        raise NotFound
    if not restored_copy.is_held(tx):
        raise Stale
    number = last_number.strip()
    if number and not restored_copy.NUMBER.fullmatch(number):
        raise InvalidAnswers((FieldFault("last_number", "operations.no_number"),))
    lost = _moment(lost_at.strip())
    confirm = partial(confirm_copy, by=actor(by), now=now, outside=outside)
    try:
        confirm(tx, program, lost_at=lost, last_number=number)
    except NotLostThen as e:
        fault = FieldFault("lost_at", "operations.not_lost_then", {**e.facts})
        raise InvalidAnswers((fault,)) from None


def _moment(typed: str) -> datetime | None:
    """The moment that was typed; None where nothing was.

    Raises:
        InvalidAnswers: it is none.
    """
    if not typed:
        return None
    try:
        return datetime.strptime(typed, MOMENT).replace(tzinfo=UTC)
    except ValueError:
        raise InvalidAnswers((FieldFault("lost_at", "operations.no_moment"),)) from None
