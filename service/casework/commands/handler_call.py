"""The call for a handler: the values that it declared, what the diagram tells it, and the parties.

The consents that are live come along.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from datetime import datetime
from typing import Any

from service.binding import ON_CALL, Call, Declaration, Party
from service.casework.cases import consents
from service.casework.cases.grants import granted_roles
from service.casework.cases.loaded_case import LoadedCase, load_case
from service.casework.cases.protection import is_protected
from service.casework.commands.handler_papers import readable_answers, reads_of_readable
from service.engine import Calendar
from service.errors import HandlerFailed, TaskClosed
from service.records.context import Services
from service.store.casefile.consents import OF_CASE as CONSENTS
from service.store.installation import people
from service.store.read_models import turn_rows
from service.store.transaction import Tx
from service.store.work import jobs


def build_call(tx: Tx, services: Services, *, job_key: str, now: datetime) -> tuple[Call, int]:
    """The call for an open job, and the seconds it may take.

    Args:
        now: the real moment, at which consents are asked; the call bears the moment of the job.
    Raises:
        TaskClosed: the job is gone.
        HandlerFailed: there is no handler for its topic.
        CannotOpen: the case cannot be read.
    """
    case_id, _, _ = job_key.partition(":")
    found = turn_rows.read_of_job(tx, case_id, job_key, (CONSENTS, {"case_id": case_id}))
    if found is None:
        raise TaskClosed(job_key)
    job, rows, at_hand = found
    declared = services.topics.get(job.topic)
    if declared is None:
        raise HandlerFailed(f"there is no handler {job.topic}")
    calls_duty = ON_CALL in {channel for channel, _ in declared.channels}
    services.prepare(tx, at_hand, (rows.case.release_id,))
    loaded = load_case(at_hand, services, rows)
    values = _frozen_inputs(loaded, job)
    calendar = _calendar(services, loaded, job)
    live = frozenset(consents.live(at_hand, case_id, now))
    if _gets_answers(loaded, declared, live):
        at_hand.take(tx.read(*reads_of_readable(case_id, declared)))
    if calls_duty:
        at_hand.take(tx.read((people.ROLES_OF_OFFICES, {})))
    call = Call(
        key=job.key,
        topic=job.topic,
        element=job.element,
        now=job.due or now,
        data={name: values.get(name) for name in declared.reads},
        parties=_parties(loaded),
        consents=live,
        headers=loaded.definition.elements[job.element].headers,
        zone=calendar.zone.key,
        off=calendar.off,
        given=_given(loaded, declared, live),
        protected=is_protected(loaded.case.marking),
        granted=granted_roles(at_hand, services, loaded.case, now) if calls_duty else frozenset(),
        on_call=_on_call(services, loaded) if calls_duty else frozenset(),
    )
    return call, declared.seconds


def _on_call(services: Services, loaded: LoadedCase) -> frozenset[str]:
    """Roles whose office names a channel to whoever is on duty."""
    named = services.programme.on_call
    return frozenset(role for role, office in loaded.parties.items() if office in named)


def _gets_answers(loaded: LoadedCase, declared: Declaration, live: Collection[str]) -> bool:
    """Whether the handler gets answers: none without the consent it rests on, and none of a
    protected identity.
    """
    has_consent = bool(declared.fields) and declared.needs_consent in live
    return has_consent and not is_protected(loaded.case.marking)


def _given(loaded: LoadedCase, declared: Declaration, live: Collection[str]) -> dict[str, Any]:
    """The newest answers that the handler declares, as far as it gets any."""
    if not _gets_answers(loaded, declared, live):
        return {}
    newest = readable_answers(loaded.at_hand, loaded, declared)
    return {key: newest[key].value for key in declared.fields if key in newest}


def _frozen_inputs(loaded: LoadedCase, job: jobs.Job) -> dict[str, Any]:
    """Routing values as they were when the job was made."""
    if job.inputs is None:
        return {}
    where = {"table": "job", "column": "inputs", "row": job.key}
    values: dict[str, Any] = json.loads(loaded.key.open("routing", job.inputs, **where))
    return values


def _calendar(services: Services, loaded: LoadedCase, job: jobs.Job) -> Calendar:
    """The calendar of the office that holds the role of the step, else the programme's."""
    known = loaded.definition.calendars
    role = next(iter(loaded.definition.elements[job.element].roles), "")
    return known.get(loaded.calendars.get(role, ""), known[services.programme.calendar])


def _parties(loaded: LoadedCase) -> dict[str, Party]:
    known = loaded.offices
    return {
        role: Party(role, office, known[office].language)
        for role, office in loaded.parties.items()
        if office in known
    }
