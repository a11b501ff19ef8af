"""Error pages: the one handler of every fault of a request.

An error of ours becomes the page of its form again, where the view said how, or one page with the
status of its code (`service.web.statuses`); for a program the same as JSON. Never a trace.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from http import HTTPStatus
from types import MappingProxyType, SimpleNamespace
from typing import Final

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask.globals import request_ctx
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from service import logs
from service.application import unit_of_work
from service.casework.incidents import record_refused_row
from service.clock import WallClock
from service.errors import (
    Busy,
    CaseErased,
    FieldFault,
    Finding,
    InvalidAnswers,
    NotUnderstood,
    OperationRefused,
    RowRefused,
    TaskTaken,
    TrestegError,
)
from service.people import accounts
from service.records.ids import ulid
from service.text import known, say
from service.web import erased_cases
from service.web.late_form_store import is_own_page, keep_late_form, page_language
from service.web.page_policy import SAFE, from_our_pages
from service.web.request_context import INTERFACE, current, local_path
from service.web.statuses import CODES, STATUSES

log = structlog.get_logger("web")
OURS = 500
PRECONDITION_FAILED = 412
RETRY_SECONDS = 2
REDRAWS = 2
"""How often the page of a form is drawn again for faults of one request."""
ASKED_FIRST: Mapping[str, Callable[[TrestegError], str]] = {
    "reason_needed": lambda e: url_for("cases.show", case=e.facts.get("case", ""), back=_here()),
    "approval_needed": lambda e: url_for(
        "protected_identity.ask",
        case=e.facts.get("case", ""),
        kind=e.facts.get("kind"),
        subject=e.facts.get("subject") or None,
    ),
}
"""Faults that lead a reader to a page where she is asked something first, and the way there."""


@dataclass(frozen=True, slots=True)
class ResendForm:
    """A form as it was sent."""

    path: str
    mimetype: str
    fields: Sequence[tuple[str, str]]
    files: bool
    """Whether files came with it; they must be chosen again."""


NOTHING: Mapping[str, object] = MappingProxyType({})


def register(app: Flask) -> None:
    """Answer every fault."""
    app.register_error_handler(TrestegError, fault)
    app.register_error_handler(SecurityError, foreign_host)
    app.register_error_handler(CSRFError, stale_form)
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, broken)


def fault(e: TrestegError, redraws: int = REDRAWS) -> ResponseReturnValue:
    """Answer an error of ours: with the page of the form again where the view said how, else with
    the error page.
    """
    e = erased_cases.or_erased(e)
    note_cause(e)
    if isinstance(e, RowRefused):
        _open_incident(e)
    draw = g.get("redraw")
    if draw is not None and redraws:
        try:
            page_again: ResponseReturnValue | None = draw(e)
        except TrestegError as other:  # such as a task that was closed while it is drawn again
            return fault(other, redraws - 1)
        if page_again is not None:
            return page_again
    status = status_of(e)
    if status == OURS:
        return broken(e)
    if e.code in WHO_FIRST and not wants_json():
        return WHO_FIRST[e.code]()
    if e.code in ASKED_FIRST and not wants_json() and request.method in SAFE:
        return redirect(ASKED_FIRST[e.code](e), 303)
    minutes = e.facts.get("minutes")
    return page(
        e.code,
        status,
        findings=_findings(e),
        acts=_acts(e, status),
        retry=minutes if isinstance(minutes, int) else None,
        more=_more(e) if wants_json() else {},
        text=_text(e),
    )


def _text(e: TrestegError) -> str:
    """What happened, where the sentence names facts; "" for the one of the code."""
    if isinstance(e, OperationRefused) and "operation" in e.facts:
        return current().t(f"error.{e.code}.named", **e.facts)
    if not isinstance(e, CaseErased) or "month" not in e.facts:
        return ""
    key = "ruled" if e.facts["rule"] else "early"
    return current().t(f"error.{e.code}.{key}", **e.facts)


def _open_incident(e: RowRefused) -> None:
    """Open the incident that operators find; where even that fails, the log names the row."""
    with suppress(TrestegError):
        unit_of_work.write(
            current().program.database, partial(record_refused_row, refused=e, now=current().now)
        )


def _sign_in_first() -> ResponseReturnValue:
    """The way to sign in, and back; a form that was sent is kept meanwhile."""
    if request.method in SAFE:
        return redirect(url_for("sign_in.sign_in", back=_here()), 303)
    try:
        to_sign_in = url_for("sign_in.sign_in", lang=page_language())
        return keep_late_form(to_sign_in) or redirect(_sign_in_again(), 303)
    except Busy as busy:  # the page that says wait has the whole form, and sends it again
        return fault(busy, 0)


def _prove_first() -> ResponseReturnValue:
    """The way to show that it is she, and back; a form that was sent is kept meanwhile."""
    try:
        back = current().back or _drawn_here() or ""
        return keep_late_form(url_for("fresh_proof.page")) or redirect(
            url_for("fresh_proof.page", back=back, lost=1), 303
        )
    except Busy as busy:
        return fault(busy, 0)


WHO_FIRST: Final[Mapping[str, Callable[[], ResponseReturnValue]]] = {
    "sign_in_needed": _sign_in_first,
    "proof_needed": _prove_first,
}
"""Code of a fault to the way by which somebody shows first who she is."""


def _drawn_here() -> str | None:
    """The address of this request, where it has a page too."""
    adapter = request_ctx.url_adapter
    drawn = adapter is not None and adapter.test(method="GET")
    return request.path if drawn else None


def _sign_in_again() -> str:
    """The address that says that a form came too late and was not kept, and leads back to it."""
    back = current().back or _drawn_here()
    return url_for("sign_in.sign_in", back=back, lang=page_language(), late=1)


def _here() -> str:
    return request.full_path.removesuffix("?")


def status_of(e: TrestegError) -> int:
    """The status of a fault: its code's; 412 where a program itself named the revision that is
    stale.
    """
    return (
        PRECONDITION_FAILED
        if e.code == "stale" and request.path.startswith(INTERFACE) and request.if_match
        else STATUSES[e.code]
    )


def stale_form(_e: CSRFError) -> ResponseReturnValue:
    """A form whose token is none of this session: of a page that the same person had open before
    she signed in anew it is kept, and shown to her to be sent now; any other is refused.
    """
    kept = None
    if not wants_json() and is_own_page():
        try:
            kept = keep_late_form(url_for("late_forms.page"))
        except Busy as busy:
            return fault(busy, 0)
    return kept or page("foreign", 403)


def refused(e: HTTPException) -> ResponseReturnValue:
    """The answer to an HTTP error of Werkzeug: unknown address or method, a bad form."""
    if e.code is None or e.code < HTTPStatus.BAD_REQUEST:  # redirects of the router
        return e.get_response()
    if e.code >= OURS:
        return broken(e)
    code = CODES.get(e.code, "bad_request")
    g.setdefault("cause", {"error": code})
    response = page(code, e.code, acts=_back_to_form(code))
    response.headers.update(
        {name: value for name, value in e.get_headers() if name in ("Allow", "Retry-After")}
    )
    return response


def _back_to_form(code: str) -> tuple[tuple[str, str], ...]:
    """The way back to the form whose files were too large to be read."""
    adapter = request_ctx.url_adapter
    if code != "too_large" or adapter is None or not adapter.test(method="GET"):
        return ()
    return ((current().t("error.back_to_form"), request.path),)


def foreign_host(_e: SecurityError) -> ResponseReturnValue:
    """Another host's name: nothing of ours is shown there, not even a page."""
    g.kind = "file"
    return Response("There is no such site here.\n", 400, content_type="text/plain; charset=utf-8")


def broken(e: Exception) -> ResponseReturnValue:
    """A fault of ours: an id to name, which is also in the log with the kind of fault; never a
    value, never a trace.
    """
    id_ = request_id()
    note_cause(e)
    log.error("fault", request=id_, route=request.endpoint or "", **logs.described(e))
    code = e.code if isinstance(e, TrestegError) and known(f"error.{e.code}.title") else ""
    return page(code, OURS, id_=id_)


def note_cause(e: Exception) -> None:
    """Note what the line of this request says of its first fault: always the code, and where it
    happened if it is ours or the database's.
    """
    if "cause" in g:
        return
    said = logs.described(e)
    known_status = STATUSES[e.code] if isinstance(e, TrestegError) else OURS
    g.cause = said if known_status >= OURS else {"error": said["error"]}


def request_id() -> str:
    """The id of this request, as its line in the log has it."""
    if "request" not in g:
        g.request = ulid(WallClock().now())
    return str(g.request)


def page(
    code: str,
    status: int,
    *,
    id_: str = "",
    retry: int | None = None,
    findings: tuple[str, ...] = (),
    acts: tuple[tuple[str, str], ...] = (),
    more: Mapping[str, object] = NOTHING,
    text: str = "",
) -> Response:
    """The error page, or the same as JSON for a script."""
    g.kind = "plain"
    lang = current().lang if "request_context" in g else "sv"
    title = say(f"error.{code}.title", lang) if code else say("error.title_ours", lang)
    if not text:
        text = say(f"error.{code}.text", lang) if code else say("error.ours", lang, id=id_)
    if wants_json() or "request_context" not in g:
        wait = {"retry_after": retry * 60} if retry else {}
        instance = {"instance": id_ or request_id(), **wait, **more}
        response = _problem(code or "error", status, title, text, instance)
    else:
        about = SimpleNamespace(
            again=resend_form(status),
            status=status,
            title=title,
            text=text,
            id=id_,
            retry=retry,
            findings=findings,
            acts=acts,
            who=_who(status, lang),
        )
        response = Response(render_template("error/page.html", **vars(about)))
    response.status_code = status
    if retry:
        response.headers["Retry-After"] = str(retry * 60)
    return response


def resend_form(status: int) -> ResendForm | None:
    """The form of this request, for the page that says that nothing could be saved: sent again from
    there it is the same request, with the same key.

    Needs no database. None for what is no form of ours, and for words that no page may hold.
    """
    if status != HTTPStatus.SERVICE_UNAVAILABLE or request.method in SAFE:
        return None
    if not from_our_pages(current().program.settings.base_url) or request.endpoint is None:
        return None
    try:
        fields = list(request.form.items(multi=True))
    except HTTPException:
        return None
    if not fields or any("password" in name for name, _ in fields):
        return None
    path = local_path(request.full_path.removesuffix("?"))
    files = any(file.filename for _, file in request.files.items(multi=True))
    return ResendForm(path, request.mimetype, fields, files=files) if path else None


def _problem(code: str, status: int, title: str, text: str, more: Mapping[str, object]) -> Response:
    """A problem as a program gets it. Source: RFC 9457."""
    problem = {
        "type": f"/problems/{code}",
        "title": title,
        "status": status,
        "detail": text,
        "code": code,
    }
    response = jsonify({**problem, **more})
    response.mimetype = "application/problem+json"
    if status == HTTPStatus.UNAUTHORIZED:
        response.headers["WWW-Authenticate"] = "Bearer"
    return response


def say_when(response: Response) -> Response:
    """An answer that asks to come again says when, also where it is the page asked from."""
    if response.status_code in (429, 503):
        response.headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return response


def _who(status: int, lang: str) -> str:
    return say("error.who_helps", lang) if status == HTTPStatus.FORBIDDEN else ""


def _more(e: TrestegError) -> dict[str, object]:
    """Members of a JSON error after its code: faults by field, the current revision, who has the
    task, the address at which to say why or to ask.
    """
    more: dict[str, object] = {}
    if isinstance(e, InvalidAnswers):
        more["findings"] = [
            {"path": fault.path, "detail": field_error_text(fault)} for fault in e.faults
        ]
    if isinstance(e, NotUnderstood):
        more["findings"] = [
            {"path": e.facts["field"], "detail": current().t(f"api.{e.facts['why']}")}
        ]
    if isinstance(e, TaskTaken):
        with current().transaction() as tx:
            more["by"] = accounts.names(tx, current().program.services, {str(e.facts["by"])}).get(
                str(e.facts["by"]), ""
            )
    if e.code == "reason_needed":
        more["say_why"] = f"/v1/cases/{e.facts.get('case')}/reasons"
    if e.code == "approval_needed":
        more["ask"] = f"/v1/cases/{e.facts.get('case')}/approvals"
        more |= {name: e.facts.get(name) for name in ("kind", "subject")}
    if "rev" in e.facts:
        more["rev"] = e.facts["rev"]
    return more


def field_error_text(one: FieldFault) -> str:
    """A fault of a field as a sentence; the field is called by its path."""
    if one.key == "form.check":
        return str(one.facts.get(current().lang) or one.facts.get("sv"))
    return current().t(one.key, **{"label": one.path, "name": one.path, **one.facts})


def _acts(e: TrestegError, status: int) -> tuple[tuple[str, str], ...]:
    """The links of an error page that lead on: (text, address)."""
    if (
        status == HTTPStatus.SERVICE_UNAVAILABLE
        and request.method in SAFE
        and "request_context" in g
    ):
        home = (current().t("error.home"), "/")
        return ((current().t("error.try_again"), local_path(_here()) or "/"), home)
    if isinstance(e, CaseErased) and "case" in e.facts:
        path = url_for("audit.replay", case=e.facts["case"])
        return ((current().t("error.case_erased.act"), path),)
    if e.code in ASKED_FIRST:
        return ((current().t(f"error.{e.code}.act"), ASKED_FIRST[e.code](e)),)
    return ()


def _findings(e: TrestegError) -> tuple[str, ...]:
    """The findings that errors of diagrams carry, as sentences."""
    found: Sequence[Finding] = getattr(e, "findings", ())
    return tuple(f"{one.file} {one.element}: {one.message}" for one in found)


def wants_json() -> bool:
    """Whether a script asks."""
    if request.path.startswith(INTERFACE):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return (
        best == "application/json"
        and request.accept_mimetypes["application/json"] > request.accept_mimetypes["text/html"]
    )
