"""A consent that is taken back after its case has ended: an act of its own, since no step waits.

It holds what the form holds that takes one back in an open case: which, who says so, when, how, and
what the person heard of the effects. These words are sealed with the consent.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from service.access import Viewer
from service.casework.cases.consents import WORDS
from service.errors import FieldFault, InvalidAnswers, NotFound
from service.records.case_keys import CaseKeys
from service.records.context import Services, actor
from service.records.ledger_append import append_entry
from service.security.vault import OwnerKey
from service.store.at_hand import Reader
from service.store.casefile import cases, consents, facts
from service.store.transaction import Tx

WHO: Final = ("SELF", "GUARDIAN", "PARTNER")
"""Persons who can take a consent back."""
HOW: Final = ("MEETING", "PHONE", "WRITTEN", "OWN_PAGE")
"""In which form it can be said; any form counts."""
LONGEST: Final = 200
"""Characters of what the person heard of the effects."""


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """A withdrawal of consents, as it was typed."""

    purposes: tuple[str, ...]
    who: str
    on: str
    """Day as ISO text."""
    how: str
    effect: str = ""


@dataclass(frozen=True, slots=True)
class KeptWithdrawal:
    """How a consent was taken back after the end of its case."""

    purpose: str
    on: date
    who: str
    how: str
    effect: str
    office: str
    """The office that recorded it."""


def withdrawable(
    reader: Reader, case: cases.Case | cases.CaseSummary, now: datetime
) -> tuple[consents.Consent, ...]:
    """The consents that can be taken back once a case has ended: those that are live.

    Raises:
        NotFound: the case is open; there its own message takes them back.
    """
    if case.status != "ended":
        raise NotFound
    return tuple(row for row in consents.of_case(reader, case.id) if row.live(now.date()))


def withdraw_after_end(
    tx: Tx,
    services: Services,
    *,
    by: Viewer,
    now: datetime,
    case: cases.CaseSummary,
    said: Withdrawal,
) -> None:
    """Take consents back from this moment on, with an entry in the case's history for each.

    Whatever rests on them closes at once: grants and letters ask for a live consent when they are
    used.

    Raises:
        NotFound: the case is open, or what the consent was given with is erased.
        InvalidAnswers: nothing is named, something is named that is not live, or a part is missing.
    """
    live = withdrawable(tx, case, now)
    keys = services.case_keys(tx, case.id)
    offices = offices_of(facts.of_case(tx, case.id))
    on = _checked(said, live, date.fromisoformat(by.day(now)))
    for row in live:
        if row.purpose in said.purposes:
            office = offices[row.rev_given]
            if not keys.has(office, WORDS):
                raise NotFound
            key = keys.of(office, WORDS)
            consents.take_back(tx, row, on=on, withdrawal=_sealed(key, row, said, by.office))
            body = {"purpose": row.purpose}
            stream = f"case/{case.id}"
            append_entry(tx, stream, "consent_withdrawn", by=actor(by), now=now, body=body)


def kept_withdrawals(
    keys: CaseKeys, history: Iterable[facts.Fact], rows: Iterable[consents.Consent]
) -> list[KeptWithdrawal]:
    """How consents were taken back after the case has ended, in the order of the rows; without
    those whose words are erased.
    """
    offices = offices_of(history)
    return [
        KeptWithdrawal(row.purpose, row.withdrawn_on, **_opened(keys, offices[row.rev_given], row))
        for row in rows
        if row.withdrawal is not None and row.withdrawn_on is not None
    ]


def offices_of(history: Iterable[facts.Fact]) -> dict[int, str]:
    """Number of each fact to the office that made it, whose records its consents are."""
    return {fact.rev: fact.office for fact in history}


def open_withdrawal(keys: CaseKeys, office: str, row: consents.Consent) -> bytes:
    """The sealed words about a consent that was taken back; empty when there are none.

    Args:
        office: the office to which the consent was given, as for `consents.open_detail`.
    Raises:
        CannotOpen: they are erased, or not what was sealed there.
    """
    if row.withdrawal is None:
        return b""
    return keys.of(office, WORDS).open("consents", row.withdrawal, **_place(row))


def _opened(keys: CaseKeys, office: str, row: consents.Consent) -> dict[str, str]:
    words: dict[str, str] = json.loads(open_withdrawal(keys, office, row) or b"{}")
    return {name: words.get(name, "") for name in ("who", "how", "effect", "office")}


def _sealed(key: OwnerKey, row: consents.Consent, said: Withdrawal, office: str) -> bytes:
    words = {"who": said.who, "how": said.how, "effect": said.effect.strip(), "office": office}
    text = json.dumps(words, ensure_ascii=False, sort_keys=True).encode()
    return key.seal("consents", text, **_place(row))


def _place(row: consents.Consent) -> dict[str, str]:
    return {"table": "consent", "column": "withdrawal", "row": row.id, "extra": row.purpose}


def _checked(said: Withdrawal, live: Sequence[consents.Consent], today: date) -> date:
    """The day on which the consents were taken back.

    Raises:
        InvalidAnswers: a part is missing or wrong.
    """
    given = {row.purpose: row.given_on for row in live}
    on = _day(said.on)
    too_long = len(said.effect.strip()) - LONGEST
    first = max((given[one] for one in said.purposes if one in given), default=today)
    faults = [
        ("purposes", "required_choice", not said.purposes),
        ("purposes", "not_an_option", not set(said.purposes) <= given.keys()),
        ("who", "required_choice", said.who not in WHO),
        ("on", "not_a_date", on is None),
        ("on", "too_late", on is not None and on > today),
        ("on", "too_early", on is not None and on < first <= today),
        ("how", "required_choice", said.how not in HOW),
        ("effect", "too_long", too_long > 0),
    ]
    limits = {"too_late": today, "too_early": first}
    found = [
        FieldFault(
            path, f"form.{code}", {"n": too_long, "most": LONGEST, "limit": limits.get(code)}
        )
        for path, code, is_wrong in faults
        if is_wrong
    ]
    if found or on is None:
        raise InvalidAnswers(tuple(found))
    return on


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        return None
