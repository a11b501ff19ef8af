"""What a program sends and what is left of it: answers as JSON, files, lines of the read log."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from service.store.installation import ledger_entries
from service.workshop.trial.scenario_times import resolve
from tests.support.world import NOON, usual
from tests.web.story import Story

FIRST, SECOND, DECIDE, CHECK = (
    "Task_OfferReturnInformation",
    "Task_SubmitReferral",
    "Task_DecideReferral",
    "Task_SecondReview",
)


def given(form: str, **own: Any) -> dict[str, Any]:
    """What people usually answer, as JSON."""
    answers: dict[str, Any] = resolve({**usual()[form], **own}, NOON, ZoneInfo("Europe/Stockholm"))
    return answers


def answers_of(story: Story, element: str, **own: Any) -> dict[str, Any]:
    """The usual answers of a step, as JSON."""
    release = story.release()
    return given(release.definitions[story.brief().process].elements[element].form, **own)


def reads(story: Story) -> list[tuple[str, str, list[str]]]:
    """Who looked at the case, why, and at which classes."""
    with story.world.program.database.transaction(write=False) as tx:
        found = [
            (line.actor, json.loads(line.body))
            for line in ledger_entries.of_stream(tx, f"reads/{story.case}")
        ]
    return [(who, body["purpose"], body["classes"]) for who, body in found]


PARTED = "multipart/form-data; boundary=part"


def parted(**parts: str | bytes) -> bytes:
    """A form with a file, as it goes over the wire."""
    made = b""
    for name, value in parts.items():
        file = '; filename="x.pdf"' if isinstance(value, bytes) else ""
        made += f'--part\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode()
        made += (value if isinstance(value, bytes) else value.encode()) + b"\r\n"
    return made + b"--part--\r\n"
