"""Health checks, `security.txt`, and the reports of browsers about the content security policy."""

from __future__ import annotations

import json

import structlog
from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from service.actions.operations import clock_guard
from service.errors import BadSettings, Busy
from service.store.installation import installation_settings
from service.web.page_policy import POLICIES, page_policy
from service.web.request_context import current

bp = Blueprint("health", __name__)
log = structlog.get_logger("web")
LONGEST_REPORT = 10_000
"""Longest report of a browser that is read, in bytes."""


@bp.post("/csp")
@page_policy("file", signed_in=False, alone=True)
def csp() -> ResponseReturnValue:
    """Log the directive that a page broke, as its browser reports it; nothing of the address."""
    known = {part.split(" ")[0] for policy in POLICIES.values() for part in policy.split("; ")}
    directive = _directive(request.get_data()[:LONGEST_REPORT])
    listed = directive.removesuffix("-elem").removesuffix("-attr") in known
    log.warning("csp", directive=directive if listed else "other")
    return "", 204


def _directive(body: bytes) -> str:
    """The directive that a report names; "" when it names none."""
    try:
        report = json.loads(body)["csp-report"]
        return str(report.get("effective-directive") or report.get("violated-directive"))
    except (ValueError, KeyError, AttributeError, TypeError):
        return ""


@bp.get("/healthz")
@page_policy("file", signed_in=False, alone=True)
def healthz() -> Response:
    """Whether the process answers."""
    return jsonify(alive=True)


@bp.get("/readyz")
@page_policy("file", signed_in=False, alone=True)
def readyz() -> ResponseReturnValue:
    """Whether database, schema and keys are as they must be; and whether timers fire."""
    faults, why_paused = [], ""
    program = current().program
    try:
        program.database.check()
        with current().transaction() as tx:
            known = installation_settings.get(tx, "keyring")
            why_paused = clock_guard.why_paused(tx)
        if known and known != program.services.vault.fingerprint():
            faults.append("keys")
    except (Busy, BadSettings) as e:
        faults.append("database" if isinstance(e, Busy) else "schema")
    timers = "paused" if why_paused else "fire"
    restored = {"restored": "not confirmed"} if why_paused == clock_guard.RESTORED else {}
    answer = jsonify(ready=not faults, why=faults, timers=timers, **restored)
    return answer, 503 if faults else 200


@bp.get("/.well-known/security.txt")
@page_policy("file", signed_in=False, alone=True)
def security() -> Response:
    """Whom to tell about a weakness (RFC 9116)."""
    chosen = current().program.settings
    contact = chosen.help_contact or chosen.mail_from
    lines = [
        f"Contact: mailto:{contact}" if "@" in contact else f"Contact: {chosen.base_url}/help",
        "Preferred-Languages: sv, en",
    ]
    return Response("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")
