"""Visibility of a stored case for one viewer.

This module loads what the decision needs (parties, grants and open tasks of the case, fields of
its release) and turns an answer, a document or a routing name into a `Resource`. Whether that
resource may be seen is decided by `access.can_see` alone, which knows no database. Every page,
preview, print and list asks here.

Who has nothing to do in a case says first why she opens it, and in the case of a protected identity
everybody does: `load_case_visibility` refuses until then, whatever the way in. Only what asks for
the reason, lists and links between cases load it unexplained.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from dataclasses import field as attribute
from datetime import datetime, timedelta

from service.access import CLASSES, EVERY_CASE, OF_TASK, Matrix, Resource, Sight, Viewer, can_see
from service.casework.cases import grants, protection
from service.casework.cases.given_answers import GivenAnswer
from service.engine import Definition
from service.errors import NotFound, ReasonNeeded
from service.forms import Field
from service.records.context import Services
from service.release.prepared import PreparedRelease
from service.security.records import LedgerEntry
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import cases, documents, facts
from service.store.installation import ledger_entries
from service.store.transaction import Tx

LOOKUP_LASTS = timedelta(hours=8)
"""How long a reason counts: a working day. Assumed."""
RECENT = 50
"""Entries of a case in which a reason is looked for."""


@dataclass(frozen=True)
class CaseVisibility:
    """Visibility of one case for one viewer: every answer, document and name is asked of it."""

    viewer: Viewer
    matrix: Matrix
    sight: Sight
    release: PreparedRelease
    definition: Definition
    owning: tuple[str, ...] = ()
    """Roles whose office handles the case: the first of them that an office holds."""
    decided: dict[Resource, bool] = attribute(
        default_factory=dict, init=False, repr=False, compare=False
    )
    """Cache of decisions: for the same case, viewer and matrix the answer stays the same."""

    @property
    def handles(self) -> bool:
        """Whether she holds the role that handles the case, in the office that does."""
        role = next((role for role in self.owning if self.sight.parties.get(role)), "")
        return role in self.viewer.roles and self.sight.parties[role] == self.viewer.office

    @property
    def exists(self) -> bool:
        """Whether the case exists for her at all."""
        return self._can_see(Resource())

    @property
    def by_office(self) -> bool:
        """Whether she sees it as somebody of an office, not as one who oversees all cases."""
        return not self.viewer.roles & EVERY_CASE

    @property
    def is_named(self) -> bool:
        """Whether she may know more than process facts, as far as the identity is protected."""
        return self.sight.names(self.viewer)

    def closed_offices(self, klass: str) -> frozenset[str]:
        """The offices whose records of a class are locked, and not open to her: of what is no
        answer.
        """
        return self.sight.closed_offices(self.viewer, klass)

    def _can_see(self, resource: Resource) -> bool:
        known = self.decided.get(resource)
        if known is None:
            known = can_see(self.matrix, self.viewer, self.sight, resource).ok
            self.decided[resource] = known
        return known

    def see(self, answer: GivenAnswer) -> bool:
        """Whether she may see an answer."""
        field = field_of(self.release, answer.form, answer.key)
        group, headline = (field.group, field.headline) if field is not None else ("", False)
        return self._can_see(Resource(answer.klass, answer.key, group, answer.office, headline))

    def shown(self, newest: Mapping[str, GivenAnswer]) -> dict[str, GivenAnswer]:
        """Those of some answers that she may see, by key."""
        return {key: answer for key, answer in newest.items() if self.see(answer)}

    def sees_field(self, key: str, office: str) -> bool:
        """Whether she may see a field that an office answered, whatever the answer is."""
        release = self.release
        klass, group = release.outer_fields.get(key, ("C3", ""))
        return self._can_see(Resource(klass, key, group, office, key in release.headlines))

    def _sees_paper(self, document: documents.Document) -> bool:
        """Whether the viewer may see a paper: she sees every field in it, and texts that were typed
        for the paper alone are of her own office.
        """
        typed = document.klass != "C0"
        if not self.by_office or (typed and document.office != self.viewer.office):
            return False
        if document.office in self.closed_offices(CLASSES[-1]):  # it is kept as the narrowest
            return False
        shown = all(self.sees_field(key, office) for key, office in document.shows)
        return shown and self.is_named and self.exists

    def see_document(self, document: documents.Document) -> bool:
        """Whether she may see a document, by the field that it answers, or the fields of a paper
        that was made or came back signed.

        One that is not sent yet is seen by who attached it, and by who has the task.
        """
        holder = self.sight.open_tasks.get(document.task_key)
        if holder is not None and self.viewer.person not in (document.by, holder):
            return False
        if not document.field:
            return self._sees_paper(document)
        key = document.field.partition(".")[0]
        _, group = self.release.fields.get(key, ("", ""))
        return self._can_see(Resource(document.klass, key, group, document.office))

    def sees_class(self, klass: str, office: str) -> bool:
        """Whether she may see what an office wrote of a class, in no group."""
        return self._can_see(Resource(klass, "-", office=office))

    def is_unsent(self, document: documents.Document) -> bool:
        """Whether a document is a draft: attached to the form of a task that is open still."""
        return document.task_key in self.sight.open_tasks

    def see_name(self, name: str, newest: Mapping[str, GivenAnswer]) -> bool:
        """Whether she may see a routing value: she sees the field of that name, or all that the
        rule of that name reads.
        """
        return self._see_name(name, newest, frozenset())

    def _see_name(
        self, name: str, newest: Mapping[str, GivenAnswer], passed: frozenset[str]
    ) -> bool:
        if name in newest:
            return self.see(newest[name])
        if name in self.release.fields:
            klass, group = self.release.fields[name]
            return self._can_see(Resource(klass, name, group))
        rules = [
            self.definition.decisions[e.decision]
            for e in self.definition.elements.values()
            if e.result == name and e.decision in self.definition.decisions
        ]
        reads = {read for rule in rules for read in rule.reads} - passed
        return all(self._see_name(read, newest, passed | {name}) for read in reads)


def reads_of_visibility(case_id: str) -> list[Read]:
    """What `load_case_visibility` reads."""
    return [*reads_of_unexplained(case_id), *reads_of_reason(case_id)]


def reads_of_unexplained(case_id: str) -> list[Read]:
    """What `load_unexplained_visibility` reads, and `needs_reason` without the read log."""
    return [*grants.reads_of_sight(case_id), facts.read_of_case(case_id)]


def reads_of_reason(case_id: str) -> list[Read]:
    """What `has_lookup_reason` reads; nobody who has a task in an ordinary case is asked for it."""
    return [_read_of_lookups(case_id)]


def ask_case(
    tx: Tx, services: Services, case_id: str, *more: Read
) -> tuple[cases.CaseSummary, AtHand]:
    """A case, with what decides who may see what of it, in one batch.

    Args:
        more: what is asked with it.
    Raises:
        NotFound: there is none.
    """
    reads = reads_of_visibility(case_id)
    at_hand = tx.read(cases.read_of_summary(case_id), *reads, *more)
    case = cases.get(at_hand, case_id)
    if case is None:
        raise NotFound
    services.release(tx, case.release_id)
    return case, at_hand


def _read_of_lookups(case_id: str) -> Read:
    """Entries of the read log in which a reason is looked for."""
    return ledger_entries.read_of_latest(f"reads/{case_id}", kinds=["lookup"], limit=RECENT)


def load_case_visibility(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case: cases.Case | cases.CaseSummary,
    now: datetime,
) -> CaseVisibility:
    """Load what a viewer may see of a case that she opens.

    Raises:
        NotFound: it does not exist for the viewer.
        ReasonNeeded: she must say first why she opens it.
    """
    visibility = load_unexplained_visibility(reader, services, viewer, case, now)
    if needs_reason(reader, visibility, case, now):
        raise ReasonNeeded(case=case.id)
    return visibility


def needs_reason(
    reader: Reader, visibility: CaseVisibility, case: cases.Case | cases.CaseSummary, now: datetime
) -> bool:
    """Whether the viewer must say why she opens the case.

    No task waits there for her, and she has neither said so lately nor moved the case herself; who
    handles an open case and has worked in it needs no reason to come back. In the case of a
    protected identity nothing but a reason counts. Who looks after all cases without a part in any
    needs none.
    """
    viewer, own = visibility.viewer, visibility.sight.grants_of(visibility.viewer)
    if not own and not visibility.by_office:
        return False
    if protection.is_protected(case.marking):
        return not has_lookup_reason(reader, viewer, case, now)
    if any(grant.rule == OF_TASK for grant in own):
        return False
    moved = [fact.at for fact in facts.of_case(reader, case.id) if fact.actor == viewer.person]
    if moved and case.status != "ended" and visibility.handles:
        return False
    if any(now - at < LOOKUP_LASTS for at in moved):
        return False
    return not has_lookup_reason(reader, viewer, case, now)


def has_lookup_reason(
    reader: Reader, viewer: Viewer, case: cases.Case | cases.CaseSummary, now: datetime
) -> bool:
    """Whether the viewer gave a reason lately for opening the case, as it is marked now."""
    entries = reader.all(LedgerEntry, *_read_of_lookups(case.id))
    own = (e for e in entries if e.actor == viewer.person and now - e.at < LOOKUP_LASTS)
    protected = protection.is_protected(case.marking)
    return any(not protected or json.loads(e.body).get("marking") == case.marking for e in own)


def load_unexplained_visibility(
    reader: Reader,
    services: Services,
    viewer: Viewer,
    case: cases.Case | cases.CaseSummary,
    now: datetime,
) -> CaseVisibility:
    """Load what a viewer may see of a case, whether or not she has said why she opens it.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    release = services.release(reader, case.release_id)
    sight, definition = (
        grants.load_sight(reader, services, case, now),
        release.definitions[case.process],
    )
    configuration = services.configuration(release)
    owning = configuration.named_fields.duties.owner
    visibility = CaseVisibility(viewer, configuration.matrix, sight, release, definition, owning)
    if not visibility.exists:
        raise NotFound
    return visibility


def field_of(release: PreparedRelease, form: str, key: str) -> Field | None:
    """The field that an answer belongs to, in its own form of the release."""
    asked = release.forms.get(form)
    return asked.by_key.get(key) if asked is not None else None


def classes(shown: Iterable[GivenAnswer]) -> frozenset[str]:
    """The classes that some answers bring onto a page."""
    return frozenset(answer.klass for answer in shown)
