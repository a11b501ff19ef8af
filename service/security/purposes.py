"""What owners' keys are used for: purposes of sealing, and kinds of keyed digests."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

PLACES: Final[Mapping[str, frozenset[tuple[str, str]]]] = {
    "routing": frozenset({("fact_payload", "routing"), ("job", "inputs")}),
    "answers/C0": frozenset({("fact_payload", "c0")}),
    "answers/C1": frozenset({("fact_payload", "c1")}),
    "answers/C2": frozenset({("fact_payload", "c2")}),
    "answers/C3": frozenset({("fact_payload", "c3")}),
    "snapshot": frozenset({("cases", "snapshot")}),
    "unsent": frozenset({("unsent", "sealed")}),
    "letters": frozenset(),
    "files": frozenset({("document", "name"), ("document_chunk", "sealed")}),
    "notes": frozenset(
        {
            ("note", "sealed"),
            ("line", "body"),
            ("approval", "reason"),
            ("hold", "reason"),
            ("subject_request", "wish"),
            ("subject_request", "answer"),
            ("document_request", "wish"),
            ("retention_act", "later"),
        }
    ),
    "consents": frozenset({("consent", "detail"), ("consent", "withdrawal")}),
    "contact": frozenset(
        {
            ("office", "address"),
            ("person", "name"),
            ("person", "email"),
            ("credential", "name"),
            ("credential", "seed"),
        }
    ),
    "held": frozenset({("held", "sealed")}),
    "sums": frozenset({("batch", "detail")}),
}
"""Purposes of an owner's key, each with a sub-key of its own, and the (table, column) pairs that
may be bound into what is sealed for it. Kept for ever: a value opens by these words alone."""
PURPOSES: Final = frozenset(PLACES)
PACKET: Final = "packet"
STATE: Final = "state"
REASON: Final = "reason"
TASK: Final = "task"
CORRECTION: Final = "correction"
"""Kinds of bytes of `OwnerKey.digest`: the content of a referral, the engine's state after a turn,
the words that a person gave as her reason, what the public id of a task is made of, and the
answers that a second person approves the correction of."""
REQUEST: Final = "request"
SIGN_IN: Final = "sign_in"
PROGRAM: Final = "program"
PAGE: Final = "page"
WORD_PAIR: Final = "word_pair"
WORD_ORDER: Final = "word_order"
FORM_TOKENS: Final = "form_tokens"
THROTTLE_SITE: Final = "throttle/site"
THROTTLE_WRITES: Final = "throttle/writes"
THROTTLE_WORDS: Final = "throttle/words"
THROTTLE_CODES: Final = "throttle/codes"
THROTTLE_ACCOUNT: Final = "throttle/account"
THROTTLE_NETWORK: Final = "throttle/network"
THROTTLE_TOKEN: Final = "throttle/token"  # noqa: S105 - a kind of value
"""Kinds of values of `Vault.blind`."""
