"""The inbox: what waits for a person and her office, and who takes what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions.people import accounts
from service.actions.referrals import referral_lists
from service.actions.tasks import claims as verbs
from service.actions.tasks import inbox_list
from service.actions.tasks.inbox_list import BOXES, Filter
from service.store.installation import offices
from service.store.keyset import ListPage
from service.store.read_models import inbox
from service.store.transaction import Tx
from service.store.work import tasks
from service.web.page_policy import WORK, page_policy
from service.web.pages import saved_filters
from service.web.request_context import current, page_request, whole_number
from service.web.template_globals import today

bp = Blueprint("inbox", __name__)
PAGE = 50
MARKED_MOST = 200


@bp.get("/inbox")
@page_policy("polling", act=WORK)
def index() -> ResponseReturnValue:
    """One page of one box."""
    return _page()


def _page(fault: str = "", marked: Sequence[str] = ()) -> ResponseReturnValue:
    """The page; after an act that could not be done with why, and what was marked and typed."""
    at, query = current(), _filter()
    services, viewer, who = (
        at.program.services,
        at.viewer_in_own_zone,
        inbox_list.desk_reader(at.viewer, at.now),
    )
    with at.transaction() as tx:
        known = offices.everyone(tx)
        sizes = inbox_list.counts(tx, viewer, at.now)
        away = query.box == "waiting"
        more: dict[str, Any] = {"known": known, "limit": PAGE}
        page: ListPage[Any] = (
            inbox_list.waiting_page(tx, services, viewer, at.now, page_request(), **more)
            if away
            else inbox_list.task_page(tx, services, viewer, at.now, query, page_request(), **more)
        )
        facts = {
            "rows": () if away else page.rows,
            "waiting": page.rows if away else (),
            "senders": [(id_, known[id_].name) for id_ in inbox.senders(tx, who) if id_ in known],
            "colleagues": accounts.colleagues(tx, services, viewer.office),
            "since": _stamp(inbox.newest(tx, who)),
            "done": _done(tx),
            "referrals": referral_lists.waiting_referrals(tx, services, at.viewer),
        }
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
        filters=saved_filters.saved_filter_links({id_: one.name for id_, one in known.items()}),
        kept=saved_filters.written(asked) in saved_filters.saved(),
        boxes=[(box, sizes[box]) for box in BOXES],
        counts=SimpleNamespace(n=sizes["office"], late=sizes["late"]),
        elsewhere=sizes["waiting"],
        filtered=query.narrows,
        previous=page.previous,
        next=page.next,
        fault=fault,
        marked=marked,
        typed=SimpleNamespace(to=request.form.get("to", ""), until=request.form.get("until", "")),
    ), 422 if fault else 200


@bp.get("/inbox/changes")
@page_policy("polling", act=WORK, awake=False)
def changes() -> ResponseReturnValue:
    """Whether something came since the page was made; 204 when nothing did, because an empty answer
    would wipe the element.
    """
    since = datetime.fromtimestamp(number_of(request.args.get("since")) / 1000, UTC)
    with current().transaction() as tx:
        n = inbox.newer(tx, inbox_list.desk_reader(current().viewer, current().now), since)
    return render_template("inbox/changes.html", n=n, box=_filter().box) if n else ("", 204)


@bp.post("/inbox")
@page_policy("polling", act=WORK)
def act() -> ResponseReturnValue:
    """One act on all that is marked. What somebody else was faster with does not stop the rest."""
    marked = list(dict.fromkeys(request.form.getlist("task")))[:MARKED_MOST]
    do = request.form.get("do", "")
    if do not in ACTS:
        return redirect(current().back or url_for("inbox.index"), 303)
    if fault := _missing(do, marked):
        return _page(fault, marked)
    return redirect(_told(*current().move_each(marked, ACTS[do])), 303)


def _missing(do: str, marked: Sequence[str]) -> str:
    """What an act lacks, as a sentence; "" when it can be done."""
    if not marked:
        return current().t("inbox.mark_first")
    if do != "follow_up":
        return ""
    until = _day(request.form.get("until", ""))
    if until is None or until <= today():
        return current().t("inbox.until_when")
    with current().transaction() as tx:
        found = [tasks.get(tx, key) for key in marked]
    late = any(
        task is not None and task.due is not None and task.due <= current().now for task in found
    )
    return current().t("inbox.late_has_no_rest") if late else ""


def _give(tx: Tx, key: str) -> None:
    verbs.hand_over(
        tx,
        by=current().viewer,
        task_key=key,
        to_person=request.form.get("to", ""),
        now=current().now,
    )


def _follow_up(tx: Tx, key: str) -> None:
    until = _day(request.form.get("until", ""))
    if until is not None:
        verbs.follow_up(
            tx,
            by=current().viewer,
            task_keys=[key],
            until=inbox_list.morning(until, current().viewer_in_own_zone),
            now=current().now,
        )


ACTS: Mapping[str, Callable[[Tx, str], object]] = {
    "give": _give,
    "follow_up": _follow_up,
    "claim": lambda tx, key: verbs.claim(tx, by=current().viewer, task_key=key, now=current().now),
    "put_back": lambda tx, key: verbs.release_task(
        tx, by=current().viewer, task_key=key, now=current().now
    ),
}


def _day(text: str) -> date | None:
    """A day as people type it; None when it is none."""
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    return None


def _filter() -> Filter:
    return Filter(**saved_filters.asked(request.args))


def _told(done: int, gone: Sequence[str]) -> str:
    """The page to go back to, which says what became of the act.

    Ids only, so that it can stand in the address.
    """
    parts = urlsplit(current().back or url_for("inbox.index"))
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("done", "gone")]
    return (
        f"{parts.path}?{urlencode([*kept, ('done', str(done)), *(('gone', key) for key in gone)])}"
    )


def _done(tx: Tx) -> SimpleNamespace | None:
    """What became of the act before this page: how many were done, and who was faster with which."""
    n = whole_number(request.args.get("done"))
    if n is None:
        return None
    moved: list[tuple[str, str, datetime | None]] = []
    for key in request.args.getlist("gone")[:MARKED_MOST]:
        one = tasks.listed(tx, key)
        if one is None or one.task.office_id != current().viewer.office:
            moved.append((current().t("inbox.task"), current().t("inbox.over"), None))
            continue
        who = accounts.names(tx, current().program.services, {one.task.claimed_by} - {None})  # type: ignore[arg-type]  # None was taken out
        name = inbox_list.step_name(tx, current().program.services, one, current().lang)
        whom = next(iter(who.values()), current().t("error.not_allowed.title"))
        moved.append((f"{name}, {one.ref}", whom, one.task.claimed_at))
    return SimpleNamespace(n=n, moved=moved)


def _stamp(at: datetime | None) -> int:
    """A moment in milliseconds, as the page sends it back."""
    return 0 if at is None else int(at.timestamp() * 1000)


def number_of(text: str | None) -> int:
    """Milliseconds that a page sent."""
    return (
        int(text)
        if text is not None
        and text.isascii()
        and text.isdigit()
        and len(text) <= len("9999999999999")
        else 0
    )
