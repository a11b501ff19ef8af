"""The view of a case for one viewer: what she may see of it, its state, and the texts in her
language.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from service.access import Viewer
from service.casework.approvals import unmasking
from service.casework.approvals.unmasking import OpenUnmasking
from service.casework.casefile import diagram_state, form_context
from service.casework.casefile.answer_text import AnswerTexts
from service.casework.cases import case_visibility, given_answers
from service.casework.cases.case_visibility import CaseVisibility
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.errors import CannotOpen, NotFound
from service.forms import Field, Form
from service.people import absences, accounts
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.release.labels import element_name
from service.release.programme.process_configuration import ProcessConfiguration
from service.security.vault import OwnerKey
from service.store.at_hand import AtHand, Read, Reader
from service.store.casefile import (
    case_officers,
    documents,
    facts,
    notes,
    referrals,
)
from service.store.casefile import cases as case_rows
from service.store.installation import keys, offices, people, releases
from service.store.transaction import Tx
from service.store.work import incidents, jobs, letters, tasks
from service.text import say


@dataclass(frozen=True)
class CaseView:
    """Everything that a case page needs for one viewer.

    Answers are opened only of the classes that some grant of hers reaches.
    """

    services: Services
    viewer: Viewer
    now: datetime
    at_hand: AtHand
    """The rows that were loaded; who draws the page asks nothing more."""
    case: case_rows.CaseSummary
    visibility: CaseVisibility
    key: OwnerKey | None
    """The case's own key; None once something of the case is erased, so that nobody acts on it."""
    keys: CaseKeys
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
    opened: OpenUnmasking | None = None
    """What a second person has opened to her in it, where the page shows it."""

    @cached_property
    def newest(self) -> Mapping[str, given_answers.GivenAnswer]:
        """The last answer of each key, as far as it was opened."""
        return given_answers.newest(self.answers)

    @cached_property
    def before(self) -> Mapping[str, Sequence[Any]]:
        """Every answer of each key, oldest first, as far as the viewer may reach it."""
        return given_answers.series(self.answers)

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
    unmasks: bool = False,
) -> CaseView:
    """Load the view of a case for one viewer: what she may see of it, and then the rest.

    A transaction that writes locks the case.

    Args:
        more: what is read besides, once it is open to her.
        unmasks: whether an ended case shows what a second person has opened to her in it; whoever
            draws it records the look with the number of `CaseView.opened`.
    Raises:
        NotFound: there is none, or none for this viewer.
        ReasonNeeded: she must say first why she opens it.
    """
    read = case_rows.read_of_case(tx, case_id)
    at_hand = tx.read(read, *_reads_of_sight(case_id))
    rows = case_rows.of_read(at_hand, read)
    if rows is None or rows.case.kind == case_rows.PATH:
        raise NotFound  # its path is on pages of audit alone
    if tx.locks:
        tx.keep_case(case_id)
    services.release(tx, rows.case.release_id)
    visibility = case_visibility.load_case_visibility(at_hand, services, viewer, rows.case, now)
    opened = unmasking.load_reopened(tx, services, visibility, rows.case, now) if unmasks else None
    visibility = unmasking.widened(visibility, opened)
    unlocked = unmasking.load_unlocked(tx, visibility, rows.case, now)
    visibility = unmasking.unlocked(visibility, unlocked)
    named = _people(at_hand, case_id) | _authors(at_hand, visibility)
    known = people.reads_of(at_hand, named - accounts.NOBODY)
    at_hand.take(tx.read(*_reads_of_view(visibility, rows.case), *known, *more))
    people.of(at_hand, named - accounts.NOBODY)
    people.of_office(at_hand, viewer.office)
    for fact in facts.of_case(at_hand, case_id):
        services.release(tx, fact.release_id)
    return _view(at_hand, services, visibility, rows, now, opened or unlocked)


def _reads_of_sight(case_id: str) -> list[Read]:
    """What decides whether a case is open to somebody, and what names the people of its page."""
    of_case = {"case_id": case_id}
    named = (case_officers.OF_CASE, of_case), (notes.OF_CASE, of_case)
    return [*case_visibility.reads_of_visibility(case_id), *named]


def _reads_of_view(visibility: CaseVisibility, case: case_rows.CaseSummary) -> list[Read]:
    """What every page of a case reads once it is open to the viewer."""
    viewer, of_case = visibility.viewer, {"case_id": case.id}
    return [
        *((one.OF_CASE, of_case) for one in (referrals, documents, incidents)),
        jobs.read_of_case(case.id),
        (letters.COUNT_OF_CASE, of_case),
        keys.read_of_case(case.id),
        (releases.PUBLISHED_AT, {"id": case.release_id}),
        *absences.reads_of_absences(viewer.office),
        *form_context.reads_of_directories(),
        (people.OF_OFFICE, {"office": viewer.office}),
        *facts.reads_of_answers(case.id, _reached_classes(visibility)),
    ]


def _people(reader: Reader, case_id: str) -> set[str]:
    """Who moved a case, has claimed a task of it, or handles it."""
    moved = {fact.actor for fact in facts.of_case(reader, case_id)}
    claimed = {task.claimed_by for task in tasks.of_case(reader, case_id) if task.claimed_by}
    return {*moved, *claimed, *case_officers.of_case(reader, case_id).values()}


def _authors(reader: Reader, visibility: CaseVisibility) -> set[str]:
    """Who wrote the notes of a case that the viewer may read."""
    if not (visibility.by_office and visibility.is_named):
        return set()
    viewer, case_id = visibility.viewer, visibility.sight.case
    found = notes.of_case(reader, case_id, office=viewer.office, roles=viewer.lane_roles)
    return {note.by for note in found}


def _view(
    at_hand: AtHand,
    services: Services,
    visibility: CaseVisibility,
    rows: case_rows.LoadedRows,
    now: datetime,
    opened: OpenUnmasking | None,
) -> CaseView:
    viewer, case = visibility.viewer, rows.case
    loaded = _load_if_kept(at_hand, services, rows)
    of_case = services.case_keys(at_hand, case.id)
    directories = form_context.load_directories(at_hand, services, viewer.lang)
    return CaseView(
        services=services,
        viewer=viewer,
        now=now,
        at_hand=at_hand,
        case=case,
        visibility=visibility,
        key=loaded.key if loaded is not None else None,
        keys=of_case,
        loaded=loaded,
        answers=_reached_answers(at_hand, visibility, of_case),
        history=facts.of_case(at_hand, case.id),
        waiting=tasks.of_case(at_hand, case.id),
        diagram=diagram_state.load_diagram_state(at_hand, services, case, now),
        places=offices.names(at_hand),
        names=accounts.names(at_hand, services, _people(at_hand, case.id)),
        words=AnswerTexts(visibility.release, viewer, directories),
        opened=opened,
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
    reader: Reader, visibility: CaseVisibility, of_case: CaseKeys
) -> list[given_answers.GivenAnswer]:
    """Answers of the classes that some grant of the viewer reaches."""
    classes = _reached_classes(visibility)
    return given_answers.load_answers(reader, of_case, of_case.case_id, classes)


def _reached_classes(visibility: CaseVisibility) -> set[str]:
    if not visibility.by_office:
        return set()
    grants = visibility.sight.grants_of(visibility.viewer)
    unmasked = visibility.sight.unmasked.get(visibility.viewer.person, frozenset())
    return {klass for grant in grants for klass in grant.classes} | unmasked
