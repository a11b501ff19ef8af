"""Open answers of a case with the keys of their commitments, so that a reader can compare them.

Only answers of class C0 are shown, only to who may see each of them, and of a fact none where a
part of one was typed freely: a box opens whole. The commitments to all
other sealed values of the fact go along; without their keys they say nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import datetime

from service.access import CLASSES, Viewer
from service.casework.casefile.answer_text import has_typed_part
from service.casework.cases import case_visibility, given_answers
from service.errors import CannotOpen
from service.records import fact_format
from service.records.case_keys import CaseKeys
from service.records.context import Services
from service.security import ledger_lines
from service.security.records import LedgerEntry
from service.store.casefile import cases, facts
from service.store.transaction import Tx

OPEN = facts.COLUMN[CLASSES[0]]
"""The column of answers that are shown."""


def opened_boxes(
    tx: Tx,
    services: Services,
    viewer: Viewer,
    case: cases.CaseSummary,
    lines: Sequence[LedgerEntry],
    now: datetime,
) -> Iterator[bytes]:
    """One row for each entry whose open answers the viewer may see; none once the key is gone."""
    keys = services.case_keys(tx, case.id)
    if keys.own is None:
        return
    seen = case_visibility.load_case_visibility(tx, services, viewer, case, now)
    answers = given_answers.load_answers(tx, keys, case.id, (CLASSES[0],))
    releases = {
        fact.rev: services.release(tx, fact.release_id) for fact in facts.of_case(tx, case.id)
    }
    hidden = {
        answer.rev
        for answer in answers
        if not seen.see(answer)
        or has_typed_part(
            case_visibility.field_of(releases[answer.rev], answer.form, answer.key), answer.value
        )
    }
    payloads = facts.payloads(tx, [case.id])
    for line in lines:
        rev = json.loads(line.body).get("rev", 0)
        payload = payloads.get((case.id, rev))
        if line.seal is None or payload is None or payload.c0 is None or rev in hidden:
            continue
        opened = _opened(keys, line.office, payload)
        if opened is not None:
            yield ledger_lines.canonical({"stream": line.stream, "seq": line.seq, **opened})


def _opened(
    keys: CaseKeys, office: str, payload: facts.FactPayload
) -> dict[str, ledger_lines.Canonical] | None:
    """Commitments to all sealed values of a fact, and the open one; None when one does not open."""
    commitments: dict[str, ledger_lines.Canonical] = {}
    shown: dict[str, ledger_lines.Canonical] = {}
    for column in fact_format.PURPOSES:
        sealed = getattr(payload, column)
        if sealed is None:
            continue
        try:
            key = fact_format.key_of(keys, office, column)
            content, secret = fact_format.open_value(
                key, payload.case_id, payload.rev, column, sealed
            )
        except CannotOpen:
            return None
        commitments[column] = ledger_lines.commitment(secret, content)
        if column == OPEN:
            shown[column] = {"content": content.decode(), "key": secret.hex()}
    return {"commitments": commitments, "open": shown}
