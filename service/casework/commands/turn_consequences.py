"""Consequences of a turn outside the engine: consents, referrals, links, unsent answers.

One list for every command, applied in its order after the turn is written and before the
transaction commits. A consequence looks at what the command brought and does nothing where it is
not concerned.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from service.access import Viewer
from service.casework.cases import consents, continuation, given_answers, unsent_files
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.casework.cases.turn import TurnResult, turn
from service.casework.commands.submitted_answers import NO_ANSWERS
from service.casework.referrals import lifecycle
from service.engine import Complete, Stimulus
from service.forms import CheckedAnswers
from service.records.context import Services
from service.store.changes import Writer
from service.store.transaction import Tx
from service.store.work import unsent_answers


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a turn came from: a person with the answers of her form; empty for clock and worker."""

    by: Viewer | None = None
    checked: CheckedAnswers = NO_ANSWERS
    unsent_key: str = ""
    """Key of the unsent answers that were sent with this command."""
    previous: str = ""
    """Id of an ended case that the new one continues."""


@dataclass(frozen=True, slots=True)
class TurnDone:
    """A turn that was written, with what led to it."""

    loaded: LoadedCase
    """The case as it was before the turn."""
    stimulus: Stimulus
    submission: Submission
    result: TurnResult
    origin: Origin


def take_turn(
    tx: Tx,
    services: Services,
    loaded: LoadedCase,
    stimulus: Stimulus,
    submission: Submission,
    origin: Origin,
) -> TurnResult:
    """Run one turn of a case, and then each consequence.

    Raises:
        Whatever `turn` raises.
    """
    result = turn(tx, services, loaded, stimulus, submission)
    done = TurnDone(loaded, stimulus, submission, result, origin)
    for consequence in CONSEQUENCES:
        consequence(tx, services, done)
    return result


def end_referrals(tx: Tx, _services: Services, done: TurnDone) -> None:
    """End the referrals of a case that has ended."""
    if done.result.ended:
        given = done.submission
        lifecycle.end_with_case(tx, done.result.case_id, by=given.by, now=given.now)


def keep_consents(writer: Writer, services: Services, done: TurnDone) -> None:
    """Keep the consents that the form brought."""
    by, brought = done.origin.by, done.origin.checked.consents
    if by is not None and brought:
        consents.give(
            writer,
            services.configuration(done.loaded.release),
            by=by.person,
            now=done.submission.now,
            key=done.loaded.key,
            case_id=done.result.case_id,
            given=brought,
            rev=done.result.rev,
        )


def withdraw_consents(tx: Tx, services: Services, done: TurnDone) -> None:
    """Take back the consents whose purposes the form names."""
    consents.withdraw_by_answers(
        tx,
        services.configuration(done.loaded.release),
        now=done.submission.now,
        case_id=done.result.case_id,
        answers=done.origin.checked.answers,
        rev=done.result.rev,
    )


def link_continuation(tx: Tx, services: Services, done: TurnDone) -> None:
    """Write into both histories that a new case continues an ended one."""
    by, previous = done.origin.by, done.origin.previous
    if by is not None and previous:
        continuation.link_cases(
            tx, services, by=by, new=done.result.case_id, old=previous, now=done.submission.now
        )


def follow_referrals(tx: Tx, services: Services, done: TurnDone) -> None:
    """Send or settle the referral of a completed step."""
    if isinstance(done.stimulus, Complete):
        given = done.submission
        lifecycle.follow_completed_step(
            tx,
            services,
            by=given.by,
            now=given.now,
            case_id=done.result.case_id,
            release_id=done.loaded.case.release_id,
            element=given.element,
            answers=given.answers,
            opened=done.result.opened,
        )


def drop_unsent_answers(writer: Writer, _services: Services, done: TurnDone) -> None:
    """Drop what the person had typed into the form that she has now sent."""
    by, key = done.origin.by, done.origin.unsent_key
    if by is not None and key and done.loaded.rows.may_have_unsent:
        unsent_answers.drop(writer, key, by.person)


def delete_unsent_files(tx: Tx, _services: Services, done: TurnDone) -> None:
    """Delete the files of the tasks that are over now, without those that an answer names: they
    were unticked, or nobody sent the form.
    """
    if done.result.files:
        sent = set(given_answers.texts_of(done.origin.checked.answers))
        left = [id_ for id_ in done.result.files if id_ not in sent]
        given = done.submission
        unsent_files.delete(tx, by=given.by, now=given.now, ids=left)


CONSEQUENCES: Final[tuple[Callable[[Tx, Services, TurnDone], None], ...]] = (
    end_referrals,
    keep_consents,
    withdraw_consents,
    link_continuation,
    follow_referrals,
    drop_unsent_answers,
    delete_unsent_files,
)
"""In this order: a referral that a step sends rests on the consents that came with it."""
