"""A case of which only the path is left: whoever had a part in it is not answered that there never
was one, but in one sentence that it is erased, with rule and month.

Every page decides by `access` that it does not exist for her; this stands behind all of them.
"""

from __future__ import annotations

from flask import g, request

from service.access import EVERY_CASE, can_act
from service.errors import CaseErased, NotFound, TrestegError
from service.records.months import month_of
from service.store.casefile import retention_acts
from service.web.barred_cases import ID
from service.web.request_context import current


def or_erased(e: TrestegError) -> TrestegError:
    """A fault, or the one that says that the case of the address is erased, where it says no more
    than that there is none.
    """
    if type(e) is not NotFound or "request_context" not in g:
        return e  # the host of documents has no session
    session = current().session
    if session is None:
        return e
    viewer = session.viewer
    office = "" if viewer.roles & EVERY_CASE else viewer.office
    named = {id_ for text in (request.view_args or {}).values() for id_ in ID.findall(str(text))}
    with current().transaction() as tx:
        for case_id in sorted(named - viewer.barred):
            found = retention_acts.last_of_path(tx, case_id, office)
            if found is not None:
                rule, at = found
                audits = {"case": case_id} if can_act(viewer, "audit") else {}
                return CaseErased(rule=rule, month=month_of(at), **audits)
    return e
