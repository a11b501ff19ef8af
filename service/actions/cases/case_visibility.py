"""What one viewer may see of one case that is stored.

This module loads what the decision needs (parties, grants and open tasks of the case, fields of
its release) and turns an answer, a document or a routing name into a `Resource`. Whether that
resource may be seen is decided by `access.can_see` alone, which knows no database. Every page,
preview, print and list asks here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from service.access import EVERY_CASE, Matrix, Resource, Sight, Viewer, can_see
from service.actions.cases import grants
from service.actions.cases.given_answers import GivenAnswer
from service.actions.context import Services
from service.actions.releases.prepared import PreparedRelease
from service.engine import Definition
from service.errors import NotFound
from service.forms import Field
from service.store.casefile import cases, documents
from service.store.transaction import Tx


@dataclass(frozen=True)
class CaseVisibility:
    """What a viewer sees of a case."""

    viewer: Viewer
    matrix: Matrix
    sight: Sight
    release: PreparedRelease
    definition: Definition

    @property
    def exists(self) -> bool:
        """Whether the case exists for her at all."""
        return self._can_see(Resource())

    @property
    def by_office(self) -> bool:
        """Whether she sees it as somebody of an office, not as one who oversees all cases."""
        return not self.viewer.roles & EVERY_CASE

    def _can_see(self, resource: Resource) -> bool:
        return can_see(self.matrix, self.viewer, self.sight, resource).ok

    def see(self, answer: GivenAnswer) -> bool:
        """Whether she may see an answer."""
        field = field_of(self.release, answer.form, answer.key)
        group, headline = (field.group, field.headline) if field is not None else ("", False)
        return self._can_see(Resource(answer.klass, answer.key, group, answer.office, headline))

    def shown(self, newest: Mapping[str, GivenAnswer]) -> dict[str, GivenAnswer]:
        """Those of some answers that she may see, by key."""
        return {key: answer for key, answer in newest.items() if self.see(answer)}

    def see_document(self, document: documents.Document) -> bool:
        """Whether she may see a document, by the field that it answers."""
        key = document.field.partition(".")[0]
        _, group = self.release.fields.get(key, ("", ""))
        return self._can_see(Resource(document.klass, key, group, document.office))

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


def load_case_visibility(
    tx: Tx, services: Services, viewer: Viewer, case: cases.Case | cases.CaseSummary, now: datetime
) -> CaseVisibility:
    """Load what a viewer may see of a case.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    release = services.release(tx, case.release_id)
    sight, definition = (
        grants.load_sight(tx, services, case, now),
        release.definitions[case.process],
    )
    visibility = CaseVisibility(viewer, services.programme.matrix, sight, release, definition)
    if not visibility.exists:
        raise NotFound
    return visibility


def field_of(release: PreparedRelease, form: str, key: str) -> Field | None:
    """The field that an answer belongs to, in its own form of the release."""
    asked = release.forms.get(form)
    return next((f for f in asked.fields if f.key == key), None) if asked is not None else None


def classes(shown: Iterable[GivenAnswer]) -> frozenset[str]:
    """The classes that some answers bring onto a page."""
    return frozenset(answer.klass for answer in shown)
