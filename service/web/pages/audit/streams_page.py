"""What changed outside the cases: releases, offices and roles, the installation, each as a list.

Registered on the blueprint of the audit.
"""

from __future__ import annotations

from flask import render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.search import streams
from service.web.page_policy import page_policy
from service.web.pages.audit import bp
from service.web.request_context import current, whole_number

PAGE = 50


@bp.get("/audit/streams")
@page_policy("plain", act="audit")
def list_streams() -> ResponseReturnValue:
    """What can be looked at."""
    with current().transaction() as tx:
        titles = streams.load_stream_titles(tx, current().lang)
    links = [(url_for("audit.show_stream", name=name), title) for name, title in titles]
    return render_template("audit/streams.html", links=links, page=None, older="")


@bp.get("/audit/streams/<path:name>")
@page_policy("plain", act="audit")
def show_stream(name: str) -> ResponseReturnValue:
    """What changed, by whom and why, the newest first."""
    context = current()
    with context.transaction() as tx:
        page = streams.load_stream(
            tx,
            context.program.services,
            name,
            before=whole_number(request.args.get("before")),
            lang=context.lang,
            limit=PAGE,
        )
    older = url_for("audit.show_stream", name=name, before=page.older) if page.older else ""
    return render_template("audit/streams.html", links=(), page=page, older=older)
