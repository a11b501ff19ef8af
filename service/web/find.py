"""The search. Its words travel in a form, lie sealed for half an hour, and stand in no address: the page of hits can be loaded again and gone back to."""

from __future__ import annotations

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import holding, lists, reading, sending
from service.actions.house import House
from service.store.database import Tx
from service.web.doors import WORK, door
from service.web.here import here

bp = Blueprint("find", __name__)
LONGEST = 80
GONE = 410


@bp.get("/find")
@door("plain", act=WORK)
def page() -> ResponseReturnValue:
    """The hits of a search as the cases stand now; without one, the search still empty."""
    at, name = here(), request.args.get("s", "")
    if not name:
        return _page()
    with at.transaction() as tx:
        words = holding.told(tx, name=name, secret=at.token, person=at.someone.id, now=at.wall)
        hits = lists.find(tx, at.program.house, at.viewer, at.reader(), words)[1] if words is not None else []
    if words is None:
        return _page(over=True), GONE
    return _page(words, hits)


@bp.post("/find")
@door("plain", act=WORK)
def search() -> ResponseReturnValue:
    """Search, write that it was done, and go on to the hits."""
    at, words = here(), request.form.get("q", "").strip()[:LONGEST]
    with at.transaction() as tx:
        by, hits = lists.find(tx, at.program.house, at.viewer, at.reader(), words)
    if len(words) < lists.SHORTEST and not hits:
        return _page(words, fault=at.t("cases.three_letters")), 422
    return at.move(lambda tx: _keep(tx, words, by, len(hits)))


def _keep(tx: Tx, words: str, by: str, hits: int) -> str:
    at, name = here(), holding.new_name()
    reading.search(tx, at.program.house, at.viewer, kind=by, hits=hits, words=words, now=at.now)
    holding.hold(tx, name=name, secret=at.token, person=at.someone.id, text=words, until=at.wall + holding.SEARCH, now=at.wall)
    return url_for("find.page", s=name)


def _page(words: str = "", hits: list[lists.Hit] | None = None, *, fault: str = "", over: bool = False) -> str:
    with here().transaction() as tx:
        start = can_start(tx, here().program.house)
    return render_template("case_list/search.html", q=words, hits=hits, fault=fault, over=over, can_start=start)


def can_start(tx: Tx, house: House) -> bool:
    """Whether the reader may begin something."""
    return not house.has_no_release(tx) and bool(sending.starts(tx, house, here().viewer, here().lang))
