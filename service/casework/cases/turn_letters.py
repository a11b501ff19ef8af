"""Letters that a turn brings: to whom, in which language, and whether the consent they rest on is
live.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from service.binding import Letter
from service.casework.cases import consents
from service.casework.cases.loaded_case import LoadedCase, Submission
from service.errors import HandlerFailed
from service.records.context import Services
from service.release.programme.party_rules import parting_letters
from service.release.programme.reminder_rules import Reminders
from service.store.casefile.cases import Case
from service.store.changes import Changes
from service.store.installation import offices
from service.store.installation.offices import Office
from service.store.work import letters as letter_rows
from service.store.work.tasks import Task


@dataclass(frozen=True, slots=True)
class _Notice:
    """A letter before it has a row: the office, as the holder of which role, template, consent, and
    which letter about the same thing it is.
    """

    office: str
    role: str
    template: str
    needs_consent: str = ""
    number: int = 0


def add_letters(
    changes: Changes,
    services: Services,
    loaded: LoadedCase,
    case: Case,
    opened: Sequence[Task],
    holders: Mapping[str, str],
    submission: Submission,
) -> None:
    """Put into the outbox what a handler sends, a notice for every other office that got a task,
    and the last letter to an office that has lost its role.

    The key of a letter is made of case, fact and position, so that a repeated turn makes the same
    ones. A letter whose consent is not live has the state `held`. An office that did not know the
    case before this turn gets the letter about a new referral.

    Args:
        loaded: the case before the turn; `case` is its row after it.
        opened: tasks that are new.
        holders: role to office.
    Raises:
        HandlerFailed: a handler writes to a role that no office holds, or to an office without an
            address; better the case rests where an operator sees it than goes on as if the letter
            had been sent.
    """
    elsewhere = [t for t in opened if t.office_id not in (None, submission.by.office)]
    parting = _of_left(services, loaded, holders, submission)
    if not submission.letters and not elsewhere and not parting:
        return
    needs_consent = any(letter.needs_consent for letter in submission.letters)
    live = consents.live(loaded.at_hand, case.id, submission.now) if needs_consent else {}
    # of offices that get a role in this turn the directory was loaded
    known = offices.everyone(loaded.at_hand) if submission.parties else loaded.offices
    notices = [*parting, *_of_handler(submission.letters, holders, known)]
    written = {notice.office for notice in notices}
    seen = frozenset(grant.office_id for grant in loaded.grants)
    reminders = services.configuration(loaded.release).reminders
    notices += _of_tasks(reminders, elsewhere, written, seen)
    due = _first_due(opened)
    rows = [_row(case, n, notice, known, live, due, submission) for n, notice in enumerate(notices)]
    letter_rows.add(changes, rows)


def _row(
    case: Case,
    position: int,
    notice: _Notice,
    known: Mapping[str, Office],
    live: Collection[str],
    due: Mapping[str, datetime],
    submission: Submission,
) -> letter_rows.Letter:
    may_go = not notice.needs_consent or notice.needs_consent in live
    office = known.get(notice.office)
    return letter_rows.Letter(
        key=f"{case.id}:{case.rev}:{position}",
        case_id=case.id,
        office_id=notice.office,
        role=notice.role,
        template=notice.template,
        language=office.language if office is not None else "sv",
        params=_numbered(notice) | _by(due.get(notice.office), office),
        needs_consent=notice.needs_consent,
        made_at=submission.now,
        state="waiting" if may_go else "held",
    )


def _numbered(notice: _Notice) -> dict[str, object]:
    """Parameters of a letter: which one about the same thing it is, where that is counted."""
    return {"count": notice.number} if notice.number else {}


def _first_due(opened: Sequence[Task]) -> dict[str, datetime]:
    """When each office has to be done with the first task that it got."""
    due: dict[str, datetime] = {}
    for task in opened:
        if task.office_id is not None and task.due is not None:
            due[task.office_id] = min(task.due, due.get(task.office_id, task.due))
    return due


def _by(due: datetime | None, office: Office | None) -> dict[str, str]:
    """Parameters of a letter: until when its office has time, on the office's own clock."""
    if due is None or office is None or not office.zone:
        return {}
    there = due.astimezone(ZoneInfo(office.zone))
    return {
        "day": there.date().isoformat(),
        "time": there.strftime("%H:%M"),
        "place": office.zone.rpartition("/")[2].replace("_", " "),
    }


def _of_left(
    services: Services, loaded: LoadedCase, holders: Mapping[str, str], submission: Submission
) -> list[_Notice]:
    """The letter to each office that the rules of parties have just taken a role from."""
    rules, before = services.configuration(loaded.release).parties, loaded.parties
    answered = frozenset(key for given in submission.answers.values() for key in given)
    letters = parting_letters(rules, before, holders, answered)
    return [_Notice(before[role], role, template) for role, template in letters.items()]


def _of_handler(
    letters: Sequence[Letter], holders: Mapping[str, str], known: Mapping[str, Office]
) -> Iterator[_Notice]:
    for letter in letters:
        role, office = letter.role, holders.get(letter.role)
        if office is None:
            reason = "no office holds that role in this case"
            raise HandlerFailed(f"a letter is for {role}, and {reason}")
        if office in known and known[office].address is None:
            raise HandlerFailed(f"a letter is for {role}, and its office {office} has no address")
        yield _Notice(office, role, letter.template, letter.needs_consent, letter.number)


def _of_tasks(
    reminders: Reminders, tasks: Sequence[Task], written: Collection[str], seen: Collection[str]
) -> Iterator[_Notice]:
    """One notice for each office that got tasks, unless a handler writes to it anyway."""
    first: dict[str, Task] = {}
    for task in tasks:
        if task.office_id is not None and task.office_id not in written:
            first.setdefault(task.office_id, task)
    for office, task in first.items():
        template = reminders.opened_later if office in seen else reminders.opened_first
        yield _Notice(office, task.role, template)
