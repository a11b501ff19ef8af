"""A person before a case: what she may see of it, what is known of where it stands, and in which
words it is told to her.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from service.access import Viewer
from service.actions.casefile import diagram_state, form_context, read_log
from service.actions.casefile.answer_text import AnswerTexts
from service.actions.cases import case_visibility, given_answers
from service.actions.cases.case_visibility import CaseVisibility
from service.actions.cases.turn import LoadedCase, load_case
from service.actions.context import Services
from service.actions.people import accounts
from service.actions.releases.labels import element_name
from service.errors import CannotOpen, NotFound
from service.forms import Field, Form
from service.security.vault import OwnerKey
from service.store.casefile import cases as case_rows
from service.store.casefile import facts
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import say


@dataclass(frozen=True)
class CaseView:
    """A person before a case.

    Answers are opened only of the classes that some grant of hers reaches.
    """

    services: Services
    viewer: Viewer
    now: datetime
    case: case_rows.CaseSummary
    visibility: CaseVisibility
    key: OwnerKey | None
    loaded: LoadedCase | None
    told: Sequence[given_answers.GivenAnswer]
    history: Sequence[facts.Fact]
    waiting: Sequence[tasks.Task]
    shown_on: diagram_state.DiagramState
    places: Mapping[str, str]
    """Office to its name."""
    names: Mapping[str, str]
    """Person to her name."""
    words: AnswerTexts

    @cached_property
    def newest(self) -> Mapping[str, given_answers.GivenAnswer]:
        """The last answer of each key, as far as it was opened."""
        return given_answers.newest(self.told)

    @cached_property
    def shown(self) -> Mapping[str, given_answers.GivenAnswer]:
        """Those of them that the reader may see."""
        return self.visibility.shown(self.newest)

    def field_of(self, one: given_answers.GivenAnswer | None) -> tuple[Field | None, Form | None]:
        """The field that an answer was given in, and its form, as the case's release has them."""
        if one is None:
            return None, None
        return case_visibility.field_of(
            self.visibility.release, one.form, one.key
        ), self.visibility.release.forms.get(one.form)

    @cached_property
    def states(self) -> Mapping[str, str]:
        """Element to how it stands on the diagram now."""
        return diagram_state.element_states(self.shown_on, self.shown_on.newest)

    @cached_property
    def parties(self) -> Mapping[str, str]:
        """Role to the office that holds it."""
        return self.visibility.sight.parties

    @property
    def lang(self) -> str:
        """The reader's language."""
        return self.viewer.lang

    def say(self, key: str, **values: object) -> str:
        """A sentence."""
        return say(key, self.lang, **values)

    def name(self, element: str) -> str:
        """An element's name."""
        found = self.visibility.definition.elements.get(element)
        return element_name(found, self.lang) if found is not None else element

    def day(self, at: datetime) -> str:
        """A moment's day where the reader is."""
        return self.viewer.day(at)

    def who(self, person: str, office: str) -> str:
        """Somebody with her office."""
        return ", ".join(filter(None, (self.names.get(person, ""), self.places.get(office, ""))))

    def mine(self, task: tasks.Task) -> bool:
        """Whether the reader may open a task."""
        return task.office_id == self.viewer.office and task.role in self.viewer.lane_roles


def load_case_view(
    tx: Tx, services: Services, viewer: Viewer, case_id: str, now: datetime
) -> CaseView:
    """Stand before a case.

    Raises:
        NotFound: there is none, or none for this viewer.
    """
    rows = case_rows.load(tx, case_id)
    brief = case_rows.get(tx, case_id)
    if rows is None or brief is None:
        raise NotFound
    visibility = case_visibility.load_case_visibility(tx, services, viewer, brief, now)
    loaded = _held(tx, services, rows)
    reached = (
        {
            klass
            for grant in visibility.sight.grants
            if grant.office == viewer.office
            for klass in grant.classes
        }
        if visibility.by_office
        else set()
    )
    told = (
        given_answers.load_answers(tx, loaded.key, case_id, reached)
        if loaded is not None and reached
        else []
    )
    history, waiting = facts.of_case(tx, case_id), tasks.of_case(tx, case_id)
    people = {fact.actor for fact in history} | {t.claimed_by for t in waiting if t.claimed_by}
    return CaseView(
        services=services,
        viewer=viewer,
        now=now,
        case=brief,
        visibility=visibility,
        key=loaded.key if loaded is not None else None,
        loaded=loaded,
        told=told,
        history=history,
        waiting=waiting,
        shown_on=diagram_state.load_diagram_state(tx, services, case_id, now),
        places=offices.names(tx),
        names=accounts.names(tx, services, people),
        words=AnswerTexts(
            visibility.release, viewer, form_context.load_directories(tx, services, viewer.lang)
        ),
    )


def _held(tx: Tx, services: Services, rows: case_rows.LoadedRows) -> LoadedCase | None:
    """The case in hand; None when its key is gone: what lies open of it can still be read."""
    try:
        return load_case(tx, services, rows)
    except CannotOpen:
        return None


def needs_lookup_reason(tx: Tx, at: CaseView) -> bool:
    """Whether the reader's office has nothing to do in the case, and she has neither said lately
    why she opens it nor moved it herself.
    """
    if not at.visibility.by_office or any(t.office_id == at.viewer.office for t in at.waiting):
        return False
    if any(
        f.actor == at.viewer.person and at.now - f.at < read_log.LOOKUP_LASTS for f in at.history
    ):
        return False
    return not read_log.has_lookup_reason(tx, at.viewer, at.case.id, at.now)
