"""What a person reads when something goes wrong: one table from codes to statuses, one page, never
a trace.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType, SimpleNamespace
from typing import Any

import structlog
from flask import Flask, Response, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException, SecurityError

from service.actions.ids import ulid
from service.actions.people import accounts
from service.clock import WallClock
from service.errors import FieldFault, InvalidAnswers, NotUnderstood, TaskTaken, TrestegError
from service.text import known, say
from service.web.late_form_store import keep_late_form
from service.web.page_policy import SAFE
from service.web.request_context import current
from service.web.statuses import CODES, STATUSES

log = structlog.get_logger("web")
OURS = 500
PRECONDITION_FAILED = 412
RETRY_SECONDS = 2
INTERFACE = "/v1/"
NOTHING: Mapping[str, object] = MappingProxyType({})


def register(app: Flask) -> None:
    """Answer every fault."""
    app.register_error_handler(TrestegError, fault)
    app.register_error_handler(SecurityError, foreign_host)
    app.register_error_handler(CSRFError, lambda _: page("foreign", 403))
    app.register_error_handler(HTTPException, refused)
    app.register_error_handler(Exception, broken)


def fault(e: TrestegError) -> ResponseReturnValue:
    """Something that goes wrong on purpose."""
    status = status_of(e)
    if status == OURS:
        return broken(e)
    if e.code == "sign_in_needed" and not wants_json() and request.method in SAFE:
        return redirect(url_for("auth.sign_in", back=request.full_path.removesuffix("?")), 303)
    if e.code == "sign_in_needed" and not wants_json():
        return keep_late_form() or redirect(
            url_for("auth.sign_in", back=current().back or None), 303
        )
    minutes = e.facts.get("minutes")
    return page(
        e.code,
        status,
        findings=_findings(e),
        retry=minutes if isinstance(minutes, int) else None,
        more=_more(e) if wants_json() else {},
    )


def status_of(e: TrestegError) -> int:
    """The status of a fault: its code's; 412 where a program itself named the revision that is
    stale.
    """
    return (
        PRECONDITION_FAILED
        if e.code == "stale" and request.path.startswith(INTERFACE) and request.if_match
        else STATUSES[e.code]
    )


def refused(e: HTTPException) -> ResponseReturnValue:
    """What the web server refuses: an address or method that is none, a form that is none."""
    if e.code is None or e.code < 400:  # redirects of the router are no faults
        return e.get_response()
    if e.code >= OURS:
        return broken(e)
    response = page(CODES.get(e.code, "bad_request"), e.code)
    response.headers.update(
        {name: value for name, value in e.get_headers() if name in ("Allow", "Retry-After")}
    )
    return response


def foreign_host(_e: SecurityError) -> ResponseReturnValue:
    """Another host's name: nothing of ours is shown there, not even a page."""
    g.kind = "file"
    return Response("There is no such site here.\n", 400, content_type="text/plain; charset=utf-8")


def broken(e: Exception) -> ResponseReturnValue:
    """A fault of ours: an id to name, which also stands in the log beside the kind of fault; never
    a value, never a trace.
    """
    id_ = request_id()
    log.error(
        "fault", request=id_, route=request.endpoint or "", error=type(e).__name__, where=_place(e)
    )
    code = e.code if isinstance(e, TrestegError) and known(f"error.{e.code}.title") else ""
    return page(code, OURS, id_=id_)


def request_id() -> str:
    """The id of this request, as its line in the log has it."""
    if "request" not in g:
        g.request = ulid(WallClock().now())
    return str(g.request)


def _place(e: BaseException) -> str:
    """Module and line where it happened; lines of code are no values."""
    trace = e.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return (
        f"{trace.tb_frame.f_globals.get('__name__', '')}:{trace.tb_lineno}"
        if trace is not None
        else ""
    )


def page(
    code: str,
    status: int,
    *,
    id_: str = "",
    retry: int | None = None,
    findings: tuple[str, ...] = (),
    more: Mapping[str, object] = NOTHING,
) -> Response:
    """The error page, or the same as JSON for a script."""
    g.kind = "plain"
    lang = current().lang if "request_context" in g else "sv"
    title = say(f"error.{code}.title", lang) if code else say("error.title_ours", lang)
    text = say(f"error.{code}.text", lang) if code else say("error.ours", lang, id=id_)
    if wants_json() or "request_context" not in g:
        told = {
            "type": f"/problems/{code or 'error'}",
            "title": title,
            "status": status,
            "detail": text,
            "code": code or "error",
        }
        wait = {"retry_after": retry * 60} if retry else {}
        response = jsonify({**told, "instance": id_ or request_id(), **wait, **more})
        response.mimetype = "application/problem+json"
    else:
        about = SimpleNamespace(
            status=status,
            title=title,
            text=text,
            id=id_,
            retry=retry,
            findings=findings,
            acts=[],
            who=_who(status, lang),
        )
        response = Response(render_template("error/page.html", **vars(about)))
    response.status_code = status
    if retry:
        response.headers["Retry-After"] = str(retry * 60)
    return response


def say_when(response: Response) -> Response:
    """An answer that asks to come again says when, also where it is the page that was asked from."""
    if response.status_code in (429, 503):
        response.headers.setdefault("Retry-After", str(RETRY_SECONDS))
    return response


def _who(status: int, lang: str) -> str:
    return say("error.who_helps", lang) if status == 403 else ""  # a status is its own name


def _more(e: TrestegError) -> dict[str, object]:
    """What a program is told beside the code: fields, the revision that holds, who was faster."""
    told: dict[str, object] = {}
    if isinstance(e, InvalidAnswers):
        told["findings"] = [{"path": one.path, "detail": field_error_text(one)} for one in e.faults]
    if isinstance(e, NotUnderstood):
        told["findings"] = [
            {"path": e.facts["field"], "detail": current().t(f"api.{e.facts['why']}")}
        ]
    if isinstance(e, TaskTaken):
        with current().transaction() as tx:
            told["by"] = accounts.names(tx, current().program.services, {str(e.facts["by"])}).get(
                str(e.facts["by"]), ""
            )
    if "rev" in e.facts:
        told["rev"] = e.facts["rev"]
    return told


def field_error_text(one: FieldFault) -> str:
    """A fault of a field as a sentence; the field is called by its path."""
    if one.key == "form.check":
        return str(one.facts.get(current().lang) or one.facts.get("sv"))
    return current().t(one.key, **{"label": one.path, "name": one.path, **one.facts})


def _findings(e: Any) -> tuple[str, ...]:  # any error; those of diagrams carry findings
    return tuple(f"{f.file} {f.element}: {f.message}" for f in getattr(e, "findings", ()))


def wants_json() -> bool:
    """Whether a script asks."""
    if request.path.startswith(INTERFACE):
        return True
    best = request.accept_mimetypes.best_match(["text/html", "application/json"])
    return (
        best == "application/json"
        and request.accept_mimetypes["application/json"] > request.accept_mimetypes["text/html"]
    )
