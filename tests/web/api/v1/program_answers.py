"""Answers and files as a program sends them, and what the read log holds of it."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from service.demo.scenarios import resolve
from service.store.installation import ledger_entries
from tests.web.conftest import NOON, usual
from tests.web.story import Story

FIRST, SECOND, DECIDE, CHECK = (
    "Task_OfferReturnInformation",
    "Task_SubmitReferral",
    "Task_DecideReferral",
    "Task_SecondReview",
)


def given(form: str, **own: Any) -> dict[str, Any]:
    """What people usually answer, as JSON."""
    told: dict[str, Any] = resolve({**usual()[form], **own}, NOON, ZoneInfo("Europe/Stockholm"))
    return told


def answers_of(story: Story, element: str, **own: Any) -> dict[str, Any]:
    """The usual answers of a step, as JSON."""
    release = story.release()
    return given(release.definitions[story.brief().process].elements[element].form, **own)


def reads(story: Story) -> list[tuple[str, str, list[str]]]:
    """Who looked at the case, why, and at which classes."""
    with story.town.program.database.transaction(write=False) as tx:
        found = [
            (line.actor, json.loads(line.body))
            for line in ledger_entries.of_stream(tx, f"reads/{story.case}")
        ]
    return [(who, body["purpose"], body["classes"]) for who, body in found]
