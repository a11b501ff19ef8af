"""The auditor's pages: the list of cases, and the replay of one line by line.

They change nothing but the log of who looked.
"""

from __future__ import annotations

from flask import Blueprint, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from service.actions.casefile import read_log
from service.actions.history import audit_list, verify
from service.actions.history.case_replay import CaseReplay, load_case_replay
from service.actions.history.replay_view import replay_data, replay_view
from service.errors import NotFound
from service.store.casefile import cases
from service.store.transaction import Tx
from service.web.addresses import diagram_address
from service.web.page_policy import page_policy
from service.web.request_context import current, page_request, whole_number

bp = Blueprint("audit", __name__)
PAGE = 50
LONGEST = 60
"""Longest word that is searched for, in characters."""


@bp.get("/audit")
@page_policy("plain", act="audit")
def index() -> ResponseReturnValue:
    """Cases by pseudonym or number; a search is logged by how much it found, not by its words."""
    at, word = current(), request.args.get("q", "").strip()[:LONGEST]
    on = [code for code in audit_list.FILTERS if code in request.args.getlist("filter")]
    with at.transaction(write=bool(word)) as tx:
        page = audit_list.load_audit_list(
            tx, page_request(), word=word, filters=on, lang=at.lang, limit=PAGE
        )
        if word:
            read_log.record_search(
                tx,
                at.program.services,
                by=at.viewer,
                kind="case",
                hits=page.total,
                words=word,
                now=at.now,
            )
    return render_template(
        "audit/search.html",
        q=word,
        fault="",
        rows=page.rows,
        filters=[(code, at.t(f"audit.filter_{code}"), code in on) for code in audit_list.FILTERS],
        on=on,
        previous=page.previous,
        next=page.next,
        total=page.total,
    )


@bp.get("/audit/cases/<case>/replay", endpoint="replay")
@page_policy("diagram", act="audit")
def show(case: str) -> ResponseReturnValue:
    """One case, line by line, on the diagrams of the releases it was on."""
    at = current()
    with at.transaction(write=True) as tx:
        replay = _load_and_record(tx, case)
        verified = verify.verify(tx, at.program.services, case, now=at.now)
        number = whole_number(request.args.get("at"))
        view = replay_view(tx, at.program.services, replay, verified, number, diagram_address)
    return render_template("audit/replay.html", **view)


@bp.get("/audit/cases/<case>/data")
@page_policy("diagram", act="audit")
def data(case: str) -> ResponseReturnValue:
    """The data of the replay as JSON: every line with its state, as the page would show it."""
    with current().transaction(write=True) as tx:
        replay = _load_and_record(tx, case)
    return jsonify(replay_data(replay, diagram_address))


def _load_and_record(tx: Tx, case: str) -> CaseReplay:
    """Load a case for its replay, and record who looks before anything is sent."""
    at = current()
    if cases.get(tx, case) is None:
        raise NotFound
    read_log.record_read(
        tx, by=at.viewer, case_id=case, purpose="audit", classes=("C0",), now=at.now
    )
    return load_case_replay(tx, at.program.services, at.viewer_in_own_zone, case, at.now)
