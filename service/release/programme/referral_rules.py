"""Rules of referrals by hand: for which purpose, to whom and on which legal basis.

Read from `workflows/config/referrals.toml`.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import Annotated

from msgspec import Meta, Struct, field

from service.release.programme.typed_tables import (
    OneOrMore,
    Text,
    Texts,
    Worded,
    Words,
    WrongTable,
    as_texts,
    read_table,
)


class ReferralPurpose(Worded, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One purpose of a referral; the file explains its keys."""

    id: Text
    senders: Texts = field(name="from")
    receivers: Texts = field(name="to")
    ground: OneOrMore
    days: Annotated[int, Meta(ge=1)]
    fields: tuple[str, ...] = ()
    consents: tuple[str, ...] = field(name="consent", default=())

    @property
    def grounds(self) -> tuple[str, ...]:
        """Ids of its grounds; the first that a sender may use counts."""
        return as_texts(self.ground)


class RefusalReason(Worded, frozen=True, kw_only=True):
    """One reason to refuse."""

    id: Text
    text: bool = False
    """Whether the office has to explain it in a text."""


class ReferralLetters(Struct, frozen=True, forbid_unknown_fields=True):
    """Templates of letters: to an office that has a referral, and to one that has news of one."""

    sent: Text
    news: Text


class ReferralRules(Struct, frozen=True):
    """Purposes, reasons to refuse, days and letters of referrals."""

    purposes: tuple[ReferralPurpose, ...] = field(name="purpose", default=())
    refusals: tuple[RefusalReason, ...] = field(name="refusal", default=())
    choices: tuple[int, ...] = ()
    letter: ReferralLetters = ReferralLetters("", "")

    @property
    def days(self) -> tuple[int, ...]:
        """Working days that a sender may choose from."""
        return tuple(sorted(self.choices))

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
    return words.get(lang) or words["sv"]


def read_referrals(text: str) -> ReferralRules:
    """Read `referrals.toml`; an empty text is an installation where nobody refers by hand.

    A key of a purpose that it does not know is refused: a consent that is misspelt would not be
    asked for.

    Raises:
        WrongTable: a row lacks something, or there are no letters.
    """
    rules = read_table(text, ReferralRules)
    if not rules.letter.sent and rules != ReferralRules():
        raise WrongTable("missing", name="letter")
    return rules
