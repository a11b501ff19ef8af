"""What a repeated request is known by: the route and the digest of the body that are kept with its
answer.
"""

from __future__ import annotations

import hashlib
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage

JSON = "application/json"
CHUNK = 1 << 16


def route_key() -> str:
    """What the answers to repeated requests are kept under: the path of the address as it was sent.

    Ids included, without question mark: `/find`, `/v1/referrals/01J.../revocation`. Never the name
    of
    a view or of its module.
    """
    return request.path


def digest_of_body() -> str:
    """Digest of what a form holds, without what differs between two makings of the same page.

    `repr` is of plain texts alone, never of an object of ours, and stands in what is kept for days.
    """
    told = hashlib.sha256()
    if request.mimetype == JSON:
        told.update(request.get_data())
    for name, values in sorted(request.form.lists()):
        if name not in ("csrf_token", "_once"):
            told.update(repr((name, values)).encode())
    for name, files in sorted(request.files.lists()):
        for file in files:
            told.update(repr((name, file.filename)).encode())
            _add(told, file)
    return told.hexdigest()


def _add(told: Any, file: FileStorage) -> None:  # hashlib names no public class of its digests
    while part := file.stream.read(CHUNK):
        told.update(part)
    file.stream.seek(0)
