"""Acts on the tasks that are marked in the inbox, and what the page says of them afterwards."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from urllib.parse import parse_qsl, urlencode, urlsplit
from zoneinfo import ZoneInfo

from flask import request, url_for

from service.casework.commands.command import Command
from service.casework.tasks import claims, inbox_list
from service.casework.tasks.claims import rest_refusal
from service.casework.tasks.task_commands import hand_over_task
from service.forms import typed_day
from service.people import accounts
from service.store.transaction import Tx
from service.store.work import tasks
from service.web.page_parts import day_filter, today
from service.web.request_context import current, whole_number
from service.web.submit import submit_each

MARKED_MOST = 200
NAMED_MOST = 20
"""Tasks that a receipt names: an address has no room for all."""
AFTER = ("done", "gone", "rests", "until", "sent", "rev")
"""Arguments of the address that tell of the act before this page."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """The result of an act on the marked tasks."""

    n: int
    """Number of tasks on which it was done."""
    moved: tuple[tuple[str, str, datetime | None], ...]
    """Tasks that a colleague has taken: task and case, who has it, since when."""
    kept: tuple[str, ...]
    """Sentences about tasks that may not rest so long."""
    rests: tuple[tuple[str, str], ...]
    """Tasks that rest now: key, name and case."""
    until: date | None
    """The day until which they rest."""
    more: int
    """Number of further tasks that rest (see `NAMED_MOST`)."""


def asked() -> tuple[str, list[str]]:
    """The act that a form asks for, and the tasks that it is for.

    The button of a row names its one task.
    """
    if row := request.form.get("end_rest"):
        return "end_rest", [row]
    marked = list(dict.fromkeys(request.form.getlist("task")))[:MARKED_MOST]
    return request.form.get("do", ""), marked


def missing(do: str, marked: Sequence[str]) -> tuple[str, ...]:
    """What an act lacks, in sentences; none when it can be done for at least one task."""
    t = current().t
    if not marked:
        return (t("inbox.mark_first"),)
    if do != "follow_up":
        return ()
    until = _until()
    if until is None or until <= today():
        return (t("inbox.until_when", date=(today() + timedelta(days=1)).isoformat()),)
    with current().transaction() as tx:
        sentences = [_why_awake(tx, key, until) for key in marked]
    return tuple(sentences) if all(sentences) else ()


def address_after(do: str, marked: Sequence[str]) -> str:
    """Do an act on the marked tasks; gives the address of the page to go back to, with the result.

    The result names tasks by their ids alone.
    """
    done, gone = submit_each(marked, ACTS[do])
    parts = urlsplit(current().back or url_for("inbox.index"))
    kept = [(name, value) for name, value in parse_qsl(parts.query) if name not in AFTER]
    said = [("done", str(done)), *(("gone", key) for key in gone)]
    until = _until()
    if do == "follow_up" and until is not None:
        resting = [key for key in marked if key not in set(gone)]
        said += [("until", until.isoformat()), *(("rests", key) for key in resting[:NAMED_MOST])]
    return f"{parts.path}?{urlencode([*kept, *said])}"


def receipt(tx: Tx) -> Receipt | None:
    """The result of the act before this page, read from its address; None when there was none."""
    n = whole_number(request.args.get("done"))
    if n is None:
        return None
    until = typed_day(request.args.get("until", ""), current().lang)
    moved = list[tuple[str, str, datetime | None]]()
    kept = list[str]()
    for key in request.args.getlist("gone")[:MARKED_MOST]:
        if until is not None and (sentence := _why_awake(tx, key, until)):
            kept.append(sentence)
        else:
            moved.append(_lost(tx, key))
    named = [(key, _own(tx, key)) for key in request.args.getlist("rests")[:NAMED_MOST]]
    rests = tuple((key, _title(tx, own)) for key, own in named if own and _rests(own))
    more = n - len(named) if until is not None else 0
    return Receipt(n, tuple(moved), tuple(kept), rests, until, max(more, 0))


def _why_awake(tx: Tx, key: str, until: date) -> str:
    """Why a task of the reader's office may not rest until a day, in a sentence; "" if it may."""
    listed = _own(tx, key)
    refusal = rest_refusal(listed.task, _morning(until)) if listed is not None else ""
    if listed is None or not refusal:
        return ""
    t = current().t
    task = _title(tx, listed)
    due = listed.task.due
    if refusal == "urgent" or due is None:
        return t("inbox.rests_never", task=task)
    soon = due <= _morning(today() + timedelta(days=1))
    return t(
        "inbox.rests_no_more" if soon else "inbox.rests_until", task=task, date=day_filter(due)
    )


def _own(tx: Tx, key: str) -> tasks.TaskListRow | None:
    """A task of the reader's office in one of her roles."""
    viewer = current().viewer
    listed = tasks.listed(tx, key)
    own = listed is not None and (
        listed.task.office_id == viewer.office and listed.task.role in viewer.lane_roles
    )
    return listed if own else None


def _rests(listed: tasks.TaskListRow) -> bool:
    return listed.task.hidden_until is not None and listed.task.hidden_until > current().now


def _title(tx: Tx, listed: tasks.TaskListRow) -> str:
    """The name of a task, and its case."""
    context = current()
    return (
        f"{inbox_list.step_name(tx, context.program.services, listed, context.lang)}, {listed.ref}"
    )


def _lost(tx: Tx, key: str) -> tuple[str, str, datetime | None]:
    """A task that could not be had: task and case, who has it, since when."""
    context = current()
    listed = _own(tx, key)
    if listed is None:
        return context.t("inbox.task"), context.t("inbox.over"), None
    claimer = listed.task.claimed_by
    names = accounts.names(tx, context.program.services, {claimer}) if claimer is not None else {}
    whom = next(iter(names.values()), context.t("error.not_allowed.title"))
    return _title(tx, listed), whom, listed.task.claimed_at


def _until() -> date | None:
    """The day until which the marked tasks rest; None when none was typed."""
    return typed_day(request.form.get("until", ""), current().lang)


def _morning(day: date) -> datetime:
    """When a day begins for the reader, in her zone."""
    viewer = current().viewer_in_own_zone
    return inbox_list.morning(day, viewer).astimezone(ZoneInfo(viewer.zone))


def _hand_over(key: str) -> Command[object]:
    return partial(hand_over_task, task_key=key, to_person=request.form.get("to", ""))


def _follow_up(key: str) -> Command[object]:
    until = _morning(_until() or today())  # `missing` has looked at it
    return partial(claims.rest, task_key=key, until=until)


ACTS: Mapping[str, Callable[[str], Command[object]]] = {
    "give": _hand_over,
    "follow_up": _follow_up,
    "end_rest": lambda key: partial(claims.end_rest, task_key=key),
    "claim": lambda key: partial(claims.claim, task_key=key),
    "put_back": lambda key: partial(claims.release_task, task_key=key),
}
