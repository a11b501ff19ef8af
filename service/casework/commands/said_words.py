"""The worker finds the case of two words that somebody said, and brings there what she says.

A call to any office begins a case of its own, whatever the words are; so whoever typed them learns
nothing. What follows is drawn: in the case that the words find, which gets a message, and in the
case of the call, which goes on alone where they find none. Source: decisions/0113.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from service.access import CLASSES
from service.casework.cases import card_words, continuation, given_answers, protection
from service.casework.cases.card_words import SaidWords
from service.casework.cases.continuation import EndedCase
from service.casework.cases.loaded_case import LoadedCase, Submission, load_case
from service.casework.cases.turn import TurnResult
from service.casework.commands import complaints
from service.casework.commands.job_commands import load_job
from service.casework.commands.turn_consequences import Origin, follow, reads_of_follow
from service.engine import Answer, Message, waiting_messages
from service.people.rate_limits import count_wrong_words
from service.records.context import WORKER, Actor, Services
from service.store.casefile import facts, word_pairs
from service.store.changes import Changes
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.writing import write

TOPIC: Final = "words.find"
"""Topic of the step that finds the case."""
OPEN, ENDED, NONE = "OPEN", "ENDED", "NONE"
"""What the step answers: the open case has the message; the found case takes none, and the call
continues it; the words find nothing, or none were said."""
CLASS: Final = "C3"


@dataclass(frozen=True, slots=True)
class _Found:
    """The case that words find."""

    case: LoadedCase
    printed: bool
    """Whether they were said in the order on the card."""


def deliver_words(tx: Tx, services: Services, now: datetime, *, job_key: str) -> TurnResult:
    """Do the step that finds the case of the words: both cases go on in one transaction.

    Raises:
        TaskClosed: the job is gone.   CaseMoved: somebody was faster in one of the two.
        CannotOpen: one of the two cannot be read.
    """
    job, loaded = load_job(tx, services, job_key)
    at_hand = tx.read(*facts.reads_of_answers(loaded.case.id, CLASSES))
    said = {
        answer.key: answer.value
        for answer in given_answers.load_answers(at_hand, loaded.keys, loaded.case.id)
    }
    words = card_words.words_of(said.values())
    found = _find(tx, services, words) if words is not None else None
    wrong = 0
    if words is not None and found is None:
        wrong = _count_wrong(tx, services, loaded, now)
    if found is not None:
        loaded = _marked(tx, loaded, found, now)
    names = services.configuration(loaded.release).named_fields.words
    if found is None:
        answer = NONE
    elif said.get(names.said) in names.apart:
        answer = _keep_apart(tx, services, loaded, found, said, now)
    else:
        answer = _bring(tx, services, loaded, found, said, now)
    changes, given = Changes.of(tx), Submission(WORKER, now, job.element, job.nth, job.work_id)
    stimulus = Answer(job.work_id, {names.found: answer, names.wrong: wrong})
    moved = follow(services, loaded, stimulus, given, Origin(), changes)
    write(tx, changes)
    return moved.result


def _find(tx: Tx, services: Services, words: SaidWords) -> _Found | None:
    """The case of two words; None when no live pair has them, or it cannot be read any more."""
    row = word_pairs.by_digest(tx, words.pair)
    if row is None or row.ended_at is not None:
        return None
    found = turn_rows.read_of_case(tx, row.case_id)
    if found is None or services.case_keys(found[1], row.case_id).own is None:
        return None
    rows, at_hand = found
    services.release(tx, rows.case.release_id)
    loaded = load_case(at_hand, services, rows)
    if needs := reads_of_follow(loaded):
        loaded.take(tx.read(*needs))
    return _Found(loaded, printed=words.order == row.printed)


def _marked(tx: Tx, call: LoadedCase, found: _Found, now: datetime) -> LoadedCase:
    """The call, protected as the case that was found: who takes a task of it sees that first."""
    marking = found.case.case.marking
    case = protection.mark_as_found(
        tx, by=WORKER, now=now, case=call.case, key=call.key, found=marking
    )
    return replace(call, rows=replace(call.rows, case=case))


def _bring(
    tx: Tx,
    services: Services,
    call: LoadedCase,
    found: _Found,
    said: Mapping[str, Any],
    now: datetime,
) -> str:
    """Bring what she says into the case that was found, or link the call with it."""
    case = found.case
    named = services.configuration(case.release).named_fields
    words = named.words
    if case.case.status == "ended" or not _waits(case, words.message):
        new, old = EndedCase(call.case.id, call.key), EndedCase(case.case.id, case.key)
        continuation.link_cases(tx, by=WORKER, new=new, old=old, now=now)
        return ENDED
    values = {
        words.said: said.get(words.said),
        words.printed: found.printed,
        words.at: now.isoformat(),
    }
    kept = {key: said[key] for key in words.kept if said.get(key)}
    owner = named.duties.holder(named.duties.owner, case.parties) or case.case.started_by
    given = Submission(
        Actor(WORKER.id, owner),
        now,
        case.definition.messages[words.message][0],
        1,
        form=call.definition.elements[call.definition.plain_start].form,
        answers=given_answers.by_class(kept, case.release.fields),
    )
    changes = Changes.of(tx)
    follow(services, case, Message(words.message, values), given, Origin(), changes)
    write(tx, changes)
    return OPEN


def _keep_apart(
    tx: Tx,
    services: Services,
    call: LoadedCase,
    found: _Found,
    said: Mapping[str, Any],
    now: datetime,
) -> str:
    """A complaint is no line in the case that it is about: the call alone names that case, and is
    barred to whom it means there.
    """
    case = found.case
    questions = services.configuration(call.release).named_fields.complaint
    new, old = EndedCase(call.case.id, call.key), EndedCase(case.case.id, case.key)
    complaints.bar_in_case(
        tx, services, questions, said, case.parties, now=now, case_id=call.case.id
    )
    continuation.name_earlier(tx, by=WORKER, new=new, old=old, now=now)
    return ENDED


def _waits(case: LoadedCase, message: str) -> bool:
    """Whether the case can be given the message: its release draws it, and it waits there."""
    if message not in case.definition.messages:
        return False
    return any(work.what == message for work in waiting_messages(case.definition, case.state))


def _count_wrong(tx: Tx, services: Services, call: LoadedCase, now: datetime) -> int:
    """How many calls of this office have had words today that find nothing, with this one."""
    zone = ZoneInfo(call.definition.calendar.zone.key)
    midnight = now.astimezone(zone).replace(hour=0, minute=0, second=0, microsecond=0)
    return count_wrong_words(
        tx,
        services,
        office=call.case.started_by,
        now=now,
        since=midnight - timedelta(microseconds=1),
    )
