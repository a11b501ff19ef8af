"""A case that is barred to who asks is none, in whatever address it is named.

Every page decides by `access` what it shows; this stands before all of them, so that no page that
is added later forgets it.
"""

from __future__ import annotations

import re
from typing import Final

from flask import request

from service.errors import NotFound
from service.web.page_policy import LEADS_IN
from service.web.request_context import current

ID: Final = re.compile(r"[0-9A-Z]{26}")
"""The id of a case; that of a task begins with it."""


def refuse_barred() -> None:
    """Answer as of a case that there never was.

    Raises:
        NotFound: the address names a case that is barred to who is signed in.
    """
    session = current().session
    if session is None or not session.viewer.barred or request.endpoint == LEADS_IN:
        return
    named = {id_ for text in (request.view_args or {}).values() for id_ in ID.findall(str(text))}
    if named & session.viewer.barred:
        raise NotFound
