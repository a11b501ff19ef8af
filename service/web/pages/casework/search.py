"""The search among cases.

Its words travel in a form, are kept sealed for half an hour, and are in no address: the page of
hits can be loaded again and gone back to.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.casework.pages import case_search, message_form
from service.casework.pages.case_commands import keep_search
from service.casework.pages.case_search import SearchHit, SearchResult
from service.people import short_lived_texts
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.request_context import current
from service.web.submit import submit

bp = Blueprint("search", __name__)
LONGEST = 80
GONE = 410


@bp.get("/find")
@page_policy("plain", act=WORK)
def page() -> ResponseReturnValue:
    """The hits of a search as the cases are now; without one, the search still empty."""
    context = current()
    name = request.args.get("s", "")
    with context.transaction() as tx:
        can_start = _can_start(tx)
        words = (
            short_lived_texts.read_text(
                tx, name=name, secret=context.token, person=context.viewer.person, now=context.wall
            )
            if name
            else ""
        )
        found = _found(tx, words) if words else None
        hits = _hits(tx, found) if found is not None else None
    if words is None:
        return _render("", None, can_start=can_start, over=True), GONE
    more = found is not None and found.more
    return _render(words, hits, can_start=can_start, more=more)


@bp.post("/find")
@page_policy("plain", act=WORK)
def search() -> ResponseReturnValue:
    """Search, write that it was done, and go on to the hits, or to the case named in full."""
    context = current()
    words = request.form.get("q", "").strip()[:LONGEST]
    with context.transaction() as tx:
        found = _found(tx, words)
        too_short = len(words) < case_search.SHORTEST and not found.cases
        can_start = too_short and _can_start(tx)
    if too_short:
        return _render(
            words, None, can_start=can_start, fault=context.t("cases.three_letters")
        ), 422
    command = partial(
        keep_search,
        words=words,
        kind=found.by,
        hits=len(found.cases),
        secret=context.token,
        key=context.signed_in.key,
        kept_at=context.wall,
    )
    if found.exact:
        return submit(command, then=url_for("cases.show", case=found.exact))
    return submit(command, then=lambda name: url_for("search.page", s=name))


def _found(tx: Tx, words: str) -> SearchResult:
    context = current()
    return case_search.search_cases(
        tx, context.program.services, context.viewer, context.now, words
    )


def _hits(tx: Tx, found: SearchResult) -> tuple[SearchHit, ...]:
    context = current()
    return case_search.load_hits(tx, context.program.services, context.viewer, found.cases)


def _can_start(tx: Tx) -> bool:
    context = current()
    return message_form.can_start(tx, context.program.services, context.viewer, context.lang)


def _render(
    words: str,
    hits: Sequence[SearchHit] | None,
    *,
    can_start: bool,
    more: bool = False,
    fault: str = "",
    over: bool = False,
) -> str:
    return render_template(
        "case_list/search.html",
        q=words,
        hits=hits,
        more=more,
        fault=fault,
        over=over,
        can_start=can_start,
    )
