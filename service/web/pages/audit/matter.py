"""The matter for which an auditor looks: it is asked before the first page of a session, stands on
every page of audit, and can be changed.

Registered on the blueprint of the audit.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from flask import current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.access import Viewer, can_act
from service.casework.cases import audit_matter
from service.errors import InvalidAnswers
from service.web.page_policy import SAFE, THINGS, page_policy, policy_of
from service.web.pages.audit import bp
from service.web.request_context import current

ACT: Final = "audit"
FREE: Final = frozenset({"audit.ask_matter", "audit.state_matter", "audit.help"})
"""Pages of audit that show nothing of a case."""
NOT_CARRIED: Final = frozenset({"csrf_token", "_once", "_page", audit_matter.FIELD})
"""Fields of a form that the page which asks first makes anew."""
PROGRAMS: Final = "/v1/"


@bp.post("/audit/matter")
@page_policy("plain", act=ACT)
def state_matter() -> ResponseReturnValue:
    """State for which matter the person looks, then go on to what she wanted to see."""
    words = request.form.get(audit_matter.FIELD, "")
    if fault := _state(words):
        return _page(fault, words), 422
    return redirect(current().back or url_for("audit.index"), 303)


@bp.get("/audit/matter")
@page_policy("plain", act=ACT)
def ask_matter() -> ResponseReturnValue:
    """Ask for which matter the person looks; the one that she has stated stands there."""
    context = current()
    with context.transaction() as tx:
        words = audit_matter.open_matter(tx, context.program.services, context.viewer)
    return _page("", words)


def require_matter() -> ResponseReturnValue | None:
    """Let nobody look without a matter: a page leads to where it is asked, and back; a form that
    was sent is carried along.
    """
    context = current()
    if context.session is None or not _is_look(context.viewer):
        return None
    with context.transaction() as tx:
        at_hand = tx.read(*audit_matter.reads_of_matter(context.viewer), last=True)
    stated = audit_matter.stated_matter(at_hand, context.viewer)
    context.matter = audit_matter.open_matter(at_hand, context.program.services, context.viewer)
    if stated is not None:
        context.stated = stated
        return None
    if request.method in SAFE:
        here = request.full_path.removesuffix("?")
        return redirect(url_for("audit.ask_matter", back=here), 303)
    words = request.form.get(audit_matter.FIELD, "")
    fault = _state(words)
    if not fault:
        context.matter = words
        return None
    carried = [pair for pair in request.form.items(multi=True) if pair[0] not in NOT_CARRIED]
    asked = audit_matter.FIELD in request.form
    return _page(fault if asked else "", words, request.path, carried), 422 if asked else 403


def _is_look(viewer: Viewer) -> bool:
    """Whether this request is a look that is an auditor's: a page of audit, or for who does nothing
    else any page of a case.
    """
    opened = policy_of(current_app)
    if not can_act(viewer, ACT) or not opened.awake or request.path.startswith(PROGRAMS):
        return False
    if opened.act == ACT:
        return request.endpoint not in FREE
    named = request.view_args or {}
    return not viewer.lane_roles and any(THINGS[name].of_case for name in named)


def _state(words: str) -> str:
    """State the matter; gives what is wrong with the words, "" for nothing."""
    context = current()
    try:
        with context.transaction(write=True) as tx:
            audit_matter.state_matter(
                tx, context.program.services, by=context.viewer, now=context.now, words=words
            )
    except InvalidAnswers as fault:
        return context.t(f"audit_find.matter_{fault.faults[0].key}", most=audit_matter.LONGEST)
    return ""


def _page(
    fault: str, words: str, address: str = "", carried: Sequence[tuple[str, str]] = ()
) -> str:
    return render_template(
        "audit/matter.html",
        back=current().back,
        address=address or url_for("audit.state_matter"),
        carried=carried,
        files=any(file.filename for file in request.files.values()),
        fault=fault,
        words=words,
        most=audit_matter.LONGEST,
    )
