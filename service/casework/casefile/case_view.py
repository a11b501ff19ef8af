"""The view of a case for one viewer: what she may see of it, its state, and the texts in her
language.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from service.access import Viewer
from service.casework.casefile import diagram_state, form_context
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.cases import case_visibility, given_answers
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.errors import CannotOpen, NotFound
from service.forms import Field, Form
from service.people import accounts
from service.records.context import Services
from service.release.labels import element_name
from service.release.programme.process_configuration import ProcessConfiguration
from service.security.vault import OwnerKey
from service.store.ahead import page_reads
from service.store.at_hand import Read, Reader
from service.store.casefile import case_officers, facts
from service.store.casefile import cases as case_rows
from service.store.installation import offices
from service.store.transaction import Tx
from service.store.work import tasks
from service.text import say


@dataclass(frozen=True)
class CaseView:
    """Everything that a case page needs for one viewer.

    Answers are opened only of the classes that some grant of hers reaches.
    """

    services: Services
    viewer: Viewer
    now: datetime
    case: case_rows.CaseSummary
    visibility: CaseVisibility
    key: OwnerKey | None
    loaded: LoadedCase | None
    answers: Sequence[given_answers.GivenAnswer]
    history: Sequence[facts.Fact]
    waiting: Sequence[tasks.Task]
    diagram: diagram_state.DiagramState
    places: Mapping[str, str]
    """Office to its name."""
    names: Mapping[str, str]
    """Person to her name."""
    words: AnswerTexts

    @cached_property
    def newest(self) -> Mapping[str, given_answers.GivenAnswer]:
        """The last answer of each key, as far as it was opened."""
        return given_answers.newest(self.answers)

    @cached_property
    def shown(self) -> Mapping[str, given_answers.GivenAnswer]:
        """The last answer of each key, if the viewer may see it."""
        return self.visibility.shown(self.newest)

    def field_of(
        self, answer: given_answers.GivenAnswer | None
    ) -> tuple[Field | None, Form | None]:
        """The field that an answer was given in, and its form, as the case's release has them."""
        if answer is None:
            return None, None
        release = self.visibility.release
        field = case_visibility.field_of(release, answer.form, answer.key)
        return field, release.forms.get(answer.form)

    @cached_property
    def configuration(self) -> ProcessConfiguration:
        """What steers the case besides its diagram, forms and rules."""
        return self.services.configuration(self.visibility.release)

    @cached_property
    def states(self) -> Mapping[str, str]:
        """Element to its state on the diagram now."""
        return diagram_state.element_states(self.diagram, self.diagram.newest)

    @cached_property
    def parties(self) -> Mapping[str, str]:
        """Role to the office that holds it."""
        return self.visibility.sight.parties

    @property
    def lang(self) -> str:
        """The viewer's language."""
        return self.viewer.lang

    def say(self, key: str, **values: object) -> str:
        """A text of the user interface in the viewer's language."""
        return say(key, self.lang, **values)

    def term(self, kind: str, id_: str) -> str:
        """A word of the programme, as the case's release has it."""
        return self.services.word(kind, id_, self.lang, self.visibility.release)

    def name(self, element: str) -> str:
        """An element's name."""
        drawn = self.visibility.definition.elements.get(element)
        return element_name(drawn, self.lang) if drawn is not None else element

    def day(self, at: datetime) -> str:
        """The date of a moment in the viewer's zone."""
        return self.viewer.day(at)

    def who(self, person: str, office: str) -> str:
        """A person's name with her office."""
        return ", ".join(filter(None, (self.names.get(person, ""), self.places.get(office, ""))))

    def mine(self, task: tasks.Task) -> bool:
        """Whether the viewer may open a task."""
        return task.office_id == self.viewer.office and task.role in self.viewer.lane_roles


def load_case_view(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    case_id: str,
    now: datetime,
    *,
    more: Collection[Read] = (),
) -> CaseView:
    """Build the view of a case for one viewer.

    Args:
        more: what is going to be read besides, to be asked in the same round trip.
    Raises:
        NotFound: there is none, or none for this viewer.
        ReasonNeeded: she must say first why she opens it.
    """
    page_reads.ask_of_case(tx, case_id, viewer.office, more)
    rows = case_rows.load(tx, case_id)
    summary = case_rows.get(tx, case_id)
    if rows is None or summary is None:
        raise NotFound
    visibility = case_visibility.load_case_visibility(tx, services, viewer, summary, now)
    page_reads.ask_existence_of_case(tx, summary, viewer.office, more)
    loaded = _load_if_kept(tx, services, rows)
    history = facts.of_case(tx, case_id)
    waiting = tasks.of_case(tx, case_id)
    people = {fact.actor for fact in history} | {t.claimed_by for t in waiting if t.claimed_by}
    officers = case_officers.of_case(tx, case_id).values()
    named = {*people, *officers}
    page_reads.ask_who(tx, summary, viewer.office, named, _reached_classes(visibility))
    directories = form_context.load_directories(tx, services, viewer.lang)
    return CaseView(
        services=services,
        viewer=viewer,
        now=now,
        case=summary,
        visibility=visibility,
        key=loaded.key if loaded is not None else None,
        loaded=loaded,
        answers=_reached_answers(tx, visibility, loaded),
        history=history,
        waiting=waiting,
        diagram=diagram_state.load_diagram_state(tx, services, case_id, now),
        places=offices.names(tx),
        names=accounts.names(tx, services, people),
        words=AnswerTexts(visibility.release, viewer, directories),
    )


def _load_if_kept(
    reader: Reader, services: Services, rows: case_rows.LoadedRows
) -> LoadedCase | None:
    """The loaded case; None when its key is gone, since its open columns can still be read."""
    try:
        return load_case(reader, services, rows)
    except CannotOpen:
        return None


def _reached_answers(
    reader: Reader, visibility: CaseVisibility, loaded: LoadedCase | None
) -> list[given_answers.GivenAnswer]:
    """Answers of the classes that some grant of the viewer reaches."""
    classes = _reached_classes(visibility)
    if loaded is None or not classes:
        return []
    return given_answers.load_answers(reader, loaded.key, loaded.case.id, classes)


def _reached_classes(visibility: CaseVisibility) -> set[str]:
    if not visibility.by_office:
        return set()
    grants = visibility.sight.grants_of(visibility.viewer)
    return {klass for grant in grants for klass in grant.classes}
