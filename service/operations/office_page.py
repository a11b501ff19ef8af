"""The figures of an office's page: its cases and tasks, and how long others take to answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median

from service.access import Viewer
from service.casework.cases import progress
from service.casework.tasks.inbox_list import desk_reader, today
from service.people import accounts
from service.people.absences import load_absences, reads_of_absences
from service.records.context import Services
from service.store.at_hand import AtHand
from service.store.installation import offices, people
from service.store.read_models import inbox, office_stats
from service.store.read_models.inbox import InboxFilter
from service.store.read_models.list_reader import InboxReader
from service.store.read_models.office_stats import EndingConsent
from service.store.tables.column_types import DISTANT
from service.store.transaction import Tx

SOON = timedelta(days=30)
"""How far ahead consents are shown that end."""
CONSENTS = 20
"""How many of them are shown."""
A_YEAR = timedelta(days=365)
"""How far back answered referrals are counted."""
MONTHS = (1, 2, 3)
"""Months ahead for which follow-ups are counted; a month is 30 days."""


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """The open cases that a person of the office handles, the tasks that she has claimed, and how
    many of them are late.
    """

    person: str
    name: str
    handled: int
    claimed: int
    late: int
    away_until: date | None


@dataclass(frozen=True, slots=True)
class WaitingOffice:
    """An office that cases of this one wait for, and for how many days the longest has."""

    office: str
    cases: int
    days: int


@dataclass(frozen=True, slots=True)
class AnswerTime:
    """How long an office takes to answer referrals: the median in days, and of how many.

    `days` is None where there are too few answers of another office to show.
    """

    office: str
    days: float | None
    answers: int


@dataclass(frozen=True, slots=True)
class OfficePage:
    """The figures of an office."""

    tasks: Mapping[str, int]
    """Lists of the inbox (`office`, `unclaimed`, `late`, `waiting`) to how many tasks they have."""
    stages: Mapping[str, int]
    """Stage to its open cases."""
    stopped: int
    """Cases with an open incident."""
    loads: tuple[PersonLoad, ...]
    waits: tuple[WaitingOffice, ...]
    follow_ups: Mapping[int, int]
    """Months ahead to the follow-ups that are due until then; empty when none is."""
    follow_up_stage: str
    """The stage in which cases are followed up; empty when nobody knows."""
    ending_consents: tuple[EndingConsent, ...]
    answer_times: tuple[AnswerTime, ...]


def load_office_page(tx: Tx, services: Services, viewer: Viewer, now: datetime) -> AtHand:
    """Load what the page of the viewer's office is made of."""
    reader, day = desk_reader(viewer, now), today(viewer, now)
    at_hand = tx.read(
        services.read_of_current,
        (offices.DIRECTORY, {}),
        *reads_of_absences(viewer.office),
        people.read_of_office(viewer.office),
        inbox.read_of_counts(reader, *_lists(now).values()),
        office_stats.read_of_people(reader),
        office_stats.read_of_waits(reader),
        office_stats.read_of_incidents(reader),
        office_stats.read_of_consents(reader, day, day + SOON, CONSENTS),
        office_stats.read_of_stages(reader),
        (office_stats.ANSWERED, {"since": now - A_YEAR}),
    )
    services.prepare_current(tx, at_hand)
    step = services.current_configuration(at_hand).named_fields.follow_up
    at_hand.take(tx.read(office_stats.read_of_due(reader, step, *_bounds(now))))
    return at_hand


def office_page(
    at_hand: AtHand, services: Services, viewer: Viewer, now: datetime, *, least: int
) -> OfficePage:
    """The figures of the viewer's office.

    Args:
        at_hand: as `load_office_page` gives it.
        least: answers of another office below which its answer time is not shown, so that
            nothing is known of a single one.
    """
    office = viewer.office
    day = today(viewer, now)
    reader = desk_reader(viewer, now)
    known = offices.everyone(at_hand)
    waits = office_stats.waits(at_hand, reader)
    ending = office_stats.consents_ending(
        at_hand, reader, today=day, until=day + SOON, limit=CONSENTS
    )
    return OfficePage(
        tasks=inbox.counts(at_hand, reader, _lists(now)),
        stages=_stages(at_hand, services, reader),
        stopped=office_stats.incidents(at_hand, reader),
        loads=_loads(at_hand, services, viewer, now),
        waits=tuple(
            WaitingOffice(known[w.office].name, w.cases, max(0, (now - w.since).days))
            for w in waits
            if w.office in known
        ),
        follow_ups=_follow_ups(at_hand, services, reader),
        follow_up_stage=_follow_up_stage(at_hand, services),
        ending_consents=tuple(ending),
        answer_times=_answer_times(
            office_stats.answered(at_hand, since=now - A_YEAR), office, known, least
        ),
    )


def _lists(now: datetime) -> Mapping[str, InboxFilter]:
    """The lists of the inbox that are counted."""
    return {
        "office": InboxFilter(),
        "unclaimed": InboxFilter("unclaimed"),
        "late": InboxFilter(before=now),
    }


def _loads(
    at_hand: AtHand, services: Services, viewer: Viewer, now: datetime
) -> tuple[PersonLoad, ...]:
    """Everybody of the office, also those with nothing; who has most that is late comes first."""
    known = dict(accounts.colleagues(at_hand, services, viewer.office))
    counts = office_stats.people(at_hand, desk_reader(viewer, now), persons=known)
    away = load_absences(at_hand, viewer.office, now)

    def load(person: str, name: str) -> PersonLoad:
        own = counts[person]
        return PersonLoad(person, name, own.handled, own.claimed, own.late, away.until(person))

    found = [load(*pair) for pair in known.items()]
    return tuple(sorted(found, key=lambda load: (-load.late, -load.claimed, load.name)))


def _bounds(now: datetime) -> list[datetime]:
    """Until when each number of follow-ups is counted; the last counts all."""
    return [*(now + timedelta(days=30 * month) for month in MONTHS), DISTANT]


def _follow_ups(at_hand: AtHand, services: Services, reader: InboxReader) -> Mapping[int, int]:
    step = services.current_configuration(at_hand).named_fields.follow_up
    *due, ever = office_stats.due_in(at_hand, reader, element=step, bounds=_bounds(reader.now))
    return dict(zip(MONTHS, due, strict=True)) if ever else {}


def _stages(at_hand: AtHand, services: Services, reader: InboxReader) -> dict[str, int]:
    """Stage to open cases; those that have reached none are in the first."""
    counted = office_stats.stages(at_hand, reader)
    first = services.current_configuration(at_hand).vocabulary.first_stage
    none = counted.pop("", 0)
    return {**counted, first: counted.get(first, 0) + none}


def _follow_up_stage(at_hand: AtHand, services: Services) -> str:
    if services.has_no_release(at_hand):
        return ""
    step = services.current_configuration(at_hand).named_fields.follow_up
    drawn = services.current(at_hand).definitions.values()
    holding = (found for found in drawn if step in found.elements)
    stages = (progress.stages(found).get(step, "") for found in holding)
    return next((stage for stage in stages if stage), "")


def _answer_times(
    answered: Sequence[office_stats.AnsweredReferral],
    own: str,
    known: Mapping[str, offices.Office],
    least: int,
) -> tuple[AnswerTime, ...]:
    """Answer times of the offices that answered, the viewer's own office first."""
    answering = {referral.office for referral in answered} & known.keys()
    rows = []
    for office in sorted(answering, key=lambda id_: (id_ != own, known[id_].name)):
        days = [
            (referral.answered_at - referral.sent_at) / timedelta(days=1)
            for referral in answered
            if referral.office == office
        ]
        few = office != own and len(days) < least
        rows.append(AnswerTime(known[office].name, None if few else median(days), len(days)))
    return tuple(rows)
