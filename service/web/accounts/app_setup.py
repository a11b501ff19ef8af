"""What a page shows to set up an app that makes one-time codes."""

from __future__ import annotations

import segno

from service.people import one_time_codes
from service.web.request_context import current


def setup_of(ticket: str, name: str) -> dict[str, str]:
    """What a page shows to set up an app: `ticket`, `secret` in groups of four, `picture` as the
    address of an image.
    """
    secret = one_time_codes.secret_of(current().program.services, ticket)
    code = segno.make(one_time_codes.address_of(secret, name), error="m")
    return {
        "ticket": ticket,
        "secret": " ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        "picture": code.svg_data_uri(scale=4, border=4, light="#fff"),
    }
