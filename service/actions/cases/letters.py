"""Letters that a turn brings: to whom, in which language, and whether the consent they rest on is
live.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from service.actions.programme.configuration import Programme
from service.binding import Letter
from service.errors import HandlerFailed
from service.store.casefile.cases import Case
from service.store.installation.offices import Office
from service.store.work import letters as letter_rows
from service.store.work.tasks import Task


def letters_of(
    programme: Programme,
    case: Case,
    sent: Sequence[Letter],
    elsewhere: Sequence[Task],
    parties: Mapping[str, str],
    offices: Mapping[str, Office],
    live: Collection[str],
    seen: Collection[str],
    now: datetime,
) -> list[letter_rows.Letter]:
    """Rows for the outbox, one an office and template, keyed by case, fact and position so that a
    repeated turn makes the same ones.

    Args:
        sent: letters of the handler that answered.
        elsewhere: tasks that opened at other offices than the one that acted; each office is told
            once, unless a handler writes to it anyway.
        live: purposes whose consent is live; a letter that rests on another is held.
        seen: offices that knew the case before this turn; any other is told of a new referral.
    Raises:
        HandlerFailed: a handler writes to a role that no office holds, or to an office without an
            address; better the case rests where an operator
            sees it than goes on as if somebody had been told.
    """
    wanted: list[tuple[str, str, str, str]] = []
    for letter in sent:
        office = parties.get(letter.role)
        if office is None:
            raise HandlerFailed(
                f"a letter is for {letter.role}, and no office holds that role in this case"
            )
        if office in offices and offices[office].address is None:
            raise HandlerFailed(
                f"a letter is for {letter.role}, and its office {office} has no address"
            )
        wanted.append((office, letter.role, letter.template, letter.needs_consent))
    told = {office for office, *_ in wanted}
    for task in elsewhere:
        if task.office_id is not None and task.office_id not in told:
            told.add(task.office_id)
            template = (
                programme.reminders.opened_later
                if task.office_id in seen
                else programme.reminders.opened_first
            )
            wanted.append((task.office_id, task.role, template, ""))
    return [
        letter_rows.Letter(
            key=f"{case.id}:{case.rev}:{position}",
            case_id=case.id,
            office_id=office,
            role=role,
            template=template,
            language=offices[office].language if office in offices else "sv",
            params={},
            needs_consent=purpose,
            made_at=now,
            state="held" if purpose and purpose not in live else "waiting",
        )
        for position, (office, role, template, purpose) in enumerate(wanted)
    ]
