"""The ways in: the first page, what a letter points to, the questions of machines, and what
browsers report.
"""

from __future__ import annotations

import json

import structlog
from flask import (
    Blueprint,
    Response,
    jsonify,
    make_response,
    redirect,
    render_template,
    request,
    url_for,
)
from flask.typing import ResponseReturnValue

from service.actions.operations import clock_guard
from service.actions.referrals import referral_lists
from service.errors import BadSettings, Busy
from service.store.installation import installation_settings
from service.store.work import tasks
from service.web.page_policy import POLICIES, page_policy
from service.web.request_context import current
from service.web.template_globals import home_of

bp = Blueprint("entrance", __name__)
log = structlog.get_logger("web")
LONGEST_REPORT = 10_000


@bp.get("/")
@page_policy("plain", signed_in=False)
def home() -> ResponseReturnValue:
    """Everybody to where her work begins."""
    if current().person is not None:
        return redirect(url_for(home_of(current())), 303)
    return redirect(url_for("demo.start" if current().program.demo else "auth.sign_in"), 303)


@bp.get("/go/<task>")
@page_policy("plain", signed_in=False)
def go(task: str) -> ResponseReturnValue:
    """What a letter points to.

    The cookie does not come with the first request from a mail program, so the page asks once more
    from inside the site.
    """
    if current().person is not None:
        return redirect(_aim(task), 303)
    again = url_for("entrance.go", task=task, again=1)
    response = make_response(
        render_template(
            "sign_in/go.html",
            address=url_for("auth.sign_in", back=url_for("entrance.go", task=task)),
        )
    )
    if "again" not in request.args:
        response.headers["Refresh"] = f"0; url={again}"
    return response


def _aim(task: str) -> str:
    """The task; or of a case a referral or the first task that waits for her; else the case, or the
    referral that is all she knows of it.
    """
    with current().transaction() as tx:
        if tasks.get(tx, task) is not None:
            return url_for("tasks.show", task=task)
        waiting = [
            t
            for t in tasks.of_case(tx, task)
            if t.office_id == current().viewer.office and t.role in current().viewer.lane_roles
        ]
        referral = referral_lists.in_case(tx, current().viewer, task)
        if not referral and not waiting:
            referral = referral_lists.instead_of_case(
                tx, current().program.services, current().viewer, task, current().now
            )
    if referral:
        return url_for("referrals.show", referral=referral)
    return (
        url_for("tasks.show", task=waiting[0].key) if waiting else url_for("cases.show", case=task)
    )


@bp.post("/csp")
@page_policy("file", signed_in=False, alone=True)
def csp() -> ResponseReturnValue:
    """A browser tells what a page tried against its policy: the directive is noted, nothing of the
    address.
    """
    try:
        told = json.loads(request.get_data()[:LONGEST_REPORT])
        directive = str(
            told["csp-report"].get("effective-directive")
            or told["csp-report"].get("violated-directive")
        )
    except (ValueError, KeyError, AttributeError, TypeError):
        directive = ""
    known = {part.split(" ")[0] for policy in POLICIES.values() for part in policy.split("; ")}
    log.warning(
        "csp",
        directive=directive
        if directive.removesuffix("-elem").removesuffix("-attr") in known
        else "other",
    )
    return "", 204


@bp.get("/healthz")
@page_policy("file", signed_in=False, alone=True)
def healthz() -> Response:
    """The process answers."""
    return jsonify(alive=True)


@bp.get("/readyz")
@page_policy("file", signed_in=False, alone=True)
def readyz() -> ResponseReturnValue:
    """Database, schema and keys are as they must be; and whether timers fire."""
    why, paused = [], False
    program = current().program
    try:
        program.database.check()
        with current().transaction() as tx:
            known = installation_settings.get(tx, "keyring")
            paused = clock_guard.paused(tx)
        if known and known != program.services.vault.fingerprint():
            why.append("keys")
    except (Busy, BadSettings) as e:
        why.append("database" if isinstance(e, Busy) else "schema")
    return jsonify(
        ready=not why, why=why, timers="paused" if paused else "fire"
    ), 503 if why else 200


@bp.get("/.well-known/security.txt")
@page_policy("file", signed_in=False, alone=True)
def security() -> Response:
    """Whom to tell about a weakness."""
    chosen = current().program.settings
    contact = chosen.help_contact or chosen.mail_from
    lines = [
        f"Contact: mailto:{contact}" if "@" in contact else f"Contact: {chosen.base_url}/help",
        "Preferred-Languages: sv, en",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
