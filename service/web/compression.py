"""Compression of what the program writes itself: pages, answers of the interface, drawings.

Built files are compressed when they are built; see `assets`. What may be compressed, and what keeps
an onlooker from guessing by lengths, stands in docs/decisions/0064.
"""

from __future__ import annotations

import gzip
import secrets
from io import BytesIO
from typing import Final

from flask import Response, request

TYPES: Final = frozenset(
    {
        "text/html",
        "text/plain",
        "text/csv",
        "application/json",
        "application/problem+json",
        "application/xml",
    }
)
"""Types of text. Files of people, archives and pictures are compressed already, or are nobody's
business here."""
LEAST: Final = 1000
"""Bytes below which an answer fits into one packet as it is."""
LEVEL: Final = 5
"""Of gzip: 6 takes a third longer for one part in a hundred."""
PADDING: Final = 100
"""Most bytes of random padding, so that one answer twice does not tell its length."""
OTHER_SITES: Final = frozenset({"cross-site", "same-site"})


def compress(response: Response) -> Response:
    """Compress an answer, if it is long text that our own page, or a program, asked for."""
    if not _may_be_compressed(response):
        return response
    response.vary.update(("Accept-Encoding", "Sec-Fetch-Site"))
    accepted = request.accept_encodings.best_match(("gzip",))
    if accepted and request.headers.get("Sec-Fetch-Site") not in OTHER_SITES:
        response.set_data(_compressed(response.get_data()))
        response.headers["Content-Encoding"] = "gzip"
    return response


def _may_be_compressed(response: Response) -> bool:
    """Whether an answer is whole, of text and long. A HEAD is answered with what its GET would
    say; an answer in parts, a file that is passed on and one that is compressed stay as they are.
    """
    return (
        response.mimetype in TYPES
        and response.is_sequence
        and not response.direct_passthrough
        and "Content-Encoding" not in response.headers
        and "Content-Range" not in response.headers
        and "attachment" not in response.headers.get("Content-Disposition", "")
        and (response.calculate_content_length() or 0) >= LEAST
    )


def _compressed(content: bytes) -> bytes:
    """Gzip, with a name of random length in its head, which every reader skips."""
    packed = BytesIO()
    name = secrets.token_hex(PADDING)[: secrets.randbelow(PADDING + 1)]
    with gzip.GzipFile(name, "wb", LEVEL, packed, mtime=0) as file:
        file.write(content)
    return packed.getvalue()
