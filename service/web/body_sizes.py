"""How large a request may be."""

from __future__ import annotations

from service.sandbox.media_types import MIB
from service.settings import Settings

FORM_BYTES = 2 * MIB
"""Largest body of JSON, or of a form without files."""
FORM_FIELDS = 5_000
FILES_AT_ONCE = 3


def largest_body(settings: Settings) -> int:
    """Bytes of the largest body that is read: several files of the largest size, and a form.

    One file may be `upload_max_mb`. A form with a larger one is read too, so that it comes back
    with all that was typed.
    """
    return FILES_AT_ONCE * settings.upload_max_mb * MIB + FORM_BYTES
