"""The inbox: what waits for a person and her office, and who takes what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from service.actions import accounts, referral_page
from service.actions import inbox as verbs
from service.actions.marking import ORDINARY
from service.actions.usual import words
from service.store import desk, offices, tasks
from service.store.database import Tx
from service.web import saved_filters
from service.web.doors import WORK, door
from service.web.here import here, number, step
from service.web.saved_filters import BOXES
from service.web.words import Due, due_of, name_of, today

bp = Blueprint("inbox", __name__)
PAGE = 50
MARKED_MOST = 200


@dataclass(frozen=True, slots=True)
class Query:
    """What the address asks for; what it does not know counts as not asked."""

    box: str
    stage: str
    due: str
    sender: str
    sort: str

    @property
    def filtered(self) -> bool:
        """Is anything left out?"""
        return bool(self.stage or self.due or self.sender)


@dataclass(frozen=True, slots=True)
class TaskRow:
    """A task of a list."""

    id: str
    name: str
    ref: str
    case: str
    stage: str
    due: Due | None
    sender: str
    is_new: bool
    claimed_by: str
    mine: bool
    unsent_by: str
    shielded: bool
    follow_up: datetime | None


@bp.get("/inbox")
@door("polling", act=WORK)
def index() -> ResponseReturnValue:
    """One page of one box."""
    return _page()


def _page(fault: str = "", marked: Sequence[str] = ()) -> ResponseReturnValue:
    """The page; after an act that could not be done with why, and what was marked and typed."""
    query, reader = _query(), reader_of_desk()
    with here().transaction() as tx:
        known = offices.everyone(tx)
        sizes = desk.counts(tx, reader, {**{box: wanted_of(box) for box in BOXES if box != "waiting"}, "late": wanted_of("office", "late")})
        away = query.box == "waiting"
        wanted = wanted_of(query.box, query.due, query)
        page = desk.elsewhere(tx, reader, step(), limit=PAGE) if away else desk.page(tx, reader, wanted, step(), limit=PAGE)
        facts = {
            "rows": () if away else rows_of(tx, reader, page.rows, known),
            "waiting": _waiting(tx, page.rows, known) if away else (),
            "senders": [(id_, known[id_].name) for id_ in desk.senders(tx, reader) if id_ in known],
            "colleagues": accounts.colleagues(tx, here().program.house, reader.office),
            "since": _stamp(desk.newest(tx, reader)),
            "done": _done(tx),
            "referrals": referral_page.waiting(tx, here().program.house, here().viewer, here().reader()),
        }
    asked = {"box": query.box, "stage": query.stage, "due": query.due, "sender": query.sender, "sort": query.sort if query.sort != "due" else ""}
    return render_template(
        "inbox/page.html",
        **facts,
        **asked,
        filters=saved_filters.shown({id_: one.name for id_, one in known.items()}),
        kept=saved_filters.written(asked) in saved_filters.saved(),
        boxes=[(box, sizes[box]) for box in BOXES],
        counts=SimpleNamespace(n=sizes["office"], late=sizes["late"]),
        elsewhere=sizes["waiting"],
        filtered=query.filtered,
        previous=page.previous,
        next=page.next,
        fault=fault,
        marked=marked,
        typed=SimpleNamespace(to=request.form.get("to", ""), until=request.form.get("until", "")),
    ), 422 if fault else 200


@bp.get("/inbox/changes")
@door("polling", act=WORK, awake=False)
def changes() -> ResponseReturnValue:
    """Whether something came since the page was made; 204 when nothing did, because an empty answer would wipe the element."""
    since = datetime.fromtimestamp(number_of(request.args.get("since")) / 1000, UTC)
    with here().transaction() as tx:
        n = desk.newer(tx, reader_of_desk(), since)
    return render_template("inbox/changes.html", n=n, box=_query().box) if n else ("", 204)


@bp.post("/inbox")
@door("polling", act=WORK)
def act() -> ResponseReturnValue:
    """One act on all that is marked. What somebody else was faster with does not stop the rest."""
    marked = list(dict.fromkeys(request.form.getlist("task")))[:MARKED_MOST]
    do = request.form.get("do", "")
    if do not in ACTS:
        return redirect(here().back or url_for("inbox.index"), 303)
    if fault := _missing(do, marked):
        return _page(fault, marked)
    return redirect(_told(*here().move_each(marked, ACTS[do])), 303)


def _missing(do: str, marked: Sequence[str]) -> str:
    """What an act lacks, as a sentence; "" when it can be done."""
    if not marked:
        return here().t("inbox.mark_first")
    if do != "follow_up":
        return ""
    until = _day(request.form.get("until", ""))
    if until is None or until <= today():
        return here().t("inbox.until_when")
    with here().transaction() as tx:
        found = [tasks.get(tx, key) for key in marked]
    late = any(task is not None and task.due is not None and task.due <= here().now for task in found)
    return here().t("inbox.late_has_no_rest") if late else ""


def _give(tx: Tx, key: str) -> None:
    verbs.hand_over(tx, here().viewer, key, request.form.get("to", ""), here().now)


def _follow_up(tx: Tx, key: str) -> None:
    until = _day(request.form.get("until", ""))
    if until is not None:
        verbs.follow_up(tx, here().viewer, [key], _morning(until), here().now)


ACTS: Mapping[str, Callable[[Tx, str], object]] = {
    "give": _give,
    "follow_up": _follow_up,
    "claim": lambda tx, key: verbs.claim(tx, here().viewer, key, here().now),
    "put_back": lambda tx, key: verbs.put_back(tx, here().viewer, key, here().now),
}


def _day(text: str) -> date | None:
    """A day as people type it; None when it is none."""
    with suppress(ValueError):
        return date.fromisoformat(text.strip())
    return None


def _morning(day: date) -> datetime:
    """When a day begins where the reader is."""
    return datetime.combine(day, time(), ZoneInfo(here().zone)).astimezone(UTC)


def _query() -> Query:
    found = saved_filters.asked(request.args)
    return Query(found.get("box", "office"), found.get("stage", ""), found.get("due", ""), found.get("sender", ""), found.get("sort", "due"))


def reader_of_desk() -> desk.Reader:
    """The reader as the store knows her."""
    viewer = here().viewer
    return desk.Reader(viewer.person, viewer.office, viewer.lane_roles, here().now)


def wanted_of(box: str, due: str = "", query: Query | None = None) -> desk.Wanted:
    """A box, narrowed by when its tasks are due: late, today, or by the end of this week."""
    monday = today() - timedelta(days=today().weekday())
    after, before = None, _morning(monday + timedelta(days=7)) if "week" in (box, due) else None
    if due == "late":
        before = here().now
    if due == "today":
        after, before = _morning(today()), _morning(today() + timedelta(days=1))
    if query is None:
        return desk.Wanted(box, after=after, before=before)
    return desk.Wanted(box, query.stage, query.sender, after, before, query.sort)


def step_name(tx: Tx, listed: tasks.Listed) -> str:
    """The step that a task stands for, as the case's own release names it."""
    return name_of(verbs.element_of(here().program.house.release(tx, listed.release_id), listed).names)


def rows_of(tx: Tx, reader: desk.Reader, found: Sequence[tasks.Listed], known: Mapping[str, offices.Office]) -> list[TaskRow]:
    """Tasks as lists show them."""
    keys = [one.task.key for one in found]
    sent, begun = desk.sent_by(tx, keys), desk.begun_by(tx, keys)
    read = desk.read_by(tx, reader, {one.task.case_id for one in found})
    ids = {s.actor for s in sent.values()} | set(begun.values()) | {one.task.claimed_by for one in found if one.task.claimed_by}
    names = accounts.names(tx, here().program.house, ids)
    rows = []
    for one in found:
        task, mine = one.task, one.task.claimed_by == reader.person
        from_ = sent.get(task.key)
        rows.append(
            TaskRow(
                id=task.key,
                name=step_name(tx, one),
                ref=one.ref,
                case=task.case_id,
                stage=task.stage,
                due=due_of(task.due),
                sender=", ".join(filter(None, (names.get(from_.actor, ""), known[from_.office].name if from_.office in known else ""))) if from_ else "",
                is_new=not mine and not (task.case_id in read and read[task.case_id] >= task.opened_at),
                claimed_by=names.get(task.claimed_by or "", ""),
                mine=mine,
                unsent_by=names.get(begun.get(task.key, ""), ""),
                shielded=one.marking not in ORDINARY,
                follow_up=task.hidden_until if task.hidden_until is not None and task.hidden_until > here().now else None,
            )
        )
    return rows


def _waiting(tx: Tx, found: Sequence[tasks.Listed], known: Mapping[str, offices.Office]) -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            ref=one.ref,
            case=one.task.case_id,
            stage=one.task.stage,
            step=step_name(tx, one),
            at=known[one.task.office_id].name if one.task.office_id is not None and one.task.office_id in known else "–",
            since=one.task.opened_at,
            usual=words(here().program.house.usual.times(tx, one.process, here().now).get(one.task.element), here().lang),
        )
        for one in found
    ]


def _told(done: int, gone: Sequence[str]) -> str:
    """The page to go back to, which says what became of the act. Ids only, so that it can stand in the address."""
    parts = urlsplit(here().back or url_for("inbox.index"))
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in ("done", "gone")]
    return f"{parts.path}?{urlencode([*kept, ('done', str(done)), *(('gone', key) for key in gone)])}"


def _done(tx: Tx) -> SimpleNamespace | None:
    """What became of the act before this page: how many were done, and who was faster with which."""
    n = number(request.args.get("done"))
    if n is None:
        return None
    moved: list[tuple[str, str, datetime | None]] = []
    for key in request.args.getlist("gone")[:MARKED_MOST]:
        one = tasks.listed(tx, key)
        if one is None or one.task.office_id != here().viewer.office:
            moved.append((here().t("inbox.task"), here().t("inbox.over"), None))
            continue
        who = accounts.names(tx, here().program.house, {one.task.claimed_by} - {None})  # type: ignore[arg-type]  # None was taken out
        moved.append((f"{step_name(tx, one)}, {one.ref}", next(iter(who.values()), here().t("error.not_allowed.title")), one.task.claimed_at))
    return SimpleNamespace(n=n, moved=moved)


def _stamp(at: datetime | None) -> int:
    """A moment in milliseconds, as the page sends it back."""
    return 0 if at is None else int(at.timestamp() * 1000)


def number_of(text: str | None) -> int:
    """Milliseconds that a page sent."""
    return int(text) if text is not None and text.isascii() and text.isdigit() and len(text) <= len("9999999999999") else 0
