"""Warnings about ways to sign in: passwords that are alone, or are for a while."""

from __future__ import annotations

from collections.abc import Iterator

from service.application.container import Tresteg
from service.people import passkeys, second_factor
from service.store.installation import credentials


def sign_in_warnings(program: Tresteg) -> Iterator[str]:
    """A sentence where a password alone signs somebody in; none of a demo."""
    if program.demo:
        return
    with program.database.transaction(write=False) as tx:
        rows = credentials.of_kind(tx, credentials.PASSKEY)
    for row in rows:
        if row.is_live(program.clock.now()) and passkeys.COPIED in row.about:
            yield (
                f"the counter of a passkey of the person {row.person_id} went back: somebody may "
                "have a copy; the person ends it under Settings, Passkeys"
            )
    if program.second_factor == second_factor.OPTIONAL:
        yield (
            "a password alone signs people in: set TRESTEG_SECOND_FACTOR to required, so that a "
            "stolen one is not enough"
        )
        return
    setting, now = program.second_factor, program.clock.now()
    with program.database.transaction(write=False) as tx:
        ends = second_factor.grace_ends(tx, setting=setting, now=now)
    if ends is not None:
        yield (
            f"a password alone signs people in until {ends:%Y-%m-%d}: by then each needs a second "
            "factor (Settings, One-time codes), else an invitation"
        )
