"""A case opened for a turn, and the submission that comes with the stimulus of that turn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

from service.binding import Letter
from service.engine import Definition, peek
from service.errors import Stale
from service.records.case_keys import CaseKeys
from service.records.context import Actor, Services
from service.release.prepared import PreparedRelease
from service.security.vault import OwnerKey
from service.store.at_hand import AtHand, Reader
from service.store.casefile import cases, documents, facts, grants, parties
from service.store.casefile.documents import Document
from service.store.casefile.grants import GrantRow
from service.store.installation import offices
from service.store.installation.offices import Office
from service.store.lists import open_work_ids
from service.store.lists.open_work_ids import NONE as NO_WORK
from service.store.lists.open_work_ids import OpenWorkIds

BY_ITSELF = frozenset({"due", "answer", "fail"})
"""Kinds of facts that nobody brings: a timer fired, or a handler was called."""


@dataclass(frozen=True)
class LoadedCase:
    """A case opened for a turn: rows, key, release, state, and the offices that hold its roles."""

    rows: cases.LoadedRows
    keys: CaseKeys
    release: PreparedRelease
    definition: Definition
    state: bytes
    parties: Mapping[str, str]
    """Role to the office that holds it."""
    at_hand: Reader
    """What else was loaded of the case; in an act nothing can be asked any more."""
    moved: tuple[OpenWorkIds, Sequence[GrantRow]] | None = None
    """Open work and grants after a turn that is not written yet."""
    old: Definition | None = None
    """The definition that the state was made with, when the turn takes the case to another release:
    `release` and `definition` are then the new ones, and the row names the new release."""
    old_release: str = ""
    """Id of the release that it is taken from then."""

    def take(self, more: AtHand) -> None:
        """Have the rows of another batch too."""
        if not isinstance(self.at_hand, AtHand):
            raise TypeError("this case reads from a transaction and takes no rows")
        self.at_hand.take(more)

    @cached_property
    def key(self) -> OwnerKey:
        """The case's own key.

        Raises:
            CannotOpen: it is erased.
        """
        return self.keys.require_own()

    @property
    def case(self) -> cases.Case:
        """The stored row."""
        return self.rows.case

    @cached_property
    def work(self) -> OpenWorkIds:
        """What follows from its turns: open tasks, jobs, files of tasks, rows in lists."""
        if self.moved is not None:
            return self.moved[0]
        return open_work_ids.known(self.at_hand, self.case.id) if self.case.rev else NO_WORK

    @cached_property
    def grants(self) -> Sequence[GrantRow]:
        """Every grant, ended ones too."""
        if self.moved is not None:
            return self.moved[1]
        return grants.of_case(self.at_hand, self.case.id) if self.case.rev else []

    @cached_property
    def offices(self) -> Mapping[str, Office]:
        """The offices that held its roles when it was loaded, by id."""
        return offices.of_parties(self.at_hand, self.case.id)

    @cached_property
    def documents(self) -> Sequence[Document]:
        """Its documents, those that were dropped too."""
        return documents.of_case(self.at_hand, self.case.id)

    @cached_property
    def variables(self) -> Mapping[str, Any]:
        """Routing values as the last turn left them."""
        return peek(self.state).variables if self.state else {}

    @cached_property
    def calendars(self) -> Mapping[str, str]:
        """Role to the calendar in force."""
        return peek(self.state).calendars if self.state else {}


@dataclass(frozen=True, slots=True)
class Submission:
    """Submission of a stimulus: actor, moment, the work that it is about, and what the case keeps
    of it outside the engine.
    """

    by: Actor
    now: datetime
    element: str = ""
    nth: int = 0
    work_id: str = ""
    form: str = ""
    answers: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """Class to field to answer."""
    letters: Sequence[Letter] = ()
    parties: Mapping[str, str] = field(default_factory=dict)
    """Roles that get another office in this turn; "" for a role that nobody holds any more."""
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    """Ids and codes that the fact keeps besides its stimulus."""


def load_case(reader: Reader, services: Services, rows: cases.LoadedRows) -> LoadedCase:
    """Open a case for a turn.

    Args:
        reader: where the rest of it is read.
    Raises:
        CannotOpen: its key is gone (erased), or its snapshot is not what was sealed.
    """
    case, state = rows.case, b""
    keys = services.case_keys(reader, case.id)
    key = keys.require_own()
    release = services.release(reader, case.release_id)
    if case.snapshot is not None:
        state = key.open("snapshot", case.snapshot, **snapshot_binding(case))
    definition, holders = release.definitions[case.process], parties.of_case(reader, case.id)
    return LoadedCase(rows, keys, release, definition, state, holders, reader)


def require_revision(reader: Reader, case: cases.CaseSummary, rev: int) -> None:
    """Refuse what was made from another revision of a case than the one that holds.

    Timers and handlers do not count: they may move a case at any moment, also on behalf of this
    very act, and what they close or change is refused or checked by itself.

    Raises:
        Stale: somebody moved the case meanwhile; with the revision that holds.
    """
    if rev == case.rev:
        return
    if rev > case.rev or not BY_ITSELF.issuperset(facts.kinds_after(reader, case.id, rev)):
        raise Stale(rev=case.rev)


def snapshot_binding(case: cases.Case) -> dict[str, str]:
    """Where a sealed snapshot belongs: an older state, or one of another release, does not open
    there.
    """
    extra = f"{case.rev}|{case.release_id}"
    return {"table": "cases", "column": "snapshot", "row": case.id, "extra": extra}
