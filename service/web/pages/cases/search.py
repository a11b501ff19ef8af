"""The search.

Its words travel in a form, lie sealed for half an hour, and stand in no address: the page of hits
can be loaded again and gone back to.
"""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.casefile import read_log
from service.actions.pages import case_search, message_form
from service.actions.people import short_lived_texts
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current

bp = Blueprint("find", __name__)
LONGEST = 80
GONE = 410


@bp.get("/find")
@page_policy("plain", act=WORK)
def page() -> ResponseReturnValue:
    """The hits of a search as the cases stand now; without one, the search still empty."""
    at, name = current(), request.args.get("s", "")
    if not name:
        return _page()
    with at.transaction() as tx:
        words = short_lived_texts.read_text(
            tx, name=name, secret=at.token, person=at.someone.id, now=at.wall
        )
        hits = (
            case_search.search_cases(tx, at.program.services, at.viewer, at.now, words)[1]
            if words is not None
            else []
        )
    if words is None:
        return _page(over=True), GONE
    return _page(words, hits)


@bp.post("/find")
@page_policy("plain", act=WORK)
def search() -> ResponseReturnValue:
    """Search, write that it was done, and go on to the hits."""
    at, words = current(), request.form.get("q", "").strip()[:LONGEST]
    with at.transaction() as tx:
        by, hits = case_search.search_cases(tx, at.program.services, at.viewer, at.now, words)
    if len(words) < case_search.SHORTEST and not hits:
        return _page(words, fault=at.t("cases.three_letters")), 422
    return at.move(lambda tx: _keep(tx, words, by, len(hits)))


def _keep(tx: Tx, words: str, by: str, hits: int) -> str:
    at, name = current(), short_lived_texts.new_name()
    read_log.record_search(
        tx, at.program.services, by=at.viewer, kind=by, hits=hits, words=words, now=at.now
    )
    short_lived_texts.keep_text(
        tx,
        name=name,
        secret=at.token,
        person=at.someone.id,
        text=words,
        until=at.wall + short_lived_texts.SEARCH,
        now=at.wall,
    )
    return url_for("find.page", s=name)


def _page(
    words: str = "",
    hits: list[case_search.SearchHit] | None = None,
    *,
    fault: str = "",
    over: bool = False,
) -> str:
    with current().transaction() as tx:
        start = message_form.can_start(
            tx, current().program.services, current().viewer, current().lang
        )
    return render_template(
        "case_list/search.html", q=words, hits=hits, fault=fault, over=over, can_start=start
    )
