"""The register of processing and the annex to an impact assessment, as pages and as PDF."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from flask.typing import ResponseReturnValue

from service.errors import PaperFailed, ReportFailed
from service.sandbox.paper_compilers import SHARED as COMPILERS
from service.text import languages
from service.web.page_policy import page_policy
from service.web.request_context import current
from service.workshop import editor
from service.workshop.register.register import ANNEX, REGISTER
from service.workshop.register.register_page import (
    RegisterPage,
    host_of,
    load_release,
    other_releases,
    write_page,
)
from service.workshop.register.written import compose_paper

bp = Blueprint("register", __name__)
LONGEST = 80
"""Longest id of a process or release in an address, in characters."""


@bp.get("/releases/<release>/register")
@page_policy("plain", act="read_process")
def show(release: str) -> ResponseReturnValue:
    """The register of processing of one process of a release."""
    return _draw(release, REGISTER)


@bp.get("/releases/<release>/impact-annex")
@page_policy("plain", act="read_process")
def annex(release: str) -> ResponseReturnValue:
    """The annex to an impact assessment of one process of a release."""
    return _draw(release, ANNEX)


@bp.get("/releases/<release>/register.pdf")
@page_policy("file", act="read_process")
def show_pdf(release: str) -> ResponseReturnValue:
    """The register as PDF."""
    return _printed(release, REGISTER)


@bp.get("/releases/<release>/impact-annex.pdf")
@page_policy("file", act="read_process")
def annex_pdf(release: str) -> ResponseReturnValue:
    """The annex as PDF."""
    return _printed(release, ANNEX)


def _load(release: str, kind: str, lang: str) -> RegisterPage:
    context = current()
    services = context.program.services
    process = request.args.get("process", "")[:LONGEST]
    against = request.args.get("against", "")[:LONGEST]
    with context.transaction() as tx:
        found = load_release(tx, release)
        others = other_releases(tx, services.programme.process, release)
        other = load_release(tx, against) if against else None
    host = host_of(context.program.settings)
    return write_page(
        kind, services, host, lang, release=found, process=process, against=other, others=others
    )


def _draw(release: str, kind: str) -> ResponseReturnValue:
    page = _load(release, kind, current().lang)
    main = current().program.services.programme.process
    return render_template(
        "processes/register.html",
        page=page,
        text=page.text,
        release=release,
        kind=kind,
        endpoint=".show" if kind == REGISTER else ".annex",
        file=editor.main_file(main).rpartition("/")[2],
    )


def _printed(release: str, kind: str) -> ResponseReturnValue:
    """Make the file outside of any transaction, and send it. No person is in it: no entry is
    written.

    Raises:
        ReportFailed: it became too large.   Busy: too many others are having papers made.
    """
    context = current()
    asked = request.args.get("lang", "")
    page = _load(release, kind, asked if asked in languages() else context.lang)
    zone = context.viewer_in_own_zone.zone
    made = compose_paper(page.text, f"{kind}-{page.process}", context.now, zone, page.difference)
    try:
        content = COMPILERS.compile(made.source, made.data, at=context.now)
    except PaperFailed as e:
        raise ReportFailed from e
    response = Response(content, content_type="application/pdf")
    response.headers["Content-Disposition"] = f'attachment; filename="{made.name}"'
    return response
