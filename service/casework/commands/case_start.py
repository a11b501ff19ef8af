"""The command that starts a case on the current release."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from service.access import Viewer, holds
from service.casework.casefile import form_context
from service.casework.cases import card_words, continuation, given_answers, protection, pseudonyms
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.casework.cases.turn import TurnResult
from service.casework.commands import complaints, party_binding
from service.casework.commands.party_binding import first_parties
from service.casework.commands.submitted_answers import check_answers
from service.casework.commands.task_completion import next_own_task
from service.casework.commands.turn_consequences import Origin, follow
from service.engine import Definition, Start
from service.errors import NotAllowed, NotFound
from service.forms import Form, Raw
from service.records.context import Services, actor
from service.records.ids import ulid
from service.release.prepared import PreparedRelease
from service.store.at_hand import AtHand, Read
from service.store.casefile import case_numbers, cases
from service.store.changes import Changes
from service.store.transaction import Tx
from service.store.writing import write

RECEIPT = "receipt."
"""Begins the property of a start event that is the one answer to who sends it."""


def unsent_key(element: str) -> str:
    """Key of what a person has typed for a start and not sent."""
    return f"start/{element}"


def start_case(
    tx: Tx,
    services: Services,
    by: Viewer,
    now: datetime,
    *,
    element: str,
    answers: Raw,
    ref: str = "",
    previous: str = "",
) -> TurnResult:
    """Start a case on the current release.

    Args:
        element: the start event.
        answers: as the browser sent them.
        ref: a pseudonym that was chosen beforehand, for the demo; else one is drawn.
        previous: an ended case that this one continues; kept sealed, and a line in both.
    Raises:
        NotFound: the current release has no such start, or there is no such ended case for `by`.
        NotAllowed: `by` holds none of its roles.
        InvalidAnswers: field by field; no case has begun.
    Source: BPMN 2.0.2, 13.5.1 (start events).
    """
    release = services.current(tx)
    definition = _definition_of(release, element)
    begins = definition.elements[element]
    if not holds(by, begins.roles):
        raise NotAllowed(why="role")
    before = continuation.find_ended_case(tx, services, by, previous, now) if previous else None
    form = form_context.require_form(release, begins.form)
    at_hand = tx.read(*_needs(services, form, by, release))
    checked = check_answers(at_hand, services, by, release, begins, None, answers, now)
    # the last of the load: who counts on has the counter locked
    row = _draw(tx, services, definition.process, release.id, by, now)
    case = replace(
        row,
        ref=ref or row.ref,
        marking=protection.marking_at_start(services.configuration(release), checked.answers),
    )
    tx.keep_case(case.id)
    changes = Changes.of(tx)
    loaded = _new_case(changes, services, definition, release, at_hand, case)
    # for the sender of a start with a receipt there is no case: who names nobody is not in the way
    # of who takes its first task
    heard = any(name.startswith(RECEIPT) for name in begins.properties)
    protection.record_start(changes, by=by, now=now, case=case, key=loaded.key, names=not heard)
    questions = services.configuration(release).named_fields.complaint
    barred = complaints.bar_at_start(
        *(changes, tx, services, questions, checked.answers),
        by=actor(by),
        now=now,
        case_id=case.id,
    )
    begun = (definition.process, by.office, checked.answers)
    bound, calendars = first_parties(at_hand, services, release, *begun)
    bound = {role: office for role, office in bound.items() if office not in barred.offices}
    of_form = card_words.without_words(services.vault, form, checked.answers)
    kept = {**of_form, **({continuation.PREVIOUS: previous} if previous else {})}
    sealed = given_answers.by_class(kept, release.fields)
    given = Submission(actor(by), now, element, 1, "", begins.form, sealed, parties=bound)
    at = element if element != definition.plain_start else None
    origin = Origin(by, checked, unsent_key(element), before)
    stimulus = Start(checked.routing, at, calendars)
    moved = follow(services, loaded, stimulus, given, origin, changes)
    write(tx, changes)
    return replace(moved.result, next_task=next_own_task(loaded, moved.result.opened, by))


def _needs(
    services: Services, form: Form | None, by: Viewer, release: PreparedRelease
) -> list[Read]:
    """What a start needs: the directories, of which offices get a role."""
    return [
        *party_binding.reads_of_binding(),
        *form_context.reads_of_check(services, release, form, by.lang),
    ]


def _definition_of(release: PreparedRelease, element: str) -> Definition:
    """The process of a release that has this start event.

    Raises:
        NotFound: none has.
    """
    for definition in release.definitions.values():
        if element in definition.starts:
            return definition
    raise NotFound


def _new_case(
    changes: Changes,
    services: Services,
    definition: Definition,
    release: PreparedRelease,
    at_hand: AtHand,
    case: cases.Case,
) -> LoadedCase:
    """Add the row of a new case and make its key; it has no state yet."""
    rows = cases.add(changes, case)
    keys = services.new_case_keys(changes, case.id)
    return LoadedCase(rows, keys, release, definition, b"", {}, at_hand)


def _draw(
    tx: Tx, services: Services, process: str, release_id: str, by: Viewer, now: datetime
) -> cases.Case:
    """The row of a new case, with the next number of the year and a pseudonym that no case has."""
    # the counter first: who draws a pseudonym has it locked, so that no two draw the same
    nth = case_numbers.next_of(tx, now.year)
    ref = pseudonyms.draw_pseudonym(
        services.programme.first_words,
        services.programme.second_words,
        lambda names: cases.taken(tx, names),
    )
    return cases.Case(
        id=ulid(now),
        ref=ref,
        number=f"{now.year}-{nth:04d}",
        process=process,
        release_id=release_id,
        rev=0,
        snapshot=None,
        stage="",
        station="",
        status="open",
        end="",
        inner_end="",
        marking=protection.USUAL,
        kind="case" if process == services.programme.process else "anonymous",
        next_due=None,
        started_by=by.office,
        opened_at=now,
        moved_at=now,
    )
