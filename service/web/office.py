"""My office: how its cases and tasks stand. Each number leads to its list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import median
from types import SimpleNamespace

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from service.actions import accounts
from service.engine import STAGES
from service.store import counts, desk, offices
from service.web.doors import WORK, door
from service.web.here import here
from service.web.inbox import reader_of_desk
from service.web.words import today

bp = Blueprint("office", __name__)
SOON = timedelta(days=30)
A_YEAR = timedelta(days=365)
MONTHS = ("1", "2", "3")


@bp.get("/office")
@door("plain", act=WORK)
def page() -> ResponseReturnValue:
    """The page."""
    me, now = here().someone, here().now
    with here().transaction() as tx:
        known = offices.everyone(tx)
        sizes = desk.counts(tx, reader_of_desk(), {"office": desk.Wanted(), "unclaimed": desk.Wanted("unclaimed"), "late": desk.Wanted(before=now)})
        by_stage = counts.stages(tx, office=me.office.id, now=now)
        loads = counts.loads(tx, now=now, office=me.office.id)
        waits = counts.waits(tx, office=me.office.id, now=now)
        stopped = counts.incidents(tx, office=me.office.id, now=now)
        bounds = [(month, now + timedelta(days=30 * int(month))) for month in MONTHS]
        follow = counts.due_in(tx, office=me.office.id, element=here().program.house.programme.beside.follow_up, bounds=bounds, now=now)
        ending = counts.consents_ending(tx, office=me.office.id, today=today(), until=today() + SOON, now=now)
        answered = counts.answered(tx, since=now - A_YEAR)
        people = dict(accounts.colleagues(tx, here().program.house, me.office.id))
    return render_template(
        "office/page.html",
        office=SimpleNamespace(name=me.office.name, kind=kind_in_words(me.office.kind)),
        tiles=_tiles(sizes, sum(by_stage.values()), stopped),
        stages=[(stage, here().t(f"office.stage_{stage}"), by_stage.get(stage, 0), url_for("cases.index", stage=stage)) for stage in STAGES],
        load=_load(loads, people),
        waits=[(known[w.office].name, w.cases, here().t("office.days", n=max(0, (now - w.since).days))) for w in waits if w.office in known],
        follow=[(here().t("office.month", n=int(month)), follow.get(month, 0), url_for("cases.index", stage="3")) for month in MONTHS if follow],
        consents_end=[(one.ref, one.case_id, here().t(f"purpose.{one.purpose}"), one.valid_to) for one in ending],
        answer_time=_answer_time(answered, me.office.id, known),
    )


def kind_in_words(kind: str) -> str:
    """A kind of office in the reader's language."""
    return here().t(f"office_kind.{kind}")


def _tiles(sizes: Mapping[str, int], open_cases: int, stopped: int) -> list[SimpleNamespace]:
    late = sizes["late"]
    tiles = [
        SimpleNamespace(label=here().t("office.open_cases"), n=open_cases, link=url_for("cases.index"), tone=""),
        SimpleNamespace(label=here().t("inbox.tasks"), n=sizes["office"], link=url_for("inbox.index", box="office"), tone=""),
        SimpleNamespace(label=here().t("office.late"), n=late, link=url_for("inbox.index", box="office", due="late"), tone="late" if late else ""),
        SimpleNamespace(label=here().t("inbox.unclaimed"), n=sizes["unclaimed"], link=url_for("inbox.index", box="unclaimed"), tone=""),
        SimpleNamespace(label=here().t("inbox.waiting"), n=sizes["waiting"], link=url_for("inbox.index", box="waiting"), tone=""),
    ]
    if stopped:
        tiles.append(SimpleNamespace(label=here().t("status.incident"), n=stopped, link="", tone="soon"))
    return tiles


def _load(loads: Sequence[counts.Load], people: Mapping[str, str]) -> list[tuple[str, int, int]]:
    """(person, claimed, late), everybody of the office, also those with nothing."""
    return [(name, sum(one.tasks for one in loads if one.person == id_), sum(one.late for one in loads if one.person == id_)) for id_, name in people.items()]


def _answer_time(answered: Sequence[counts.Answered], mine: str, known: Mapping[str, offices.Office]) -> list[tuple[str, str, str]]:
    """(office, usual days, how many). Another office is shown only where there are enough answers to tell nothing of a single one."""
    rows, least = [], here().program.settings.report_min_cell
    for office in sorted({one.office for one in answered} & known.keys(), key=lambda id_: (id_ != mine, known[id_].name)):
        days = [(one.answered_at - one.sent_at) / timedelta(days=1) for one in answered if one.office == office]
        few = office != mine and len(days) < least
        usual = f"{median(days):.1f}".replace(".", "," if here().lang == "sv" else ".")
        rows.append((known[office].name, "–" if few else here().t("office.days_usual", days=usual), f"<{least}" if few else str(len(days))))
    return rows
