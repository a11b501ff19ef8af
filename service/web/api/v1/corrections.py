"""Correcting an answer that was sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from service.access import Viewer
from service.casework.cases.given_answers import REASON
from service.casework.corrections import correct_answer as corrections
from service.casework.corrections.correct_answer import Corrected
from service.casework.corrections.correction_form import open_correction
from service.records.context import Services
from service.store.transaction import Tx
from service.web.api.v1.answers import texts
from service.web.api.v1.operations import Done, Reply, operation, submit
from service.web.api.v1.shapes import Text, Whole


@dataclass(frozen=True, slots=True)
class Correction:
    """The fields of a sent answer that are to be another, as JSON by key, and why. The number of
    the fact stands with each answer of the case.
    Fields that are not named stay as they are; null takes an answer away; a list is given whole.
    """

    fact: Whole
    rev: Whole
    reason: Text
    answers: Mapping[str, Any] = field(default_factory=dict)


@operation(
    "correct_answer",
    "POST",
    "/cases/<case>/corrections",
    asks=Correction,
    gives=Done,
    status=201,
    keyed=True,
    faults=(
        "reason_needed",
        "not_named",
        "not_allowed",
        "four_eyes",
        "case_ended",
        "stale",
        "answers_invalid",
    ),
)
def correct_answer(case: str, body: Correction) -> Reply:
    """Correct an answer that was sent; both values stay in the history.
    Where two persons do the step it asks a second person to approve, and answers with the address
    of that request; sent once more, with the same answers, it is corrected.
    """
    return submit(partial(_correct_from_json, case=case, body=body), _address)


def _address(done: Corrected) -> str:
    return f"/v1/approvals/{done.approval}" if done.approval else f"/v1/cases/{done.case_id}"


def _correct_from_json(
    tx: Tx, services: Services, by: Viewer, now: datetime, *, case: str, body: Correction
) -> Corrected:
    """`correct_answer` with answers as JSON, which need the form to be read."""
    session = open_correction(tx, services, by, case, body.fact, now)
    cleared = {key: [""] for key, value in body.answers.items() if value is None}
    typed = {**texts(session.form, body.answers), **cleared, REASON: [body.reason]}
    return corrections.correct_answer(
        tx,
        services,
        by,
        now,
        case_id=case,
        fact=body.fact,
        answers=typed,
        rev=body.rev,
        only_named=True,
    )
