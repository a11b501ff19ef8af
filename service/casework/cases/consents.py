"""Consents of a case, one row a purpose: give, withdraw, and which of them are live.

Live = given, not withdrawn, not past its end.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from dateutil.relativedelta import relativedelta

from service.records.case_keys import CaseKeys
from service.records.ids import ulid
from service.release.programme.process_configuration import ProcessConfiguration
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import consents
from service.store.changes import Writer

PLAIN = ("givenBy", "how", "givenOn", "validTo")
"""Parts of a consent that are stored in the open; the rest of the answer is sealed."""
WORDS: Final = "C1"
"""Class of the words that come with a consent, or with taking one back."""


def live(reader: Reader, case_id: str, now: datetime) -> dict[str, str]:
    """Purposes whose consent is live, with who gave it (SELF, GUARDIAN, BOTH)."""
    rows = consents.of_case(reader, case_id)
    return {row.purpose: row.given_by for row in rows if row.live(now.date())}


@dataclass(frozen=True, slots=True)
class _Origin:
    """What consents of one form have in common: case, fact, person, moment, key."""

    case_id: str
    rev: int
    by: str
    now: datetime
    key: OwnerKey


def give(
    writer: Writer,
    configuration: ProcessConfiguration,
    *,
    by: str,
    now: datetime,
    key: OwnerKey,
    case_id: str,
    given: Mapping[str, Mapping[str, Any]],
    rev: int,
) -> list[consents.Consent]:
    """Keep consents that a form brought; gives their rows.

    A new one takes the place of an older one of the same purpose; both stay in history.

    Args:
        by: id of the person who filled in the form.
        key: of the records of class C1 of the office whose form it is.
        given: purpose to the value of the field type `consent`.
        rev: number of the fact that bears the answers.
    """
    origin, months = _Origin(case_id, rev, by, now, key), configuration.consent_months
    rows = [_row(origin, purpose, value, months) for purpose, value in sorted(given.items())]
    consents.add(writer, *rows)
    return rows


def _row(
    origin: _Origin, purpose: str, value: Mapping[str, Any], months: Mapping[str, int]
) -> consents.Consent:
    id_ = ulid(origin.now)
    rest = {part: text for part, text in value.items() if part not in PLAIN}
    detail = json.dumps(rest, ensure_ascii=False, sort_keys=True).encode()
    given_on = _date(value, "givenOn") or origin.now.date()
    lasts = months.get(purpose, 0)
    return consents.Consent(
        id=id_,
        case_id=origin.case_id,
        purpose=purpose,
        given_by=str(value.get("givenBy", "SELF")),
        how=str(value.get("how", "WRITTEN")),
        given_on=given_on,
        valid_to=_date(value, "validTo")
        or (given_on + relativedelta(months=lasts) if lasts else None),
        detail=origin.key.seal("consents", detail, **_detail_place(id_, purpose)),
        rev_given=origin.rev,
        by=origin.by,
        at=origin.now,
    )


def open_detail(keys: CaseKeys, office: str, row: consents.Consent) -> bytes:
    """The words that came with a consent; empty when there are none.

    Args:
        office: the office that sent the form, by the fact that the row names.
    Raises:
        CannotOpen: they are erased, or not what was sealed there.
    """
    if row.detail is None:
        return b""
    key = keys.of(office, WORDS)
    return key.open("consents", row.detail, **_detail_place(row.id, row.purpose))


def _detail_place(id_: str, purpose: str) -> dict[str, str]:
    return {"table": "consent", "column": "detail", "row": id_, "extra": purpose}


def _date(value: Mapping[str, Any], part: str) -> date | None:
    return date.fromisoformat(str(value[part])) if value.get(part) else None


def withdraw_by_answers(
    writer: Writer,
    configuration: ProcessConfiguration,
    *,
    now: datetime,
    rows: Callable[[], Sequence[consents.Consent]],
    answers: Mapping[str, Any],
    rev: int,
) -> list[consents.Consent] | None:
    """Withdraw the consents that the answers of a form take back; what rests on them counts no more
    from this moment. Gives all rows as they are then; None without such an answer.

    The person's words about it are among the answers of the same fact.

    Args:
        rows: gives the consents of the case; called where there is such an answer.
        answers: field key to checked value; `process.toml` names the two fields (the purposes
            that are withdrawn, and the day).
        rev: number of the fact that bears the answers.
    """
    fields = configuration.named_fields.answers
    purposes = answers.get(fields.purposes_withdrawn)
    if not isinstance(purposes, list):
        return None
    on = date.fromisoformat(str(answers.get(fields.withdrawn_on) or now.date()))
    named = [str(purpose) for purpose in purposes]
    return consents.withdraw(writer, rows(), named, on=on, rev=rev, withdrawal=None)
