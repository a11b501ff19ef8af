"""Health checks, `security.txt`, and the reports of browsers about the content security policy."""

from __future__ import annotations

import json
from concurrent.futures import Future
from contextvars import copy_context
from datetime import timedelta
from threading import BoundedSemaphore, Thread
from typing import TypeAlias

import structlog
from flask import Blueprint, Response, g, jsonify, request
from flask.typing import ResponseReturnValue

from service.casework import clock_guard
from service.errors import BadSettings, Busy
from service.operations import background, health, key_epochs
from service.store.installation import installation_values
from service.store.installation.heartbeats import Heartbeat
from service.web import error_pages
from service.web.page_policy import POLICIES, page_policy
from service.web.request_context import current

bp = Blueprint("health", __name__)
log = structlog.get_logger("web")
Found: TypeAlias = "tuple[list[str], str, dict[str, int]]"
"""Codes of faults, why timers are paused, part of the background to the number of its failures."""
WRITE_AGAIN = timedelta(seconds=5)
READY_SECONDS = 1.5
"""Seconds after which `/readyz` gives up its checks."""
_LOOKING = BoundedSemaphore(8)
"""Threads that check PostgreSQL; each ends when the driver knows that the server is silent."""
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
    """Whether people can work: `why` names what is not as it must be.

    `database` does not answer, `schema` or `keys` are others than this program's or newer, `write`
    fails, there is no room on the `disk`, no `worker` has given a sign of life for a minute, or a
    part of the background fails (`service.operations.background.PARTS`). `failing` names each part
    that fails, also those that leave people able to work.
    """
    faults = list[str]()
    why_paused = ""
    failing = dict[str, int]()
    try:
        faults, why_paused, failing = _faults_in_time()
    except (Busy, BadSettings) as e:
        error_pages.note_cause(e)
        faults.append("database" if isinstance(e, Busy) else "schema")
    if faults:
        g.setdefault("cause", {"error": " ".join(faults)})
    timers = "paused" if why_paused else "fire"
    parts = {"failing": list(failing)} if failing else {}
    restored = {"restored": "not confirmed"} if why_paused == clock_guard.RESTORED else {}
    answer = jsonify(ready=not faults, why=faults, timers=timers, **parts, **restored)
    return answer, 503 if faults else 200


def _faults_in_time() -> Found:
    """`_faults` with a time limit on PostgreSQL.

    When the server is gone without a word, the driver takes some seconds to be sure of it: so a
    thread of its own asks, and is left to end by itself.

    Raises:
        Busy: there is no answer yet, or too many have been waiting for one.
    """
    if not current().program.database.postgres:
        return _faults()
    if not _LOOKING.acquire(blocking=False):
        raise Busy
    found: Future[Found] = Future()
    context = copy_context()

    def look() -> None:
        try:
            found.set_result(context.run(_faults))
        except BaseException as fault:  # noqa: BLE001 - raised where it is waited for
            found.set_exception(fault)
        finally:
            _LOOKING.release()

    Thread(target=look, name="readyz", daemon=True).start()
    try:
        return found.result(READY_SECONDS)
    except TimeoutError as fault:
        raise Busy(driver="TimeoutError") from fault


def _faults() -> Found:
    """Codes of faults, why timers are paused, and the failing parts of the background."""
    context = current()
    faults = list[str]()
    program = context.program
    program.database.check()
    with context.transaction() as tx:
        known = installation_values.get(tx, "keyring")
        lacks = key_epochs.lacks_newest(tx, program.services.vault)
        why_paused = clock_guard.why_paused(tx)
        beats = health.last_beats(tx)
    if lacks or (known and known != program.services.vault.fingerprint()):
        faults.append("keys")
    free = health.free_bytes(program.database.file)
    if free is not None and free < health.LEAST_ROOM:
        faults.append("disk")
    if not _can_write(beats.get(health.WRITTEN)):
        faults.append("write")
    if not health.is_alive(beats.get(health.WORKER), context.wall):
        faults.append("worker")
    failing = background.failing(beats, context.wall)
    faults += [part for part in failing if background.PARTS[part].unready]
    return faults, why_paused, failing


def _can_write(last: Heartbeat | None) -> bool:
    """Whether a row can be written; not tried again for a few seconds after it could, so that who
    asks often costs nothing.
    """
    context = current()
    if last is not None and timedelta() <= context.wall - last.at < WRITE_AGAIN:
        return True
    try:
        with context.database.transaction() as tx:
            health.beat(tx, health.WRITTEN, now=context.wall)
    except Busy as e:
        error_pages.note_cause(e)
        return False
    return True


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
