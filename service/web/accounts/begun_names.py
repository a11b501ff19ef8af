"""By what a session was begun, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from service.people.passkeys import name_of
from service.store.installation.credentials import (
    CODES,
    PASSKEY,
    PASSWORD,
    PROVIDER,
    RECOVERY,
    Credential,
)
from service.web.accounts.provider_choices import provider_name
from service.web.request_context import current

WORDS: Final = {
    PASSWORD: "settings.sessions.by_password",
    CODES: "settings.sessions.by_code",
    RECOVERY: "settings.sessions.by_recovery",
}


def begun_in_words(shown: Sequence[Credential]) -> str:
    """By what the viewer began a session; "" when it is not known.

    Args:
        shown: her ways to sign in, in the order in which she showed them; the last one says all.
    """
    if not shown:
        return ""
    context, last = current(), shown[-1]
    if last.kind == PASSKEY:
        sealed = context.signed_in.key
        key = context.program.services.open(sealed) if sealed is not None else None
        return context.t("settings.sessions.by_passkey", name=name_of(key, last))
    if last.kind == PROVIDER:
        name = provider_name(last.about["provider"])
        return context.t("settings.sessions.by_provider", name=name)
    return context.t(WORDS[last.kind])
