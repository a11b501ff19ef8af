"""Calls and answers of handlers as JSON, between the worker and the child that runs them."""

from __future__ import annotations

import base64
from datetime import date, datetime
from typing import Any

from service.binding import (
    Answer,
    Appointment,
    Call,
    Delivery,
    EnclosedFile,
    Letter,
    Paper,
    Party,
    Request,
)


def call_to_json(call: Call) -> dict[str, object]:
    """A call, as the child reads it."""
    return {
        "key": call.key,
        "topic": call.topic,
        "element": call.element,
        "now": call.now.isoformat(),
        "data": dict(call.data),
        "parties": [[p.role, p.office, p.language] for p in call.parties.values()],
        "consents": sorted(call.consents),
        "headers": dict(call.headers),
        "zone": call.zone,
        "off": sorted(d.isoformat() for d in call.off),
        "given": dict(call.given),
        "protected": call.protected,
        "granted": sorted(call.granted),
        "on_call": sorted(call.on_call),
    }


def call_from_json(said: dict[str, Any]) -> Call:
    """The call that `call_to_json` wrote."""
    changed = {
        "now": datetime.fromisoformat(said["now"]),
        "parties": {
            role: Party(role, office, language) for role, office, language in said["parties"]
        },
        "consents": frozenset(said["consents"]),
        "off": frozenset(date.fromisoformat(d) for d in said["off"]),
        "granted": frozenset(said.get("granted", ())),
        "on_call": frozenset(said.get("on_call", ())),
    }
    return Call(**{**said, **changed})


def answer_to_json(answer: Answer) -> dict[str, object]:
    """An answer, as the worker reads it."""
    return {
        "values": dict(answer.values),
        "letters": [
            [one.role, one.template, one.needs_consent, one.number] for one in answer.letters
        ],
        "papers": [[paper.template, paper.lang] for paper in answer.papers],
        "appointments": [[one.starts.isoformat(), one.name] for one in answer.appointments],
        "requests": [
            [one.channel, one.template, list(one.papers), one.needs_consent, one.cancels, one.role]
            for one in answer.requests
        ],
    }


def answer_from_json(said: dict[str, Any]) -> Answer:
    """The answer that `answer_to_json` wrote."""
    return Answer(
        values=said["values"],
        letters=tuple(Letter(*letter) for letter in said["letters"]),
        papers=tuple(Paper(*paper) for paper in said["papers"]),
        appointments=tuple(
            Appointment(datetime.fromisoformat(starts), name)
            for starts, name in said["appointments"]
        ),
        requests=tuple(
            Request(channel, template, tuple(papers), consent, cancels, role)
            for channel, template, papers, consent, cancels, role in said["requests"]
        ),
    )


def delivery_to_json(scheme: str, delivery: Delivery) -> dict[str, object]:
    """A message for a channel of an installed package, as the child reads it."""
    files = [
        [file.name, file.kind, base64.b64encode(file.content).decode()] for file in delivery.files
    ]
    return {
        "deliver": scheme,
        "key": delivery.key,
        "address": delivery.address,
        "subject": delivery.subject,
        "text": delivery.text,
        "language": delivery.language,
        "files": files,
    }


def delivery_from_json(said: dict[str, Any]) -> Delivery:
    """The message that `delivery_to_json` wrote."""
    files = (EnclosedFile(name, kind, base64.b64decode(data)) for name, kind, data in said["files"])
    own = {part: said[part] for part in ("key", "address", "subject", "text", "language")}
    return Delivery(**own, files=tuple(files))
