"""One viewer before one case: what of it is there for her.

Every page, preview, print and list asks here, and here asks `access`.
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
    def know(self) -> bool:
        """Whether the case exists for her at all."""
        return can_see(self.matrix, self.viewer, self.sight, Resource()).ok

    @property
    def by_office(self) -> bool:
        """Whether she sees it as somebody of an office, not as one who oversees all cases."""
        return not self.viewer.roles & EVERY_CASE

    def see(self, one: GivenAnswer) -> bool:
        """Whether an answer is there for her."""
        found = field_of(self.release, one.form, one.key)
        thing = Resource(
            one.klass,
            one.key,
            found.group if found else "",
            one.office,
            found.headline if found else False,
        )
        return can_see(self.matrix, self.viewer, self.sight, thing).ok

    def shown(self, newest: Mapping[str, GivenAnswer]) -> dict[str, GivenAnswer]:
        """Those of some answers that are there for her, by key."""
        return {key: one for key, one in newest.items() if self.see(one)}

    def see_paper(self, paper: documents.Document) -> bool:
        """Whether a paper is there for her, by the field that it answers."""
        key = paper.field.partition(".")[0]
        _, group = self.release.fields.get(key, ("", ""))
        return can_see(
            self.matrix, self.viewer, self.sight, Resource(paper.klass, key, group, paper.office)
        ).ok

    def see_name(self, name: str, newest: Mapping[str, GivenAnswer]) -> bool:
        """Whether a routing name may be told: the field of that name, or all that the rule of that
        name was asked about.
        """
        return self._see_name(name, newest, frozenset())

    def _see_name(
        self, name: str, newest: Mapping[str, GivenAnswer], passed: frozenset[str]
    ) -> bool:
        if name in newest:
            return self.see(newest[name])
        if name in self.release.fields:
            klass, group = self.release.fields[name]
            return can_see(
                self.matrix, self.viewer, self.sight, Resource(klass, name, group, "")
            ).ok
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
    """Stand before a case.

    Raises:
        NotFound: it does not exist for the viewer.
    """
    release = services.release(tx, case.release_id)
    visibility = CaseVisibility(
        viewer,
        services.programme.matrix,
        grants.load_sight(tx, services, case, now),
        release,
        release.definitions[case.process],
    )
    if not visibility.know:
        raise NotFound
    return visibility


def field_of(release: PreparedRelease, form: str, key: str) -> Field | None:
    """The field that an answer belongs to, in its own form of the release."""
    found = release.forms.get(form)
    return next((f for f in found.fields if f.key == key), None) if found is not None else None


def classes(shown: Iterable[GivenAnswer]) -> frozenset[str]:
    """The classes that some answers bring onto a page."""
    return frozenset(one.klass for one in shown)
