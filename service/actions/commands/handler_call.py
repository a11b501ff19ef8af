"""What a handler is told when it is called: the values it declared, who is who, which consents are
live.
"""

from __future__ import annotations

import json
from datetime import datetime

from service.actions.cases import consents
from service.actions.cases.loaded_case import load_case
from service.actions.context import Services
from service.binding import Call, Party
from service.errors import HandlerFailed, TaskClosed
from service.store.casefile import cases
from service.store.installation import offices
from service.store.transaction import Tx


def build_call(tx: Tx, services: Services, *, job_key: str, now: datetime) -> tuple[Call, int]:
    """The call for an open job, and the seconds it may take.

    Args:
        now: the real moment, at which consents are asked; the handler is told the moment of the
            job.
    Raises:
        TaskClosed: the job is gone.
        HandlerFailed: there is no handler for its topic.
        CannotOpen: the case cannot be read.
    """
    found = cases.load_for_job(tx, job_key)
    if found is None:
        raise TaskClosed(job_key)
    job, rows = found
    declared = services.topics.get(job.topic)
    if declared is None:
        raise HandlerFailed(f"there is no handler {job.topic}")
    loaded = load_case(tx, services, rows)
    frozen = (
        b"{}"
        if job.inputs is None
        else loaded.key.open("routing", job.inputs, table="job", column="inputs", row=job.key)
    )
    values = json.loads(frozen)
    known = offices.everyone(tx)
    role = next(iter(loaded.definition.elements[job.element].roles), "")
    calendar = loaded.definition.calendars.get(
        loaded.calendars.get(role, ""), loaded.definition.calendars[services.programme.calendar]
    )
    return (
        Call(
            key=job.key,
            topic=job.topic,
            element=job.element,
            now=job.due or now,
            data={name: values.get(name) for name in declared.reads},
            parties={
                r: Party(r, office, known[office].language)
                for r, office in loaded.parties.items()
                if office in known
            },
            consents=frozenset(consents.live(tx, rows.case.id, now)),
            zone=calendar.zone.key,
            off=calendar.off,
        ),
        declared.seconds,
    )
