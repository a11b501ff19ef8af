"""Reads of the page of a task, asked together.

Each function of the store goes on reading for itself; here stands what is asked ahead, so that a
page costs PostgreSQL few round trips. What is missing here costs one more.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TYPE_CHECKING

from service.store.ahead.existence import ask_existence
from service.store.ahead.people_reads import ask_office_and
from service.store.casefile import (
    cases,
    consents,
    documents,
    facts,
    grants,
    notes,
    parties,
    referrals,
)
from service.store.installation import (
    absences,
    ledger_entries,
    offices,
    people,
    releases,
)
from service.store.work import tasks, unsent_answers

if TYPE_CHECKING:
    from service.store.at_hand import Read
    from service.store.transaction import Tx


def ask_of_task(
    tx: Tx, task_key: str, case_id: str, office: str, person: str, more: Collection[Read]
) -> None:
    """Ask in one round trip what the page of an open task reads, when its case is loaded.

    Args:
        office: the reader's; `person` is the reader.
        more: what this page reads besides.
    """
    tx.ahead(
        (cases.GET, {"id": case_id}),
        *_of_every_page(case_id, office),
        *facts.reads_of_answers(case_id, facts.COLUMN),
        (unsent_answers.GET, {"key": task_key, "person_id": person}),
        *more,
    )


def ask_existence_of_task(
    tx: Tx, task_key: str, case_id: str, office: str, person: str, more: Collection[Read]
) -> None:
    """The same of an open task and its case."""
    if not tx.locks:
        unsent = unsent_answers.GET, {"key": task_key, "person_id": person}
        ask_existence(tx, (*_mostly_none(case_id, office), unsent, *more))


def ask_who(
    tx: Tx, case: cases.CaseSummary, office: str, people_: Collection[str], classes: Collection[str]
) -> None:
    """Ask in one round trip what is known to be read once a case is there: names of people,
    answers, its release, and where its read log ends.

    Args:
        office: the reader's, whose people are read with the others.
        classes: of the answers that the reader may see.
    """
    tx.ahead(
        *people.reads_of(tx, people_),
        *facts.reads_of_answers(case.id, classes),
        (releases.PUBLISHED_AT, {"id": case.release_id}),
        *(ledger_entries.reads_of_end(f"reads/{case.id}") if tx.write else ()),
    )
    if tx.postgres:
        people.of(tx, people_)  # now, since who reads some of them by their office asks for fewer
    elif not tx.locks:
        ask_office_and(tx, office, people_)


def _of_every_page(case_id: str, office: str) -> Iterator[Read]:
    of_case = {"case_id": case_id}
    yield facts.OF_CASE, {**of_case, "after": 0}
    for statement in (parties.OF_CASE, grants.OF_CASE, consents.OF_CASE, tasks.OF_ONE_CASE):
        yield statement, of_case
    yield from _mostly_none(case_id, office)
    yield offices.DIRECTORY, {}
    yield people.ROLES_OF_OFFICES, {}
    yield people.OF_OFFICE, {"office": office}


def _mostly_none(case_id: str, office: str) -> Iterator[Read]:
    """What every page reads, and what mostly has no row."""
    of_case = {"case_id": case_id}
    for statement in (referrals.OF_CASE, notes.OF_CASE, documents.OF_CASE):
        yield statement, of_case
    yield absences.OF_OFFICE, {"office": office}
