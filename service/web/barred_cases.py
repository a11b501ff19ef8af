"""A case that is barred to who asks is none, in whatever address or form it is named.

Every page decides by `access` what it shows; this stands before all of them, so that no page that
is added later forgets it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from flask import request

from service.errors import NotFound
from service.web.request_context import current

ID: Final = re.compile(r"[0-9A-Z]{26}")
"""The id of a case; that of a task begins with it."""


def refuse_barred() -> None:
    """Answer as of a case that there never was.

    Raises:
        NotFound: the address, its query or the form names a case that is barred to who is signed
            in.
    """
    session = current().session
    if session is None or not session.viewer.barred:
        return
    if not session.viewer.barred.isdisjoint(_named()):
        raise NotFound


def _named() -> Iterator[str]:
    """Everything in the request that has the shape of an id."""
    sent = (request.args, request.form)
    texts = [request.path, *(text for form in sent for text in form)]
    texts += [text for form in sent for _, text in form.items(multi=True)]
    if request.is_json:
        texts.append(request.get_data(as_text=True))
    for text in texts:
        yield from ID.findall(text)
