"""The Flask application: its views, its settings, and the hooks that every request goes through."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import structlog
from flask import Flask, Request, Response, current_app, g, request, session
from flask.sessions import SessionInterface, SessionMixin
from werkzeug.exceptions import NotFound
from werkzeug.middleware.proxy_fix import ProxyFix

from service.application.container import Tresteg
from service.application.request_counts import RequestCounts
from service.application.unit_of_work import LocalWorker
from service.records.context import Services
from service.security.purposes import FORM_TOKENS
from service.settings import Settings
from service.web import assets, barred_cases, error_pages, page_policy, template_globals
from service.web.api import reference, v1
from service.web.body_sizes import FORM_BYTES, FORM_FIELDS, largest_body
from service.web.compression import compress
from service.web.form_token import FormTokens
from service.web.pages import (
    approvals,
    demo,
    document_requests,
    fresh_proof,
    home,
    late_forms,
    log_questions,
    one_time_codes,
    operations,
    passkeys,
    programs,
    provider_sign_in,
    retention,
    settings,
    sign_in,
    subject_requests,
    welcome,
)
from service.web.pages import help as assistance
from service.web.pages.audit import (
    audit_search,
    case_fields,
    export,
    log_review_page,
    matter,
    printed_reports,
    read_log_page,
    replay_page,
    report,
    streams_page,
    unmasking_request,
    verification,
)
from service.web.pages.audit.matter import require_matter
from service.web.pages.audit.proof import proof_of_case, proof_of_many
from service.web.pages.casework import (
    answer_corrections,
    break_glass,
    calendar,
    card,
    case_list,
    cases,
    compose_referral,
    documents,
    drop_document,
    duty,
    earlier_answers,
    inbox,
    marking,
    messages,
    new_case,
    office,
    papers,
    protected_identity,
    referrals,
    search,
    tasks,
    withdrawal,
)
from service.web.pages.monitoring import health, ledger_heads, metrics
from service.web.pages.workshop import (
    comparison,
    dossier,
    draft_checks,
    draft_diagram,
    draft_files,
    draft_form,
    draft_form_layout,
    draft_forms,
    draft_promises,
    draft_rules,
    drafts,
    dry_run,
    file_states,
    migrations,
    publication,
    register,
    releases,
    trial,
)
from service.web.pages.workshop.configuration import (
    draft_calendars,
    draft_configuration,
    draft_languages,
    draft_papers,
    draft_reminders,
    draft_roles,
    draft_texts,
    draft_visibility,
    draft_words,
)
from service.web.request_context import Site, begin_request, current, current_site
from service.web.submit import JSON

log = structlog.get_logger("web")
MODULES = (
    assets,
    sign_in,
    welcome,
    fresh_proof,
    one_time_codes,
    passkeys,
    provider_sign_in,
    late_forms,
    home,
    health,
    metrics,
    ledger_heads,
    assistance,
    inbox,
    office,
    settings,
    tasks,
    case_list,
    cases,
    new_case,
    messages,
    answer_corrections,
    marking,
    drop_document,
    protected_identity,
    card,
    duty,
    withdrawal,
    approvals,
    break_glass,
    log_questions,
    retention,
    subject_requests,
    document_requests,
    operations,
    programs,
    search,
    documents,
    earlier_answers,
    papers,
    calendar,
    compose_referral,
    referrals,
    releases,
    drafts,
    draft_diagram,
    draft_checks,
    draft_files,
    file_states,
    draft_forms,
    draft_form,
    draft_form_layout,
    draft_configuration,
    draft_roles,
    draft_visibility,
    draft_reminders,
    draft_texts,
    draft_words,
    draft_calendars,
    draft_languages,
    draft_papers,
    draft_promises,
    draft_rules,
    comparison,
    trial,
    dry_run,
    publication,
    dossier,
    register,
    migrations,
    replay_page,
    audit_search,
    matter,
    unmasking_request,
    log_review_page,
    read_log_page,
    streams_page,
    printed_reports,
    verification,
    proof_of_case,
    proof_of_many,
    export,
    case_fields,
    report,
    reference,
    v1,
)
"""Every module whose views the site has: pages, and the interface for programs."""
BLUEPRINTS = tuple(dict.fromkeys(module.bp for module in MODULES))
"""Each once: several modules put their views on the blueprint of cases, or of the audit."""
OUR_ID = re.compile(r"[0-9A-Z]{26}(:[0-9.]{1,40})?")
"""An id of a case or a task: what else is typed into an address is in no line."""
REFUSED, TOO_LATE, BROKEN = 400, 409, 500
"""Statuses from which a line says why."""


class _OneRequest(dict[str, Any], SessionMixin):
    """Flask's session lives for one request; what lasts is the row of the sign-in."""


class _NoSessions(SessionInterface):
    def open_session(self, _app: Flask, _request: Request) -> _OneRequest:
        return _OneRequest()

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Nothing is kept."""


def create_app(
    program: Tresteg,
    worker: LocalWorker | None = None,
    counts: RequestCounts | None = None,
) -> Flask:
    """Make the application.

    A demo also needs `app.config["TRESTEG_RESET"]`, which begins it anew, and
    `app.config["TRESTEG_WALK"]`, which plays on.

    Args:
        worker: the worker of this process, which begins what a request has made when its answer is
            sent.
        counts: where answered requests are counted; shared by all processes of a site.
    Raises:
        BadSettings: a view has no policy, or the browser's files are not built.
    """
    app = _Application("service.web", static_folder=None)
    site = Site(program, worker, counts or RequestCounts())
    app.extensions["tresteg"] = site
    app.session_interface = _NoSessions()
    app.json.ensure_ascii = False  # type: ignore[attr-defined]  # of the provider that Flask comes with
    app.config.update(_flask_settings(program.settings, program.services))
    if program.settings.trusted_proxies:
        hops = program.settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]  # the documented way
    _add_request_hooks(app, program)
    error_pages.register(app)
    template_globals.register(app)
    for blueprint in (*BLUEPRINTS, *((demo.bp,) if program.demo else ())):
        app.register_blueprint(blueprint)
    app.extensions["csrf"].exempt(health.csp)
    assets.manifest()
    page_policy.require_policies(app)
    site.counts.name_routes(list(app.view_functions))
    return app


class _Application(Flask):
    """Flask without asynchronous views: it need not ask of each function whether it is one."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function itself."""
        return func


def _flask_settings(settings: Settings, services: Services) -> dict[str, object]:
    """Settings of Flask and Flask-WTF."""
    return {
        # the same after a restart, and in every process, so that open forms can be sent
        "SECRET_KEY": settings.secret_key or services.vault.blind(FORM_TOKENS, "").hex(),
        "MAX_CONTENT_LENGTH": largest_body(settings),
        "MAX_FORM_MEMORY_SIZE": FORM_BYTES,
        "MAX_FORM_PARTS": FORM_FIELDS,
        # asks for a Referer, which we forbid; `only_from_our_pages` looks at what browsers send
        # instead
        "WTF_CSRF_SSL_STRICT": False,
        "WTF_CSRF_TIME_LIMIT": int(timedelta(hours=settings.session_max_hours).total_seconds()),
    }


def _add_request_hooks(app: Flask, program: Tresteg) -> None:
    """Everything that a request goes through before its view, in this order."""
    app.before_request(_begin_watch)
    app.before_request(
        page_policy.only_our_host(program.settings.base_url, program.settings.files_host)
    )
    app.before_request(_arrive)
    app.before_request(
        page_policy.only_from_our_pages(program.settings.base_url, lambda: current().bearer)
    )
    app.before_request(page_policy.only_text)
    app.before_request(_let_in)
    FormTokens(app)
    app.before_request(require_matter)
    app.before_request(barred_cases.refuse_barred)
    app.after_request(compress)  # Flask runs these from the last to the first
    app.after_request(_leave)
    app.after_request(error_pages.say_when)
    app.after_request(page_policy.headers)


def _begin_watch() -> None:
    g.began = time.monotonic()


def _arrive() -> None:
    opened = page_policy.policy_of(current_app)
    g.kind = opened.kind
    if request.mimetype in ("application/x-www-form-urlencoded", JSON):
        request.max_content_length = FORM_BYTES  # forms with files may be larger
    begin_request(current_site(), opened)
    template_globals.prepare_menu(current())
    template_globals.prepare_open_glass(current())
    if not current().bearer:
        session["csrf_token"] = _form_secret()


def _form_secret() -> str:
    """The secret that form tokens are bound to: of the sign-in, or of a stranger's own cookie."""
    if current().session is not None:
        return current().session.csrf  # type: ignore[union-attr]  # looked at in the line above
    kept = request.cookies.get(current().site.cookie("form", "tresteg_form"), "")
    g.form_secret = "" if kept else secrets.token_hex(32)
    return hashlib.sha256((kept or g.form_secret).encode()).hexdigest()


def _let_in() -> None:
    if request.endpoint is None or request.routing_exception is not None:
        raise request.routing_exception or NotFound
    opened, signed_in = page_policy.policy_of(current_app), current().session
    page_policy.may_open(opened, signed_in.viewer if signed_in is not None else None)
    if opened.signed_in and signed_in is not None:
        page_policy.require_operation(request.endpoint, signed_in.operations)


def _leave(response: Response) -> Response:
    """The stranger's cookie, if a form was made for her; and a line in the log that holds nothing
    of the request but its route.
    """
    if g.get("form_secret") and "csrf_token" in g:
        site = current().site
        response.set_cookie(
            site.cookie("form", "tresteg_form"),
            g.form_secret,
            secure=site.secure,
            httponly=True,
            samesite="Strict",
        )
    if "request_context" in g:
        for begin in current().for_worker:
            response.call_on_close(begin)
    _log_request(response)
    return response


def _log_request(response: Response) -> None:
    """Count the request, and write one line: route, status, duration, ids, and why it was refused;
    nothing else of the request.

    What is ours to mend is an error, who was slower than another a warning.
    """
    status, seconds = response.status_code, time.monotonic() - g.began
    method = "read" if request.method in page_policy.SAFE else "write"
    current_site().counts.count(request.endpoint or "", method, status, seconds)
    write = log.error if status >= BROKEN else log.warning if status == TOO_LATE else log.info
    write(
        "request",
        request=error_pages.request_id(),
        route=request.endpoint or "",
        method=method,
        status=status,
        ms=round(seconds * 1000),
        **_ids(),
        **(g.get("cause", {}) if status >= REFUSED else {}),
    )


def _ids() -> dict[str, str]:
    """Ids for the line of the log: case and task of the address, person and office; those known."""
    who = g.request_context.session if "request_context" in g else None
    named = request.view_args or {}
    ids = {name: str(named.get(name, "")) for name in ("case", "task")}
    ids = {name: id_ for name, id_ in ids.items() if OUR_ID.fullmatch(id_)}
    if who is not None:
        ids |= {"person": who.viewer.person, "office": who.viewer.office}
    return ids


__all__ = ["create_app"]
