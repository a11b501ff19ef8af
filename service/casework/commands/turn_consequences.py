"""Consequences of a turn outside the engine: consents, referrals, links, unsent answers.

One list for every command, applied in its order to what the turn came to. A consequence looks at
what the command brought and does nothing where it is not concerned. Like the turn it asks nothing
and writes nothing: it adds to the changes of the act.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from service.access import Viewer
from service.casework.cases import consents, continuation, given_answers, unsent_files
from service.casework.cases.continuation import EndedCase
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.casework.cases.turn import MovedCase, TurnResult, turn
from service.casework.commands.submitted_answers import NO_ANSWERS
from service.casework.referrals import lifecycle
from service.engine import Complete, Element, Stimulus
from service.forms import CheckedAnswers, Form
from service.records.context import Services, actor
from service.release.programme.process_configuration import ProcessConfiguration
from service.store.at_hand import Read
from service.store.casefile import consents as consent_rows
from service.store.casefile import documents, named_persons, referrals
from service.store.casefile.consents import Consent
from service.store.changes import Changes
from service.store.work import incidents, unsent_answers


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a turn came from: a person with the answers of her form; empty for clock and worker."""

    by: Viewer | None = None
    checked: CheckedAnswers = NO_ANSWERS
    unsent_key: str = ""
    """Key of the unsent answers that were sent with this command."""
    previous: EndedCase | None = None
    """An ended case that the new one continues."""


@dataclass(slots=True)
class TurnDone:
    """A turn, with what led to it."""

    loaded: LoadedCase
    """The case as it was before the turn."""
    stimulus: Stimulus
    submission: Submission
    turn: MovedCase
    origin: Origin
    brought: Sequence[Consent] = ()
    """Consents that came with it."""
    consents: Sequence[Consent] | None = None
    """All consents of the case after it, where it took some back."""

    @property
    def result(self) -> TurnResult:
        """What the turn came to."""
        return self.turn.result

    def all_consents(self) -> Sequence[Consent]:
        """Every consent of the case after the turn."""
        if self.consents is not None:
            return self.consents
        before = consent_rows.of_case(self.loaded.at_hand, self.loaded.case.id)
        return [*before, *self.brought]


def reads_of_follow(loaded: LoadedCase) -> list[Read]:
    """What `follow` reads of whatever comes of a turn; every turn reads more."""
    case_id = loaded.case.id
    wanted = (
        (referrals.OF_CASE, loaded.rows.has_referrals),
        (incidents.OF_CASE, loaded.rows.has_incidents),
        (documents.OF_CASE, bool(loaded.work.files)),
    )
    return [(statement, {"case_id": case_id}) for statement, is_any in wanted if is_any]


def reads_of_step(
    configuration: ProcessConfiguration, loaded: LoadedCase, element: Element, form: Form | None
) -> list[Read]:
    """What `follow` reads of a step that a person completes."""
    of_case, reads = {"case_id": loaded.case.id}, list[Read]()
    withdraws = form is not None and configuration.named_fields.answers.purposes_withdrawn in {
        field.key for field in form.fields
    }
    refers = element.id in configuration.grants.referrals
    if withdraws or refers:
        reads.append((consent_rows.OF_CASE, of_case))
    if refers:
        reads.append((named_persons.OF_CASE, of_case))
    return reads


def follow(
    services: Services,
    loaded: LoadedCase,
    stimulus: Stimulus,
    submission: Submission,
    origin: Origin,
    changes: Changes,
) -> MovedCase:
    """Decide one turn of a case, and then each consequence; `changes` get all of it.

    Raises:
        Whatever `turn` raises.
    """
    moved = turn(services, loaded, stimulus, submission, changes)
    done = TurnDone(loaded, stimulus, submission, moved, origin)
    for consequence in CONSEQUENCES:
        consequence(services, done, changes)
    return moved


def end_referrals(services: Services, done: TurnDone, changes: Changes) -> None:
    """End the referrals of a case that has ended, or went on without their answer."""
    if not done.loaded.rows.has_referrals:
        return
    given = done.submission
    completed = given.element if isinstance(done.stimulus, Complete) else ""
    by, now, before = given.by, given.now, done.loaded
    if done.result.ended:
        lifecycle.end_with_case(changes, services, before, by=by, now=now, completed=completed)
    else:
        after = done.turn.after
        lifecycle.end_left_behind(
            changes, services, before, after, by=by, now=now, completed=completed
        )


def keep_consents(services: Services, done: TurnDone, changes: Changes) -> None:
    """Keep the consents that the form brought."""
    by, brought = done.origin.by, done.origin.checked.consents
    if by is not None and brought:
        done.brought = consents.give(
            changes,
            services.configuration(done.loaded.release),
            by=by.person,
            now=done.submission.now,
            key=done.loaded.keys.for_writing(changes, by.office, consents.WORDS),
            case_id=done.result.case_id,
            given=brought,
            rev=done.result.rev,
        )


def withdraw_consents(services: Services, done: TurnDone, changes: Changes) -> None:
    """Take back the consents whose purposes the form names."""
    done.consents = consents.withdraw_by_answers(
        changes,
        services.configuration(done.loaded.release),
        now=done.submission.now,
        rows=done.all_consents,
        answers=done.origin.checked.answers,
        rev=done.result.rev,
    )


def link_continuation(_services: Services, done: TurnDone, changes: Changes) -> None:
    """Write into both histories that a new case continues an ended one."""
    by, previous = done.origin.by, done.origin.previous
    if by is not None and previous is not None:
        new = EndedCase(done.result.case_id, done.loaded.key)
        continuation.link_cases(
            changes, by=actor(by), new=new, old=previous, now=done.submission.now
        )


def follow_referrals(services: Services, done: TurnDone, changes: Changes) -> None:
    """Send or settle the referral of a completed step."""
    if isinstance(done.stimulus, Complete):
        lifecycle.follow_completed_step(
            changes,
            services,
            loaded=done.loaded,
            after=done.turn.after,
            submission=done.submission,
            opened=done.result.opened,
            consents=done.all_consents,
        )


def drop_unsent_answers(_services: Services, done: TurnDone, changes: Changes) -> None:
    """Drop what the person had typed into the form that she has now sent."""
    by, key = done.origin.by, done.origin.unsent_key
    if by is not None and key and done.loaded.rows.may_have_unsent:
        unsent_answers.drop(changes, key, by.person)


def delete_unsent_files(_services: Services, done: TurnDone, changes: Changes) -> None:
    """Delete the files of the tasks that are over now, without those that an answer names: they
    were unticked, or nobody sent the form.
    """
    if done.result.files:
        sent = set(given_answers.texts_of(done.origin.checked.answers))
        left = [id_ for id_ in done.result.files if id_ not in sent]
        given = done.submission
        unsent_files.delete(changes, done.loaded.documents, by=given.by, now=given.now, ids=left)


CONSEQUENCES: Final[tuple[Callable[[Services, TurnDone, Changes], None], ...]] = (
    end_referrals,
    keep_consents,
    withdraw_consents,
    link_continuation,
    follow_referrals,
    drop_unsent_answers,
    delete_unsent_files,
)
"""In this order: a referral that a step sends rests on the consents that came with it."""
