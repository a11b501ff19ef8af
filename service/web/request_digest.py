"""What a repeated request is known by: the route and the digest of the body that are kept with its
answer.
"""

from __future__ import annotations

import hashlib
from typing import Protocol

from flask import request
from werkzeug.datastructures import FileStorage

JSON = "application/json"
CHUNK = 1 << 16


class _Digest(Protocol):
    """What `hashlib` makes; it names no public class of it."""

    def update(self, data: bytes, /) -> None:
        """Take more bytes."""


def route_key() -> str:
    """What the answers to repeated requests are kept under: the path of the address as it was sent.

    Ids included, without question mark: `/find`, `/v1/referrals/01J.../revocation`. Never the name
    of a view or of its module.
    """
    return request.path


def digest_of_body() -> str:
    """Digest of what a form holds, without what differs between two makings of the same page.

    `repr` is of plain texts alone, never of an object of ours: it is part of what is kept for days.
    """
    digest = hashlib.sha256()
    if request.mimetype == JSON:  # which holds no form
        digest.update(request.get_data())
        return digest.hexdigest()
    for name, values in sorted(request.form.lists()):
        if name not in ("csrf_token", "_once"):
            digest.update(repr((name, values)).encode())
    for name, files in sorted(request.files.lists()):
        for file in files:
            digest.update(repr((name, file.filename)).encode())
            _add(digest, file)
    return digest.hexdigest()


def _add(digest: _Digest, file: FileStorage) -> None:
    while part := file.stream.read(CHUNK):
        digest.update(part)
    file.stream.seek(0)
