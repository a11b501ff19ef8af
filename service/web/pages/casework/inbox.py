"""The inbox: lists of tasks that wait for a person and her office, their filters, and acts on those
marked.

A saved filter is named by what it asks for: nobody types a name, so no name of a person can be in
it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import UTC, datetime
from functools import partial
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.audit.log_review.questions import (
    asked_since,
    load_own_questions,
    read_of_questions,
)
from service.casework.approvals import waiting_list
from service.casework.document_requests import deciding
from service.casework.pages import given_cases
from service.casework.referrals import referral_lists
from service.casework.retention import retention_tasks
from service.casework.subject_requests import asking
from service.casework.tasks import inbox_list
from service.casework.tasks.inbox_list import BOXES, DUES, SORTS, Filter, LoadedInbox
from service.people import accounts, own_account
from service.people.absences import offered_colleagues, stood_in_for_names
from service.store.at_hand import Read
from service.store.installation import people
from service.store.keyset import ListPage
from service.store.read_models import inbox
from service.store.transaction import Tx
from service.web.page_policy import WORK, page_policy
from service.web.pages.casework import inbox_acts
from service.web.pages.casework.sent_receipt import load_sent
from service.web.request_context import current, page_request
from service.web.submit import submit
from service.web.template_globals import stage_filter, stages
from service.workshop.release_news import mark_news_read, reads_of_news, release_news

bp = Blueprint("inbox", __name__)
PAGE = 50
"""Rows of a list on a page."""
FILTERS = "filters"
"""Name of the setting of a person that has her filters, one a line."""
MOST_FILTERS = 10
"""Filters that a person can save."""
PARTS = ("box", "stage", "due", "sender", "sort")
"""Parts of a filter: names of arguments of the address."""
ALLOWED: Mapping[str, Callable[[], Collection[str] | None]] = {
    "box": lambda: BOXES,
    "stage": stages,
    "due": lambda: DUES,
    "sender": lambda: None,
    "sort": lambda: SORTS,
}
"""Part of a filter to the words it can have; None where it is the id of any office. Stages are read
from the release, and only when one is asked for."""


@bp.get("/inbox")
@page_policy("polling", act=WORK)
def index() -> ResponseReturnValue:
    """A page of the list that the address asks for."""
    return _page()


def _page(fault: Sequence[str] = (), marked: Sequence[str] = ()) -> ResponseReturnValue:
    """One page of a list of the inbox.

    Args:
        fault: sentences why an act could not be done;   marked: the tasks that it was to be on.
    """
    context = current()
    services, viewer, query = context.program.services, context.viewer_in_own_zone, _filter()
    with context.transaction() as tx:
        loaded, overview = _load(tx, query)
        done, sent = inbox_acts.receipt(tx), load_sent(tx)
    context.read_vocabulary(loaded.at_hand)
    known = loaded.known
    colleagues = offered_colleagues(loaded.at_hand, services, viewer, loaded.away)
    page = _list(loaded, query)
    facts = _around(loaded, overview)
    sizes = overview.sizes
    elsewhere = query.box == "waiting"
    asked = {
        "box": query.box,
        "stage": query.stage,
        "due": query.due,
        "sender": query.sender,
        "sort": query.sort if query.sort != "due" else "",
    }
    return render_template(
        "inbox/page.html",
        **facts,
        **asked,
        done=done,
        sent=sent,
        colleagues=colleagues,
        rows=() if elsewhere else page.rows,
        waiting=page.rows if elsewhere else (),
        filters=_saved_filter_links({id_: office.name for id_, office in known.items()}),
        kept=_filter_text(asked) in _saved_filters(),
        boxes=[(box, sizes[box]) for box in BOXES],
        counts=SimpleNamespace(n=sizes["office"], late=sizes["late"]),
        elsewhere=sizes["waiting"],
        filtered=query.narrows,
        chips=_filter_chips(asked, {id_: office.name for id_, office in known.items()}),
        previous=page.previous,
        next=page.next,
        fault=fault,
        marked=marked,
        typed=SimpleNamespace(to=request.form.get("to", ""), until=request.form.get("until", "")),
    ), 422 if fault else 200


def _load(tx: Tx, query: Filter) -> tuple[LoadedInbox, inbox.Overview]:
    """Load the rows of the list and what is around them, in three batches."""
    context = current()
    services, now, viewer = context.program.services, context.now, context.viewer
    loaded = inbox_list.load_inbox(
        *(tx, services, context.viewer_in_own_zone, now, query, page_request()),
        limit=PAGE,
        around=asked_since(now),
        more=[
            *waiting_list.reads_of_waiting(services, viewer, now),
            people.read_of_office(viewer.office),
            *retention_tasks.reads_of_waiting(viewer),
            *asking.reads_of_waiting(viewer),
            *deciding.reads_of_waiting(viewer),
        ],
    )
    at_hand, overview = loaded.at_hand, loaded.overview
    assert overview is not None  # noqa: S101 - it was asked for
    people.of_office(at_hand, viewer.office)
    marks = [
        *waiting_list.reads_of_deciders(at_hand, services, viewer, now),
        *(referral_lists.reads_of_waiting(viewer) if overview.has_referrals else ()),
        *([given_cases.read_of_given(viewer, now)] if overview.has_given else ()),
        *([read_of_questions(now)] if overview.has_questions else ()),
        *reads_of_news(tx, at_hand, services, context.signed_in.settings),
    ]
    inbox_list.load_marks(tx, loaded, marks)
    named = inbox_list.people_of(loaded) | loaded.away.stood_in_for(viewer.person)
    found: list[Read] = []
    if overview.has_referrals:
        found += referral_lists.reads_of_their_cases(at_hand, viewer)
    if overview.has_given:
        found += given_cases.reads_of_their_cases(at_hand, viewer, now)
        named |= given_cases.givers(at_hand, viewer, now)
    accounts.load_people(tx, at_hand, named, found)
    if overview.has_referrals:
        services.prepare(tx, at_hand, referral_lists.their_releases(at_hand, viewer))
    return loaded, overview


def _list(loaded: LoadedInbox, query: Filter) -> ListPage[Any]:
    """The rows of the list that is shown: the office's tasks, or those it waits for elsewhere."""
    context = current()
    services, viewer = context.program.services, context.viewer_in_own_zone
    if query.box == "waiting":
        return inbox_list.waiting_page(loaded, services, viewer)
    page = inbox_list.task_page(loaded, services, viewer)
    if query.sort != "due":
        return page
    return ListPage(inbox_list.hours_first(page.rows), page.previous, page.next)


def _around(loaded: LoadedInbox, overview: inbox.Overview) -> dict[str, Any]:
    """The values of the page around its rows: notices, referrals, approvals, questions, news."""
    context, at_hand = current(), loaded.at_hand
    services, viewer, now = context.program.services, context.viewer, context.now
    known = loaded.known
    return {
        "senders": [(id_, place.name) for id_, place in known.items() if id_ in overview.senders],
        "stands_in_for": stood_in_for_names(at_hand, services, viewer, loaded.away),
        "since": _stamp(overview.newest),
        "referrals": referral_lists.waiting_referrals(at_hand, services, viewer)
        if overview.has_referrals
        else (),
        "approvals": len(waiting_list.waiting_for(at_hand, services, viewer, now)),
        "given": given_cases.given_cases(at_hand, services, viewer, now)
        if overview.has_given
        else (),
        "questions": sum(one.waits for one in load_own_questions(at_hand, viewer, now))
        if overview.has_questions
        else 0,
        "retention": len(retention_tasks.waiting_for(at_hand, viewer)),
        "requests": len(asking.waiting_for(at_hand, viewer)),
        "documents": len(deciding.waiting_for(at_hand, viewer)),
        "news": release_news(at_hand, services, viewer, context.signed_in.settings),
    }


def _stamp(at: datetime | None) -> int:
    """A moment in milliseconds, as the page sends it back."""
    return 0 if at is None else int(at.timestamp() * 1000)


@bp.get("/inbox/changes")
@page_policy("polling", act=WORK, awake=False)
def changes() -> ResponseReturnValue:
    """Whether something came since the page was made.

    204 when nothing did: htmx would empty the element for an empty answer with 200.
    """
    since = datetime.fromtimestamp(_number_of(request.args.get("since")) / 1000, UTC)
    with current().transaction() as tx:
        n = inbox.newer(tx, inbox_list.desk_reader(current().viewer, current().now), since)
    return render_template("inbox/changes.html", n=n, box=_filter().box) if n else ("", 204)


def _number_of(text: str | None) -> int:
    """Milliseconds that a page sent; 0 for anything else."""
    short = text is not None and len(text) <= len("9999999999999")
    return int(text) if text is not None and short and text.isascii() and text.isdigit() else 0


@bp.post("/inbox/filters")
@page_policy("polling", act=WORK)
def change_filters() -> ResponseReturnValue:
    """Save the filter that the page shows, or forget it; of too many the oldest is forgotten."""
    chosen = _filter_text(request.form)
    filters = [saved for saved in _saved_filters() if saved != chosen]
    if request.form.get("do") == "save":
        filters = [*filters, chosen][-MOST_FILTERS:]
    with current().transaction(write=True) as tx:
        own_account.save_preferences(
            tx,
            by=current().viewer,
            language=current().signed_in.viewer.lang,
            settings={FILTERS: "\n".join(filters)},
        )
    return redirect(f"{url_for('inbox.index')}?{chosen}", 303)


@bp.post("/inbox/news")
@page_policy("polling", act=WORK)
def read_news() -> ResponseReturnValue:
    """Note that the person has read what a release changed."""
    command = partial(
        mark_news_read,
        release_id=request.form.get("release", ""),
        settings=current().signed_in.settings,
    )
    return submit(command, then=url_for("inbox.index"))


@bp.post("/inbox")
@page_policy("polling", act=WORK)
def act() -> ResponseReturnValue:
    """Do one act on every marked task; a task that a colleague has taken does not stop the rest."""
    do, marked = inbox_acts.asked()
    if do not in inbox_acts.ACTS:
        return redirect(current().back or url_for("inbox.index"), 303)
    if fault := inbox_acts.missing(do, marked):
        return _page(fault, marked)
    return redirect(inbox_acts.address_after(do, marked), 303)


def _filter() -> Filter:
    return Filter(**_filter_of(request.args))


def _filter_of(arguments: Mapping[str, str]) -> dict[str, str]:
    """The filter that an address asks for, part to word; unknown words are dropped."""
    return {
        part: arguments[part]
        for part in PARTS
        if arguments.get(part) and ((words := ALLOWED[part]()) is None or arguments[part] in words)
    }


def _filter_text(arguments: Mapping[str, str]) -> str:
    """A filter as it is saved: the query of its address, always in the same order."""
    return urlencode(_filter_of(arguments))


def _saved_filters() -> tuple[str, ...]:
    """The person's filters, oldest first."""
    return tuple(filter(None, current().signed_in.settings.get(FILTERS, "").split("\n")))


def _saved_filter_links(senders: Mapping[str, str]) -> list[tuple[str, str]]:
    """(address, name) of each saved filter; `senders` are offices, id to name."""
    return [
        (
            f"{url_for('inbox.index')}?{saved}",
            _filter_name(_filter_of(dict(parse_qsl(saved))), senders),
        )
        for saved in _saved_filters()
    ]


def _filter_chips(parts: Mapping[str, str], senders: Mapping[str, str]) -> list[tuple[str, str]]:
    """(words, address without it) of each part of the filter in force but the list itself."""
    words = _words(parts, senders)
    return [
        (words[part], f"{url_for('inbox.index')}?{_filter_text({**parts, part: ''})}")
        for part in ("stage", "due", "sender")
        if parts.get(part)
    ]


def _filter_name(parts: Mapping[str, str], senders: Mapping[str, str]) -> str:
    words = _words(parts, senders)
    return ", ".join(text for part, text in words.items() if part == "box" or parts.get(part))


def _words(parts: Mapping[str, str], senders: Mapping[str, str]) -> dict[str, str]:
    """Each part of a filter in words of the reader's language."""
    t = current().t
    box = parts.get("box", "office")
    dues = {"late": "inbox.due_late", "today": "due.today", "week": "inbox.this_week"}
    return {
        "box": t("inbox.this_week" if box == "week" else f"inbox.{box}"),
        "stage": f"{t('word.step')} {stage_filter(parts.get('stage', ''))}",
        "due": t(dues.get(parts.get("due", ""), "word.all")),
        "sender": f"{t('inbox.from')} {senders.get(parts.get('sender', ''), '–')}",
    }
