"""Rules of referrals by hand: for which purpose, to whom and on which legal basis.

Read from `workflows/config/referrals.toml`.
"""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from dataclasses import dataclass

Words = Mapping[str, str]
"""Language to text."""
LANGUAGES = ("sv", "en")


@dataclass(frozen=True, slots=True)
class ReferralPurpose:
    """One purpose of a referral; the file explains its keys."""

    id: str
    words: Words
    senders: tuple[str, ...]
    receivers: tuple[str, ...]
    ground: str
    days: int
    fields: tuple[str, ...]
    consents: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RefusalReason:
    """One reason to refuse."""

    id: str
    words: Words
    text: bool = False
    """Whether the office has to explain it in a text."""


@dataclass(frozen=True, slots=True)
class ReferralRules:
    """Purposes, reasons to refuse, days and letters of referrals."""

    purposes: tuple[ReferralPurpose, ...] = ()
    refusals: tuple[RefusalReason, ...] = ()
    days: tuple[int, ...] = ()
    """Working days that a sender may choose from."""
    letter_sent: str = ""
    letter_news: str = ""

    def of_sender(self, roles: Collection[str]) -> tuple[ReferralPurpose, ...]:
        """Purposes for which an office with these roles may refer."""
        return tuple(p for p in self.purposes if set(p.senders) & set(roles))

    def purpose(self, id_: str) -> ReferralPurpose | None:
        """The purpose of that id."""
        return next((p for p in self.purposes if p.id == id_), None)

    def refusal(self, id_: str) -> RefusalReason | None:
        """The reason of that id."""
        return next((r for r in self.refusals if r.id == id_), None)


def localized_text(words: Words, lang: str) -> str:
    """A text of the file in a language, else in Swedish."""
    return words.get(lang) or words[LANGUAGES[0]]


def read_referrals(text: str) -> ReferralRules:
    """Read `referrals.toml`; an empty text is an installation where nobody refers by hand.

    Raises:
        ValueError: a row that lacks something; the sentence tells which.
    """
    data = tomllib.loads(text)
    if not data:
        return ReferralRules()
    letters = data.get("letter", {})
    if set(letters) != {"sent", "news"}:
        raise ValueError("[letter] needs `sent` and `news`")
    purposes = tuple(_purpose(row, number) for number, row in enumerate(data.get("purpose", []), 1))
    refusals = tuple(_refusal(row, number) for number, row in enumerate(data.get("refusal", []), 1))
    return ReferralRules(
        purposes,
        refusals,
        tuple(sorted(int(d) for d in data.get("choices", []))),
        letters["sent"],
        letters["news"],
    )


def _purpose(row: Mapping[str, object], number: int) -> ReferralPurpose:
    name = f"purpose {row.get('id', number)}"
    purpose = ReferralPurpose(
        id=str(row.get("id", "")),
        words=_words(row, name),
        senders=_texts(row.get("from")),
        receivers=_texts(row.get("to")),
        ground=str(row.get("ground", "")),
        days=int(str(row.get("days", 0))),
        fields=_texts(row.get("fields")),
        consents=_texts(row.get("consent")),
    )
    needed = (purpose.id, purpose.senders, purpose.receivers, purpose.ground, purpose.days > 0)
    if not all(needed):
        raise ValueError(f"{name} needs an id, `from`, `to`, a ground, and days above 0")
    return purpose


def _refusal(row: Mapping[str, object], number: int) -> RefusalReason:
    if not row.get("id"):
        raise ValueError(f"refusal {number} needs an id")
    return RefusalReason(
        str(row["id"]), _words(row, f"refusal {row['id']}"), bool(row.get("text", False))
    )


def _words(row: Mapping[str, object], name: str) -> Words:
    if any(not row.get(lang) for lang in LANGUAGES):
        raise ValueError(f"{name} needs words in {' and '.join(LANGUAGES)}")
    return {lang: str(row[lang]) for lang in LANGUAGES}


def _texts(values: object) -> tuple[str, ...]:
    return tuple(str(v) for v in values) if isinstance(values, list) else ()
