"""What the interface for programs can do: a document for programs, a page for people, and a page in
plain words for each fault.
"""

from __future__ import annotations

from types import SimpleNamespace

from flask import Blueprint, Response, jsonify, render_template
from flask.typing import ResponseReturnValue

from service.errors import NotFound
from service.text import known
from service.web.api import v1
from service.web.api.v1 import openapi, terms
from service.web.page_policy import page_policy
from service.web.request_context import current

bp = Blueprint("api", __name__)


@bp.get("/openapi.json")
@page_policy("file", signed_in=False, alone=True)
def document() -> Response:
    """The interface as OpenAPI 3.1."""
    return jsonify(openapi.document(v1.OPERATIONS, current().program.settings))


@bp.get("/api")
@page_policy("plain", signed_in=False)
def page() -> ResponseReturnValue:
    """The same for people."""
    groups: dict[str, list[SimpleNamespace]] = {}
    for one in v1.OPERATIONS:
        address = openapi.address(one)
        needs = [current().t("api.key")] * one.keyed + [current().t("api.rev")] * one.matched
        row = SimpleNamespace(
            method=one.method,
            address=address,
            about=one.about,
            needs=needs,
            status=one.status,
            faults=openapi.statuses(one),
        )
        groups.setdefault(one.path.split("/")[1], []).append(row)
    settings, lang = current().program.settings, current().lang
    return render_template(
        "api/guide.html",
        limits=terms.limits(settings, lang),
        service=[*terms.service_level(settings, lang).values()],
        groups=groups,
        codes=sorted(
            ((code, openapi.STATUS_OF[code]) for code in _told()),
            key=lambda pair: (pair[1], pair[0]),
        ),
    )


@bp.get("/problems/<code>")
@page_policy("plain", signed_in=False)
def problem(code: str) -> ResponseReturnValue:
    """What a fault means, and what to do."""
    if code not in _told():
        raise NotFound
    return render_template("api/problem.html", code=code, status=openapi.STATUS_OF[code])


def _told() -> list[str]:
    """Codes that somebody may meet: those that there are texts for."""
    return [code for code in openapi.STATUS_OF if known(f"error.{code}.title")]
